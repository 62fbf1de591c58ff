"""One pass of the program: each resource it registers is compared, judged and, unless previewed, deployed.

Requests come from many threads at once, one per registration; a resource is registered only when all it depends on
is done, so each is worked on where it arrives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from engine.cancellation import Cancellation
from engine.checkpoint import ResourceState, touched
from engine.cluster import Clusters
from engine.decision import Decision, decide
from engine.ending import Ending, StoppedError
from engine.events import Op, Step
from engine.graph import in_creation_order
from engine.handlers import (
    Context,
    Handler,
    Made,
    StepError,
    WrongInputError,
    outputs_for_program,
)
from engine.judging import Judge
from engine.kubernetes_objects import KubernetesHandler
from engine.ownership import Ownership
from engine.policy import PolicyPack, StackIdentity
from engine.properties import UNKNOWN, Properties, contains_unknown
from engine.providers import default_provider, handler_of
from engine.references import TYPE as STACK_REFERENCE
from engine.references import StackReferences
from engine.registered import Registered
from engine.registration import Goal
from engine.reporting import Reporter, RunningStep
from engine.resource_clusters import ResourceClusters
from engine.resulting import resulting_state, with_secrets
from engine.stack_state import StackState
from engine.stepping import Stepper
from engine.urns import ROOT_TYPE, label, make_urn, reference, referenced_urn
from kafka_mirror.errors import KafkaMirrorError


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program learns of a resource."""

    urn: str
    id: str
    outputs: Properties


class Run:
    """The resources of one pass."""

    def __init__(
        self,
        identity: StackIdentity,
        state: StackState,
        *,
        is_preview: bool,
        clusters: Clusters,
        references: StackReferences,
        packs: Sequence[PolicyPack],
        reporter: Reporter,
        cancelled: Cancellation,
    ) -> None:
        self.identity = identity
        self.state = state
        self.is_preview = is_preview
        self.reporter = reporter
        self.cancelled = cancelled
        self.ending = Ending(cancelled, is_preview=is_preview)
        self.outputs: Properties = {}
        self._references = references
        self._ownership = Ownership(state.resources.values())
        self._registered = Registered()
        self._clusters = ResourceClusters(clusters, state, self._registered, cancelled)
        self._judge = Judge(packs, reporter, provider_of=self._registered.get)
        self._providing = threading.RLock()
        self._root: Callable[[], None] = lambda: None

    # What the program asks for.

    def register(self, goal: Goal) -> Answer:
        """Deploy (or preview) a resource.

        Raises:
            StoppedError: If the run is ending.
        """
        self._claim(goal.urn)
        self.reporter.redactor.learn([goal.inputs, goal.replacement_trigger])
        goal = self._registered.inherited(goal)
        if not goal.custom:
            return self._register_component(goal)
        try:
            goal, handler = self._provided(goal)
            return self._register_custom(goal, handler)
        except WrongInputError as error:
            return self._refused(goal, error)

    def read(
        self, *, type_: str, name: str, parent: str, id_: Any, provider: str, inputs: Properties
    ) -> Answer:
        """Read a resource that is not ours.

        Raises:
            StoppedError: If the run is ending.
        """
        urn = make_urn(
            project=self.identity.project,
            stack=self.identity.stack,
            parent=parent,
            type_=type_,
            name=name,
        )
        self._claim(urn)
        goal = Goal(
            urn=urn,
            type=type_,
            name=name,
            custom=True,
            parent=parent,
            inputs=inputs,
            provider=provider,
        )
        try:
            goal, handler = self._provided(goal)
            made = self._read(goal, handler, id_)
        except WrongInputError as error:
            return self._refused(goal, error)
        except KafkaMirrorError as error:
            self.ending.refuse(error)
            raise StoppedError from error
        self.reporter.step(Op.READ, urn).done()
        if made is None:
            missing = StepError(f"there is no '{id_}' on its cluster.")
            self.ending.step_failed(f"{label(urn)}: {missing}", missing)
        self.reporter.redactor.learn([made.outputs])
        old = self.state.get(urn)
        read_before = old if old is not None and old.external else None
        self._keep(goal, resulting_state(goal, read_before, made, external=True))
        return Answer(urn, made.id, outputs_for_program(made.outputs))

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Note the outputs of a component; those of the stack only when the program has ended well."""
        self.reporter.redactor.learn([outputs])
        state = self._registered.with_outputs(urn, outputs)
        if state is None:
            return
        if state.type == ROOT_TYPE:
            self.outputs = outputs
            self._root = lambda: self._store(state)
        else:
            self._store(state)

    # What the operation does around the program.

    def judge_stack(self) -> None:
        """Ask the packs about all resources together."""
        self._judge.judge_stack(self._registered.states())

    def record_root(self) -> None:
        """Store the outputs of the stack."""
        self._root()

    def stale(self) -> tuple[ResourceState, ...]:
        """Return the resources that are in the state and no longer in the program."""
        seen = self.seen
        return tuple(state for urn, state in self.state.resources.items() if urn not in seen)

    def ordered_steps(self) -> tuple[Step, ...]:
        """Return the steps: those of a preview in an order that does not depend on chance."""
        steps = self.reporter.steps
        if not self.is_preview:
            return tuple(steps)
        states = in_creation_order(self._registered.states())
        order = {state.urn: i for i, state in enumerate(states)}
        return tuple(sorted(steps, key=lambda step: order.get(step.urn, len(order))))

    @property
    def seen(self) -> frozenset[str]:
        """The URNs the program has registered."""
        return self._registered.seen

    # Registration, step by step.

    def _claim(self, urn: str) -> None:
        if self.ending.is_closed:
            raise StoppedError
        if not self._registered.claim(urn):
            message = f"{label(urn)} is declared twice. Give one of them another name."
            self.ending.note_unserved([message])
            self.ending.stop()

    def _register_component(self, goal: Goal) -> Answer:
        old = self.state.get(goal.urn)
        if goal.type != ROOT_TYPE:
            self._require_approval(goal)
        running = self.reporter.step(Op.SAME if old else Op.CREATE, goal.urn)
        made = Made("", old.outputs if old else {})
        self._keep(goal, resulting_state(goal, old, made))
        running.done()
        return Answer(goal.urn, "", goal.inputs)

    def _register_custom(self, goal: Goal, handler: Handler) -> Answer:
        old = self.state.get(goal.urn)
        is_moved = self._clusters.is_replaced(referenced_urn(goal.provider))
        decision = decide(goal, handler, old, provider_is_replaced=is_moved)
        goal = replace(goal, inputs=decision.inputs)
        self._require_free_object(goal, handler, decision)
        self.reporter.redactor.learn([decision.inputs])
        self._require_approval(goal)
        running = self.reporter.step(
            decision.op,
            goal.urn,
            changes=decision.changes,
            reason=decision.reason,
            before=old.inputs if old else None,
            after=decision.inputs,
        )
        if self.is_preview:
            made = self._previewed(goal, handler, old, decision)
            running.done()
        else:
            made = self._deployed(goal, handler, old, decision, running)
        self.reporter.redactor.learn([made.outputs])
        return Answer(goal.urn, made.id, outputs_for_program(made.outputs))

    def _previewed(
        self, goal: Goal, handler: Handler, old: ResourceState | None, decision: Decision
    ) -> Made:
        if old is not None and decision.op is Op.SAME:
            made = Made(old.id, old.outputs)
        else:
            kept = old if decision.op is Op.UPDATE else None
            made = handler.preview(decision.inputs, kept)
        made = with_secrets(made, goal)
        if old is not None and decision.op is Op.REPLACE and goal.is_provider:
            self.replace_provider(old)
        self._keep(goal, resulting_state(goal, old, made))
        return made

    def _deployed(
        self,
        goal: Goal,
        handler: Handler,
        old: ResourceState | None,
        decision: Decision,
        running: RunningStep,
    ) -> Made:
        """Carry a decision out and record it."""
        if contains_unknown(decision.inputs):
            self._step_failed(goal, running, StepError("an input is still unknown"))
        if old is not None and decision.op is Op.SAME:
            made = with_secrets(Made(old.id, old.outputs), goal)
            self._keep(goal, resulting_state(goal, old, made))
            running.done()
            return made
        try:
            made = Stepper(self, goal, handler, running.progress).carry_out(decision, old)
        except (StepError, KafkaMirrorError) as error:
            self._step_failed(goal, running, error)
        if made.errors:
            self._step_failed(goal, running, StepError("; ".join(made.errors)))
        running.done()
        return made

    def _step_failed(self, goal: Goal, running: RunningStep, error: Exception) -> NoReturn:
        running.done(str(error))
        self.ending.step_failed(f"{label(goal.urn)}: {error}", error)

    def _refused(self, goal: Goal, error: WrongInputError) -> Answer:
        """Note a mistake in the program; a preview goes on to find the rest."""
        self.ending.note_input(f"{label(goal.urn)}: {error}.")
        return Answer(goal.urn, "", goal.inputs)

    def _require_free_object(self, goal: Goal, handler: Handler, decision: Decision) -> None:
        """Refuse to make an object that the stack still has as another resource."""
        if decision.op is not Op.CREATE or not isinstance(handler, KubernetesHandler):
            return
        owner = self._ownership.other_owner(goal.urn, goal.provider, decision.inputs)
        if owner is not None:
            raise WrongInputError(
                f"its object is in this stack as {owner}. With another name, parent or API version it is "
                "another resource, and 'aliases' are not served: take the old one away first, or keep it"
            )

    def _require_approval(self, goal: Goal) -> None:
        """Ask the packs; in a preview a refusal is noted and the rest is looked at too."""
        state = resulting_state(goal, None, Made("", {}))
        if not self._judge.judge(goal, state) and not self.is_preview:
            self.ending.stop()

    def _read(self, goal: Goal, handler: Handler, id_: Any) -> Made | None:
        if goal.type == STACK_REFERENCE:
            return Made(str(id_), self._references.read(str(id_)))
        if not isinstance(handler, KubernetesHandler):
            raise WrongInputError(f"{goal.type} cannot be read by this engine")
        if id_ is not UNKNOWN:
            handler.check_read(id_, goal.inputs)
        old = self.state.get(goal.urn)
        if id_ is UNKNOWN or self.is_preview:
            # No cluster is asked during a preview: what was read last stands in.
            if old is not None and old.external and old.id == id_:
                return Made(old.id, old.outputs)
            return Made("" if id_ is UNKNOWN else id_, {})
        wanted = ResourceState(
            urn=goal.urn, custom=True, id=id_, external=True, provider=goal.provider
        )
        return handler.read(wanted, self.context(wanted, lambda _: None))

    # Providers.

    def _provided(self, goal: Goal) -> tuple[Goal, Handler]:
        """Find the handler of a resource, and its provider where the program names none."""
        handler = handler_of(goal.type)
        if goal.is_provider or goal.provider:
            return goal, handler
        provider = default_provider(
            goal,
            self.identity.configuration.values,
            project=self.identity.project,
            stack=self.identity.stack,
        )
        with self._providing:
            # One that was refused is not there, and is refused again: each resource is told with it.
            state = self._registered.get(provider.urn)
            if state is None:
                self._registered.claim(provider.urn)
                answer = self._register_custom(provider, handler_of(provider.type))
                return replace(goal, provider=reference(answer.urn, answer.id)), handler
        return replace(goal, provider=reference(state.urn, state.id)), handler

    # State.

    def context(
        self,
        state: ResourceState,
        progress: Callable[[str], None],
        *,
        was_begun: bool = False,
        begin: Callable[[], None] = lambda: None,
    ) -> Context:
        """Return what a step on a resource may use."""
        return Context(
            cluster=lambda: self._clusters.of(state, progress),
            progress=progress,
            cancelled=self.cancelled,
            timeouts=state.custom_timeouts,
            was_begun=was_begun,
            begin=begin,
        )

    def new_state(self, goal: Goal, old: ResourceState | None, made: Made) -> ResourceState:
        """Return the state that a step has led to, changed now."""
        return touched(resulting_state(goal, old, made), now=datetime.now(UTC))

    def take(self, state: ResourceState) -> None:
        """Note the new state of a resource of this pass."""
        self._registered.take(state)

    def replace_provider(self, old: ResourceState) -> None:
        """Note that the resources of a provider have to move to its successor."""
        self._clusters.replace_provider(old)

    def _keep(self, goal: Goal, state: ResourceState) -> None:
        """Note a resource that no cluster was touched for, and store it if it differs."""
        if goal.type == ROOT_TYPE:
            self.outputs = state.outputs
        self.take(state)
        self._store(state)

    def _store(self, state: ResourceState) -> None:
        if self.is_preview or self.state.get(state.urn) == state:
            return
        # What is only read was neither created nor modified here.
        kept = state if state.external else touched(state, now=datetime.now(UTC))
        self.state.end(None, put=[kept])
