"""A real Connect worker with exactly the planned rights keeps its work; with one right less on its own topics or group, it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from kafka_mirror.mirrormaker import internal_topics
from lab.operator.connect_rest import ConnectRestError
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.rights.conftest import Pair
from tests.lab.rights.mirroring import RECORDS, Flows
from tests.lab.rights.trials import Missing, Trial

pytestmark = pytest.mark.lab

TABLE = "Least rights: what breaks with one access rule less"
WITHIN, EVERY = timedelta(minutes=5), timedelta(seconds=0.5)
ENDS = "the worker: it ends"
IDLE = "the worker: it takes no connector"
DEAF = "stored positions: they cannot be asked for"
FORGETFUL = "stored positions: a restart mirrors everything again"
UNSEEN = "the connectors' states"
LOST = {
    ("the worker's group", "READ"): ENDS,
    ("the worker's configs topic", "CREATE"): ENDS,
    ("the worker's offsets topic", "CREATE"): ENDS,
    ("the worker's status topic", "CREATE"): ENDS,
    ("the worker's configs topic", "READ"): IDLE,
    ("the worker's configs topic", "WRITE"): IDLE,
    ("the worker's offsets topic", "READ"): DEAF,
    ("the worker's offsets topic", "WRITE"): FORGETFUL,
    ("the worker's status topic", "READ"): UNSEEN,
    ("the worker's status topic", "WRITE"): UNSEEN,
}
SHORT = ("the worker's group", "READ")


def is_ended(flows: Flows) -> bool:
    return not flows.is_running()


def is_idle(flows: Flows) -> bool:
    (trial,) = flows.trials
    connector = flows.connectors(trial)[0]
    assert trial.missing is not None
    try:
        flows.rest.create(connector.name, connector.config, None)
    except ConnectRestError:
        topic = trial.flow.names.config_topic
        return was_refused(flows, trial.missing.operation, topic) and flows.is_running()
    return False


def is_deaf(flows: Flows) -> bool:
    try:
        flows.rest.offsets(source_of(flows))
    except ConnectRestError:
        return is_mirroring(flows)
    return False


def is_forgetful(flows: Flows) -> bool:
    is_refused = was_refused(flows, "WRITE", flows.trials[0].flow.names.offset_topic)
    return is_mirroring(flows) and is_refused and not has_positions(flows)


def is_unseen(flows: Flows) -> bool:
    return is_mirroring(flows) and flows.rest.status(source_of(flows)) is None


def is_mirroring(flows: Flows) -> bool:
    return RECORDS in (flows.done_by_now() or {}).get(flows.trials[0], ())


def has_positions(flows: Flows) -> bool:
    return bool(flows.rest.offsets(source_of(flows))["offsets"])


def was_refused(flows: Flows, operation: str, topic: str) -> bool:
    refusals = flows.pair.target.refusals().get(flows.trials[0].user("mirror-target"), set())
    return any((one.operation, one.topic) == (operation, topic) for one in refusals)


def source_of(flows: Flows) -> str:
    trial = flows.trials[0]
    return internal_topics.source_connector(trial.source, trial.target)


FELT: dict[str, Callable[[Flows], bool]] = {
    ENDS: is_ended,
    IDLE: is_idle,
    DEAF: is_deaf,
    FORGETFUL: is_forgetful,
    UNSEEN: is_unseen,
}


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param(one, marks=[] if one == SHORT else [pytest.mark.soak], id=" ".join(one))
        for one in LOST
    ],
)
def test_a_worker_needs_every_right_it_has(
    pair: Pair, figures: Figures, lacking: tuple[str, str]
) -> None:
    missing, number = Missing("mirror-target", *lacking), list(LOST).index(lacking)
    lost, trial = LOST[lacking], Trial(f"w{number}", "identity", missing=missing)
    flows = Flows(pair, [trial], f"worker-{number}")
    try:
        flows.prepare()
        flows.start_worker()
        if lost not in {ENDS, IDLE}:
            flows.create_connectors()
        assert wait_until(lambda: FELT[lost](flows), within=WITHIN, every=EVERY)
    finally:
        flows.stop()
    figures(
        TABLE,
        role=missing.role,
        naming="any",
        **{"offset syncs at": "any"},
        without=f"{missing.operation} on {missing.what}",
        lost=lost,
    )


@pytest.mark.soak
def test_a_worker_with_its_rights_keeps_positions_and_states(pair: Pair) -> None:
    flows = Flows(pair, [Trial("ww", "identity")], "worker-whole")
    try:
        flows.prepare()
        flows.start_worker()
        flows.create_connectors()
        assert wait_until(
            lambda: is_mirroring(flows) and has_positions(flows), within=WITHIN, every=EVERY
        )
        assert not any(is_felt(flows) for is_felt in (is_ended, is_deaf, is_forgetful, is_unseen))
    finally:
        flows.stop()
