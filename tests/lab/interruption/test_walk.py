"""kill -9 of every part at the stages of up and destroy: the next command converges, with no manual step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

import pytest

from tests.figures import Figures
from tests.lab.interruption.stages import Moment, Stage
from tests.lab.interruption.victims import Victim
from tests.lab.interruption.walking import Walked, Walker

pytestmark = pytest.mark.lab

KINDS = (
    "Namespace",
    "KafkaNodePool",
    "Kafka",
    "Secret",
    "KafkaUser",
    "KafkaMirrorMaker2",
)
# Where in an operation a process is there to be killed; the others always are.
_ALIVE: Mapping[tuple[str, Victim], frozenset[Stage]] = {
    ("up", Victim.BROKER): frozenset(
        {
            Stage("Kafka", Moment.STARTED),
            Stage("Kafka", Moment.DONE),
            Stage("KafkaUser", Moment.STARTED),
            Stage("KafkaUser", Moment.DONE),
            Stage("KafkaMirrorMaker2", Moment.STARTED),
            Stage("KafkaMirrorMaker2", Moment.DONE),
        }
    ),
    ("up", Victim.WORKER): frozenset(Stage("KafkaMirrorMaker2", moment) for moment in Moment),
    ("destroy", Victim.BROKER): frozenset(
        {
            Stage("KafkaMirrorMaker2", Moment.STARTED),
            Stage("KafkaMirrorMaker2", Moment.DONE),
            Stage("KafkaUser", Moment.STARTED),
            Stage("KafkaUser", Moment.DONE),
            Stage("Secret", Moment.STARTED),
            Stage("Kafka", Moment.STARTED),
        }
    ),
    ("destroy", Victim.WORKER): frozenset({Stage("KafkaMirrorMaker2", Moment.STARTED)}),
}


def _pairs() -> Iterator[Any]:
    """Yield every operation with every victim and stage; by turns up and destroy, each of which prepares the other."""
    by_turns = zip_longest(_pairs_of("up"), _pairs_of("destroy"))
    yield from (one for pair in by_turns for one in pair if one is not None)


def _pairs_of(operation: str) -> Iterator[Any]:
    for victim in Victim:
        for stage in (Stage(kind, moment) for kind in KINDS for moment in Moment):
            if stage in _ALIVE.get((operation, victim), {stage}):
                name = f"{operation}: {victim} at {stage}"
                yield pytest.param(operation, victim, stage, id=name)


def _noted(figures: Figures, operation: str, kills: Mapping[Stage, Victim], walked: Walked) -> None:
    figures(
        "Killed with SIGKILL in an operation, and the same command again",
        operation=operation,
        killed="; ".join(f"{victim} at {stage}" for stage, victim in kills.items()),
        **{
            "came to its end": "no" if walked.message else "yes",
            "took (s)": f"{walked.interrupted.total_seconds():.1f}",
            "next command (s)": f"{walked.until_converged.total_seconds():.1f}",
        },
    )


@pytest.mark.parametrize(
    ("operation", "kills"),
    [
        pytest.param("up", {Stage("KafkaUser", Moment.STARTED): Victim.ENGINE}, id="up: engine"),
        pytest.param(
            "destroy", {Stage("KafkaUser", Moment.STARTED): Victim.ENGINE}, id="destroy: engine"
        ),
        pytest.param(
            "up",
            {
                Stage("Namespace", Moment.DONE): Victim.API_SERVER,
                Stage("Kafka", Moment.DONE): Victim.BROKER,
                Stage("KafkaUser", Moment.DONE): Victim.OPERATOR,
                Stage("KafkaMirrorMaker2", Moment.STARTED): Victim.WORKER,
            },
            id="up: API server, broker, operator and worker",
        ),
        pytest.param(
            "destroy",
            {
                Stage("KafkaMirrorMaker2", Moment.STARTED): Victim.WORKER,
                Stage("KafkaMirrorMaker2", Moment.DONE): Victim.API_SERVER,
                Stage("KafkaUser", Moment.STARTED): Victim.BROKER,
                Stage("Kafka", Moment.STARTED): Victim.OPERATOR,
            },
            id="destroy: worker, API server, broker and operator",
        ),
    ],
)
def test_whatever_is_killed_the_next_command_converges(
    walker: Walker, figures: Figures, operation: str, kills: Mapping[Stage, Victim]
) -> None:
    walker.ensure(is_deployed=operation == "destroy")
    walked = walker.walk(operation, kills)
    _noted(figures, operation, kills, walked)


@pytest.mark.soak
@pytest.mark.parametrize(("operation", "victim", "stage"), list(_pairs()))
def test_each_part_killed_at_each_stage(
    walker: Walker, figures: Figures, operation: str, victim: Victim, stage: Stage
) -> None:
    walker.ensure(is_deployed=operation == "destroy")
    walked = walker.walk(operation, {stage: victim})
    _noted(figures, operation, {stage: victim}, walked)
