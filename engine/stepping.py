"""Carrying out one decision, recorded so that a kill at any moment loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from engine.checkpoint import ResourceState
from engine.decision import Decision
from engine.events import Op
from engine.handlers import Context, Handler, Made, StepError
from engine.registration import Goal
from engine.resulting import with_secrets
from engine.stack_state import StackState


class Deployer(Protocol):
    """What a step needs of the run it belongs to."""

    state: StackState

    def context(
        self,
        state: ResourceState,
        progress: Callable[[str], None],
        *,
        was_begun: bool = False,
        begin: Callable[[], None] = ...,
    ) -> Context:
        """Return what a step on a resource may use."""

    def new_state(self, goal: Goal, old: ResourceState | None, made: Made) -> ResourceState:
        """Return the state that a step has led to."""

    def take(self, state: ResourceState) -> None:
        """Note the new state of a resource."""

    def replace_provider(self, old: ResourceState) -> None:
        """Note that the resources of a provider have to move to its successor."""


class Stepper:
    """One decision being carried out."""

    def __init__(
        self, run: Deployer, goal: Goal, handler: Handler, progress: Callable[[str], None]
    ) -> None:
        self._run = run
        self._goal = goal
        self._handler = handler
        self._progress = progress
        self._number: int | None = None

    def carry_out(self, decision: Decision, old: ResourceState | None) -> Made:
        """Do it.

        Raises:
            StepError: If nothing came of it.
        """
        if decision.op is Op.REPLACE and old is not None:
            return self._replace(decision, old)
        if decision.op is Op.UPDATE and old is not None:
            return self._change(
                "updating",
                old,
                lambda context: self._handler.update(old, decision.inputs, context),
            )
        return self._create(decision)

    def _create(self, decision: Decision) -> Made:
        urn = self._goal.urn
        was_begun = any(item.resource.urn == urn for item in self._run.state.pending)
        made = self._change(
            "creating",
            None,
            lambda context: self._handler.create(decision.inputs, context),
            was_begun=was_begun,
        )
        if was_begun:
            self._run.state.record_settled(urn)
        return made

    def _replace(self, decision: Decision, old: ResourceState) -> Made:
        if self._goal.is_provider:
            # Its resources still need it to be taken out of the old cluster.
            self._run.state.end(None, put=[replace(old, delete=True)])
            self._run.replace_provider(old)
        elif self._handler.deletes_before_replace:
            gone = replace(old, pending_replacement=True)
            delete_one(self._run, self._handler, old, self._progress, put=(gone,))
        return self._create(decision)

    def _change(
        self,
        type_: str,
        old: ResourceState | None,
        act: Callable[[Context], Made],
        *,
        was_begun: bool = False,
    ) -> Made:
        """Do something to a cluster between the two records of it."""
        run, goal = self._run, self._goal
        planned = run.new_state(goal, old, Made(old.id if old else "", old.outputs if old else {}))

        def begin() -> None:
            self._number = run.state.begin(type_, planned)

        context = run.context(planned, self._progress, was_begun=was_begun, begin=begin)
        try:
            made = with_secrets(act(context), goal)
        except StepError as error:
            if self._number is not None and error.is_settled:
                run.state.end(self._number)
            raise
        state = run.new_state(goal, old, made)
        run.take(state)
        run.state.end(self._number, put=[state])
        return made


def delete_one(
    run: Deployer,
    handler: Handler,
    old: ResourceState,
    progress: Callable[[str], None],
    *,
    put: tuple[ResourceState, ...] = (),
) -> None:
    """Take a resource away and record it.

    Args:
        run: The run it belongs to.
        handler: The handler of its kind.
        old: The resource.
        progress: Tells what is waited for.
        put: What is recorded in its place, for one that is about to be replaced.

    Raises:
        StepError: If it is still there.
    """
    drop = () if put else (old.urn,)
    number: list[int] = []
    if old.retain_on_delete:
        run.state.end(None, put=put, drop=drop)
        return
    context = run.context(
        old, progress, begin=lambda: number.append(run.state.begin("deleting", old))
    )
    try:
        handler.delete(old, context)
    except StepError:
        if number:
            run.state.end(number[0])
        raise
    run.state.end(number[0] if number else None, put=put, drop=drop)
