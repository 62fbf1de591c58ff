"""Real MirrorMaker 2 with exactly the planned rights does all of its work; with one right less, something named is missing.

What breaks without which right was first measured one by one on Kafka 4.3.1; here every flow of every trial runs at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.rights.conftest import Pair
from tests.lab.rights.mirroring import (
    CHECKPOINTS,
    GROUPS,
    PARTITIONS,
    RECORDS,
    RESTART,
    SETTINGS,
    WORK,
    Flows,
)
from tests.lab.rights.trials import Location, Missing, Naming, Trial, removals

pytestmark = pytest.mark.lab

TABLE = "Least rights: what breaks with one access rule less"
WITHIN, EVERY = timedelta(minutes=10), timedelta(seconds=0.5)
FIRST = frozenset({RECORDS, CHECKPOINTS, GROUPS})
STORM = "READ on the offset syncs topic"
LOST: dict[Missing, frozenset[str]] = {
    Missing(role, what, operation): frozenset(lost)
    for role, what, operation, lost in [
        ("mirror-source", "the topic", "READ", WORK),
        ("mirror-source", "the topic", "DESCRIBE_CONFIGS", WORK),
        ("mirror-source", "the group", "DESCRIBE", {CHECKPOINTS, GROUPS}),
        ("mirror-target", "the mirrored topic", "CREATE", WORK),
        ("mirror-target", "the mirrored topic", "WRITE", {RECORDS, CHECKPOINTS, GROUPS}),
        ("mirror-target", "the mirrored topic", "READ", {GROUPS}),
        ("mirror-target", "the mirrored topic", "ALTER", {PARTITIONS}),
        ("mirror-target", "the mirrored topic", "ALTER_CONFIGS", {SETTINGS}),
        ("mirror-target", "the checkpoints topic", "CREATE", {CHECKPOINTS}),
        ("mirror-target", "the checkpoints topic", "WRITE", {CHECKPOINTS}),
        ("mirror-target", "the checkpoints topic", "READ", {RESTART}),
        ("mirror-target", "the group", "READ", {GROUPS}),
        *(
            (role, "the offset syncs topic", operation, {CHECKPOINTS, GROUPS})
            for role in ("mirror-source", "mirror-target")
            for operation in ("CREATE", "READ", "WRITE")
        ),
    ]
}
"""What is missing in the end; the worker's own topics and group are another test's."""

UNSURE = {
    **{
        Missing("mirror-target", "the checkpoints topic", operation): frozenset({GROUPS})
        for operation in ("CREATE", "WRITE")
    },
    Missing("mirror-target", "the checkpoints topic", "READ"): frozenset({RESTART}),
}
"""What may go on for a while. Group offsets may be synced a few times before the first checkpoint is refused and the task stands
still or fails. A task that starts anew and cannot read its checkpoints has only the newest offset sync to go by
(KAFKA-15905): whether a group that stands still is synced again depends on where that one is.
"""


def trials_of(naming: Naming, location: Location) -> list[Trial]:
    """Return a flow with all of its rights, and one for each right that it may lack."""
    short = f"{naming[0]}{location[0]}"
    whole = Trial(f"{short}0", naming, location)
    lacking = [
        one
        for one in removals(whole, ("mirror-source", "mirror-target"))
        if "worker" not in one.what
    ]
    # One that asks again at once, without a pause, comes last: it takes a core from the others.
    lacking.sort(key=lambda one: str(one).endswith(STORM))
    lacks = (Trial(f"{short}{n}", naming, location, one) for n, one in enumerate(lacking, start=1))
    return [whole, *lacks]


@pytest.mark.parametrize(
    ("naming", "location"),
    [
        ("identity", "target"),
        pytest.param("prefix", "target", marks=pytest.mark.soak),
        pytest.param("identity", "source", marks=pytest.mark.soak),
        pytest.param("prefix", "source", marks=pytest.mark.soak),
    ],
)
def test_a_flow_needs_every_right_it_has_and_no_other(
    pair: Pair, figures: Figures, naming: Naming, location: Location
) -> None:
    flows = Flows(pair, trials_of(naming, location), f"worker-{naming}-{location}")
    whole = flows.trials[0]
    restarted = [one for one in flows.trials if RESTART in lost_by(one)]
    try:
        flows.prepare()
        flows.start()
        wait_for(flows, {one: able(one, FIRST) for one in flows.trials})
        for trial in (whole, *restarted):
            flows.forget_group(trial)
        flows.change()
        kept = {one: able(one, WORK) for one in flows.trials}
        done = wait_for(flows, {**kept, **{one: kept[one] - {GROUPS} for one in restarted}})
    finally:
        flows.stop()

    told = {**pair.source.refusals(), **pair.target.refusals()}
    refused = {user: {one.request for one in refusals} for user, refusals in told.items()}
    for trial in flows.trials:
        lost = WORK - done[trial]
        if trial in restarted:
            lost = frozenset(RESTART if one == GROUPS else one for one in lost)
        assert lost - unsure_of(trial) == lost_by(trial) - unsure_of(trial), trial
        if trial.missing:
            figures(
                TABLE,
                role=trial.missing.role,
                naming=naming,
                **{"offset syncs at": location},
                without=f"{trial.missing.operation} on {trial.missing.what}",
                lost=", ".join(sorted(lost)),
                refused=", ".join(sorted(refused.get(trial.user(trial.missing.role), ()))),
            )
    assert not {user for user in refused if user.endswith(f"-{whole.name}")}


def lost_by(trial: Trial) -> frozenset[str]:
    return LOST[trial.missing] if trial.missing else frozenset()


def unsure_of(trial: Trial) -> frozenset[str]:
    return UNSURE.get(trial.missing, frozenset()) if trial.missing else frozenset()


def able(trial: Trial, work: frozenset[str]) -> frozenset[str]:
    """Return what a trial is sure to do of some work."""
    return work - lost_by(trial) - unsure_of(trial)


def wait_for(flows: Flows, wanted: dict[Trial, frozenset[str]]) -> Mapping[Trial, frozenset[str]]:
    """Wait until every trial has done what is wanted of it, and return all that each has done."""
    outstanding: dict[str, list[str]] = {}
    done: dict[Trial, frozenset[str]] = {}

    def is_done() -> bool:
        found = flows.done_by_now()
        if found is None:
            return False
        done.update(found)
        outstanding.clear()
        for trial, work in wanted.items():
            if left := work - done[trial]:
                outstanding[f"{trial.name} without {trial.missing}"] = sorted(left)
        return not outstanding

    assert wait_until(is_done, within=WITHIN, every=EVERY), outstanding
    return done
