"""What has to be done to a resource: its last state against what the program wants now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.checkpoint import ResourceState
from engine.diff import PropertyChange, changes_between, is_same, keep_old, touches
from engine.events import Op
from engine.handlers import Handler, WrongInputError
from engine.properties import Properties, contains_unknown
from engine.registration import Goal
from engine.urns import referenced_urn


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, with which inputs, and why."""

    op: Op
    inputs: Properties
    changes: tuple[PropertyChange, ...] = ()
    reason: str = ""


def decide(
    goal: Goal, handler: Handler, old: ResourceState | None, *, provider_is_replaced: bool
) -> Decision:
    """Compare a resource with its last state.

    Raises:
        WrongInputError: If the inputs cannot be used, or the resource is protected and would be replaced.
    """
    if old is None or old.external:
        return Decision(Op.CREATE, handler.check(goal))
    if old.pending_replacement:
        return Decision(Op.CREATE, handler.check(goal), reason="its replacement was interrupted")
    inputs = handler.check(
        replace(goal, inputs=keep_old(old.inputs, goal.inputs, goal.ignore_changes))
    )
    changes = changes_between(old.inputs, inputs)
    reason = _replacement_reason(
        goal, handler, old, inputs, changes, provider_is_replaced=provider_is_replaced
    )
    if reason:
        if old.protect:
            raise WrongInputError(
                f"it is protected and would be replaced ({reason}). "
                "Set protect to false and deploy that first"
            )
        # What ignore_changes kept belongs to the old one.
        fresh = handler.check(goal)
        return Decision(Op.REPLACE, fresh, changes_between(old.inputs, fresh), reason)
    if changes:
        return Decision(Op.UPDATE, inputs, changes)
    if old.init_errors:
        return Decision(Op.UPDATE, inputs, reason="the last step on it did not end well")
    return Decision(Op.SAME, inputs)


def _replacement_reason(
    goal: Goal,
    handler: Handler,
    old: ResourceState,
    inputs: Properties,
    changes: tuple[PropertyChange, ...],
    *,
    provider_is_replaced: bool,
) -> str:
    changed = [change.path for change in changes]
    fixed = [path for path in changed if touches([path], handler.replaces_on)]
    reasons = (
        (_is_triggered(old, goal), "its replacement trigger changed"),
        (provider_is_replaced, "its provider is replaced"),
        (_moved(old.provider, goal.provider), "it has another provider"),
        (touches(changed, goal.replace_on_changes), "replace_on_changes"),
        (bool(fixed), f"{', '.join(fixed)} cannot be changed in place"),
        (bool(changes) and handler.requires_replacement(old, inputs), "it cannot change in place"),
    )
    return next((reason for applies, reason in reasons if applies), "")


def _is_triggered(old: ResourceState, goal: Goal) -> bool:
    before, after = old.replacement_trigger, goal.replacement_trigger
    if contains_unknown(before) or contains_unknown(after):
        return True
    return before is not None and after is not None and not is_same(before, after)


def _moved(old_provider: str, new_provider: str) -> bool:
    both = bool(old_provider and new_provider)
    return both and referenced_urn(old_provider) != referenced_urn(new_provider)
