"""The state that follows from what the program wants and what a step has made."""

from __future__ import annotations

from dataclasses import replace

from engine.checkpoint import ResourceState
from engine.handlers import Made
from engine.properties import as_secret
from engine.registration import Goal


def resulting_state(
    goal: Goal, old: ResourceState | None, made: Made, *, external: bool = False
) -> ResourceState:
    """Return the state of a resource; its times are those of the old one."""
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


def inherited(goal: Goal, parent: Goal | None) -> Goal:
    """Return the goal with what it takes from its parent where it says nothing itself."""
    if parent is None:
        return goal
    return replace(
        goal,
        protect=parent.protect if goal.protect is None else goal.protect,
        retain_on_delete=(
            parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
        ),
    )


def with_secrets(made: Made, goal: Goal) -> Made:
    """Mark the outputs that the program declared to be secret."""
    keys = set(goal.additional_secret_outputs) & made.outputs.keys()
    if not keys:
        return made
    outputs = {
        key: as_secret(value) if key in keys else value for key, value in made.outputs.items()
    }
    return replace(made, outputs=outputs)
