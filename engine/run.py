"""One pass of the program: each resource it registers is compared, judged and, unless previewed, deployed.

Requests come from many threads at once, one per registration; a resource is registered only when all it depends on
is done, so each is worked on where it arrives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from engine.cancellation import Cancellation
from engine.checkpoint import ResourceState, touched
from engine.cluster import Cluster, Clusters
from engine.decision import Decision, decide
from engine.events import Op, Severity, Step
from engine.graph import in_creation_order
from engine.handlers import (
    Context,
    Handler,
    Made,
    StepError,
    WrongInputError,
    outputs_for_program,
)
from engine.kubernetes_objects import KubernetesHandler
from engine.policy import AnalyzedResource, PolicyPack, StackIdentity
from engine.properties import UNKNOWN, Properties, contains_unknown, plain
from engine.providers import default_provider, handler_of
from engine.references import TYPE as STACK_REFERENCE
from engine.references import StackReferences
from engine.registration import Goal
from engine.reporting import Reporter, RunningStep
from engine.state import StackState
from engine.stepping import Stepper, with_secrets
from engine.urns import ROOT_TYPE, label, make_urn, reference, referenced_urn
from kafka_mirror.errors import KafkaMirrorError


class StoppedError(Exception):
    """The run is ending: nothing more is registered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program learns of a resource."""

    urn: str
    id: str
    outputs: Properties


@dataclass(slots=True)
class Problems:
    """Why the run cannot succeed, in the order found."""

    errors: list[KafkaMirrorError] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)
    program: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether there is any on this side; what the program said may follow from it."""
        return bool(self.errors or self.inputs or self.steps or self.bugs)


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
        self.problems = Problems()
        self.outputs: Properties = {}
        self.is_program_broken = False
        self._clusters = clusters
        self._references = references
        self._packs = packs
        self._lock = threading.RLock()
        self._seen: set[str] = set()
        self._new: dict[str, ResourceState] = {}
        self._goals: dict[str, Goal] = {}
        self._replaced_providers: dict[str, ResourceState] = {}
        self._root: Callable[[], None] = lambda: None
        self._is_closed = False

    # What the program asks for.

    def register(self, goal: Goal) -> Answer:
        """Deploy (or preview) a resource.

        Raises:
            StoppedError: If the run is ending.
        """
        self._claim(goal.urn)
        self.reporter.redactor.learn([goal.inputs, goal.replacement_trigger])
        goal = self._inherited(goal)
        if not goal.custom:
            return self._register_component(goal)
        try:
            goal, handler = self._provided(goal)
            return self._register_custom(goal, handler)
        except WrongInputError as error:
            return self._refused(goal, f"{label(goal.urn)}: {error}.")

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
            return self._refused(goal, f"{label(goal.urn)}: {error}.")
        except KafkaMirrorError as error:
            self.refuse(error)
            raise StoppedError from error
        self.reporter.step(Op.READ, urn).done()
        if made is None:
            return self._failed(f"{label(urn)}: there is no '{id_}' on its cluster.")
        self.reporter.redactor.learn([made.outputs])
        self._keep(goal, self._new_state(goal, None, made, external=True))
        return Answer(urn, made.id, outputs_for_program(made.outputs))

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Note the outputs of a component; those of the stack only when the program has ended well."""
        self.reporter.redactor.learn([outputs])
        with self._lock:
            state = self._new.get(urn)
            if state is None:
                return
            state = replace(state, outputs=outputs)
            self._new[urn] = state
        if state.type == ROOT_TYPE:
            self.outputs = outputs
            self._root = lambda: self._store(state)
        else:
            self._store(state)

    def refuse(self, error: KafkaMirrorError) -> None:
        """Note why the run cannot go on, and take no more resources."""
        with self._lock:
            self.problems.errors.append(error)
            self._is_closed = True
        self.cancelled.set()

    def fail(self, bug: Exception) -> None:
        """Note a mistake of the engine itself."""
        with self._lock:
            self.problems.bugs.append(bug)
            self._is_closed = True
        self.cancelled.set()

    def note_failed_step(self, message: str, error: Exception) -> None:
        """Note a step outside the program that failed."""
        with self._lock:
            if isinstance(error, KafkaMirrorError):
                self.problems.errors.append(error)
            else:
                self.problems.steps.append(message)

    def program_error(self, message: str, urn: str) -> None:
        """Note an error the program tells."""
        with self._lock:
            self.problems.program.append(message)
        if not self._is_closed:
            self.reporter.diagnostic(Severity.ERROR, message, urn)

    def note_unserved(self, messages: Sequence[str]) -> None:
        """Note what the program uses that is not served; the preview goes on to find the rest."""
        with self._lock:
            self.problems.inputs.extend(messages)

    # What the operation does around the program.

    def close(self) -> None:
        """Take no more resources."""
        with self._lock:
            self._is_closed = True

    def judge_stack(self) -> None:
        """Ask the packs about all resources together."""
        if not self._packs:
            return
        with self._lock:
            states = list(self._new.values())
        resources = [self._analyzed(state, state.outputs) for state in states]
        for pack in self._packs:
            for violation in pack.analyze_stack(resources):
                self.reporter.violation(violation)

    def record_root(self) -> None:
        """Store the outputs of the stack."""
        self._root()

    def stale(self) -> tuple[ResourceState, ...]:
        """Return the resources that are in the state and no longer in the program."""
        with self._lock:
            return tuple(
                state for urn, state in self.state.resources.items() if urn not in self._seen
            )

    def ordered_steps(self) -> tuple[Step, ...]:
        """Return the steps: those of a preview in an order that does not depend on chance."""
        steps = self.reporter.steps
        if not self.is_preview:
            return tuple(steps)
        with self._lock:
            order = {state.urn: i for i, state in enumerate(in_creation_order(self._new.values()))}
        return tuple(sorted(steps, key=lambda step: order.get(step.urn, len(order))))

    @property
    def seen(self) -> frozenset[str]:
        """The URNs the program has registered."""
        with self._lock:
            return frozenset(self._seen)

    def program_ended(self, *, is_broken: bool, message: str) -> None:
        """Note that the program failed; the message serves if it gave none itself."""
        with self._lock:
            self.is_program_broken = is_broken
            if not self.problems.program:
                self.problems.program.append(message)

    def cluster_of(self, state: ResourceState) -> Cluster:
        """Return the cluster of a resource, as its provider was when it was deployed."""
        urn, _, id_ = state.provider.rpartition("::")
        candidates = [
            self._replaced_providers.get(urn),
            *(old for old in self.state.replaced if old.urn == urn),
            self._new.get(urn),
            self.state.get(urn),
        ]
        found = [candidate for candidate in candidates if candidate is not None]
        exact = [candidate for candidate in found if candidate.id == id_]
        if not found:
            raise StepError(f"{label(state.urn)}: the state has no provider '{urn}' for it")
        return self._clusters.of(plain((exact or found)[-1].inputs))

    # Registration, step by step.

    def _claim(self, urn: str) -> None:
        with self._lock:
            if self._is_closed or self.cancelled.is_set():
                raise StoppedError
            if urn in self._seen:
                self.problems.inputs.append(
                    f"{label(urn)} is declared twice. Give one of them another name."
                )
                self._is_closed = True
                raise StoppedError
            self._seen.add(urn)

    def _inherited(self, goal: Goal) -> Goal:
        parent = self._goals.get(goal.parent)
        if parent is not None:
            goal = replace(
                goal,
                protect=parent.protect if goal.protect is None else goal.protect,
                retain_on_delete=(
                    parent.retain_on_delete
                    if goal.retain_on_delete is None
                    else goal.retain_on_delete
                ),
            )
        with self._lock:
            self._goals[goal.urn] = goal
        return goal

    def _register_component(self, goal: Goal) -> Answer:
        old = self.state.get(goal.urn)
        if goal.type != ROOT_TYPE:
            self._judge(goal, goal.inputs)
        running = self.reporter.step(Op.SAME if old else Op.CREATE, goal.urn)
        made = Made("", old.outputs if old else {})
        self._keep(goal, self._new_state(goal, old, made))
        running.done()
        return Answer(goal.urn, "", goal.inputs)

    def _register_custom(self, goal: Goal, handler: Handler) -> Answer:
        old = self.state.get(goal.urn)
        provider_urn = referenced_urn(goal.provider)
        decision = decide(
            goal, handler, old, provider_is_replaced=provider_urn in self._replaced_providers
        )
        goal = replace(goal, inputs=decision.inputs)
        self.reporter.redactor.learn([decision.inputs])
        self._judge(goal, decision.inputs)
        running = self.reporter.step(
            decision.op, goal.urn, changes=decision.changes, reason=decision.reason
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
            self._replaced_providers[goal.urn] = old
        self._keep(goal, self._new_state(goal, old, made))
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
            running.done("an input is still unknown")
            self._failed(f"{label(goal.urn)}: an input is still unknown.")
        if old is not None and decision.op is Op.SAME:
            made = with_secrets(Made(old.id, old.outputs), goal)
            self._keep(goal, self._new_state(goal, old, made))
            running.done()
            return made
        try:
            made = Stepper(self, goal, handler, running.progress).carry_out(decision, old)
        except (StepError, KafkaMirrorError) as error:
            running.done(str(error))
            self._step_failed(goal, error)
            raise StoppedError from error
        if made.errors:
            running.done("; ".join(made.errors))
            self._step_failed(goal, StepError("; ".join(made.errors)))
            raise StoppedError
        running.done()
        return made

    def _step_failed(self, goal: Goal, error: Exception) -> None:
        with self._lock:
            if isinstance(error, KafkaMirrorError):
                self.problems.errors.append(error)
            elif not (self._is_closed and self.cancelled.is_set()):
                # What is only given up because of an earlier failure is not a failure of its own.
                self.problems.steps.append(f"{label(goal.urn)}: {error}")
            self._is_closed = True
        self.cancelled.set()

    def _failed(self, message: str) -> Answer:
        with self._lock:
            self.problems.steps.append(message)
            self._is_closed = True
        self.cancelled.set()
        raise StoppedError

    def _refused(self, goal: Goal, message: str) -> Answer:
        """Note a mistake in the program; a preview goes on to find the rest."""
        with self._lock:
            self.problems.inputs.append(message)
            if not self.is_preview:
                self._is_closed = True
        if not self.is_preview:
            self.cancelled.set()
            raise StoppedError
        return Answer(goal.urn, "", goal.inputs)

    def _read(self, goal: Goal, handler: Handler, id_: Any) -> Made | None:
        if goal.type == STACK_REFERENCE:
            return Made(str(id_), self._references.read(str(id_)))
        if not isinstance(handler, KubernetesHandler):
            raise WrongInputError(f"{goal.type} cannot be read by this engine")
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
        with self._lock:
            if provider.urn not in self._seen:
                self._seen.add(provider.urn)
                self._register_custom(provider, handler_of(provider.type))
            state = self._new[provider.urn]
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
            cluster=lambda: self.cluster_of(state),
            progress=progress,
            cancelled=self.cancelled,
            timeouts=state.custom_timeouts,
            was_begun=was_begun,
            begin=begin,
        )

    def new_state(self, goal: Goal, old: ResourceState | None, made: Made) -> ResourceState:
        """Return the state that a step has led to, changed now."""
        return touched(self._new_state(goal, old, made), now=datetime.now(UTC))

    def take(self, state: ResourceState) -> None:
        """Note the new state of a resource of this pass."""
        with self._lock:
            self._new[state.urn] = state

    def replace_provider(self, old: ResourceState) -> None:
        """Note that the resources of a provider have to move to its successor."""
        with self._lock:
            self._replaced_providers[old.urn] = old

    def _new_state(
        self, goal: Goal, old: ResourceState | None, made: Made, *, external: bool = False
    ) -> ResourceState:
        return ResourceState(
            urn=goal.urn,
            custom=goal.custom,
            id=made.id,
            inputs=goal.inputs,
            outputs=made.outputs,
            parent=goal.parent,
            protect=bool(goal.protect),
            external=external,
            dependencies=goal.dependencies,
            init_errors=made.errors,
            provider=goal.provider,
            property_dependencies=dict(goal.property_dependencies),
            additional_secret_outputs=goal.additional_secret_outputs,
            custom_timeouts=dict(goal.custom_timeouts),
            retain_on_delete=bool(goal.retain_on_delete),
            ignore_changes=goal.ignore_changes,
            replace_on_changes=goal.replace_on_changes,
            replacement_trigger=goal.replacement_trigger,
            created=old.created if old else "",
            modified=old.modified if old else "",
            other=old.other if old else {},
        )

    def _keep(self, goal: Goal, state: ResourceState) -> None:
        """Note a resource that no cluster was touched for, and store it if it differs."""
        if goal.type == ROOT_TYPE:
            self.outputs = state.outputs
        self.take(state)
        self._store(state)

    def _store(self, state: ResourceState) -> None:
        if self.is_preview or self.state.get(state.urn) == state:
            return
        self.state.end(None, put=[touched(state, now=datetime.now(UTC))])

    # Policies.

    def _judge(self, goal: Goal, inputs: Properties) -> None:
        if not self._packs:
            return
        resource = self._analyzed(self._new_state(goal, None, Made("", {})), inputs)
        mandatory = False
        for pack in self._packs:
            for violation in pack.analyze(resource):
                self.reporter.violation(violation)
                mandatory = mandatory or violation.is_mandatory
        if mandatory and not self.is_preview:
            self.close()
            self.cancelled.set()
            raise StoppedError

    def _analyzed(self, state: ResourceState, properties: Properties) -> AnalyzedResource:
        provider = self._new.get(referenced_urn(state.provider)) if state.provider else None
        goal = self._goals.get(state.urn)
        return AnalyzedResource(
            urn=state.urn,
            type=state.type,
            name=state.name,
            properties=properties,
            parent=state.parent,
            protect=state.protect,
            dependencies=state.dependencies,
            property_dependencies=state.property_dependencies,
            ignore_changes=state.ignore_changes,
            additional_secret_outputs=state.additional_secret_outputs,
            delete_before_replace=goal.delete_before_replace if goal else None,
            custom_timeouts=state.custom_timeouts,
            provider=None if provider is None else self._analyzed(provider, provider.inputs),
        )
