"""A worker outside Kubernetes, started from what the dialects `properties` and `connect` say, does all the work of a flow.

Its users have exactly the planned rights, and the passwords stay where the files put them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from kafka_mirror import manifests
from kafka_mirror.manifests import SiteFiles
from lab.operator.connect_rest import ConnectRestError
from lab.operator.jvm import logging_properties
from lab.operator.launching import Launch
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK, PortBlock
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.rights.brokers import PASSWORD, run_java
from tests.lab.rights.conftest import Pair
from tests.lab.rights.mirroring import CHECKPOINTS, GROUPS, RECORDS, Flows
from tests.lab.rights.trials import Trial

pytestmark = pytest.mark.lab

TABLE = "Workers outside Kubernetes"
HEAP = ("-Xms64m", "-Xmx512m")
WITHIN, EVERY = timedelta(minutes=3), timedelta(seconds=0.2)
WORK = frozenset({RECORDS, CHECKPOINTS, GROUPS})


class Outside:
    """A flow, its two ends prepared, and a process that is to carry it out."""

    def __init__(self, pair: Pair, name: str) -> None:
        self.pair, self.trial = pair, Trial(name, "identity")
        self.flows = Flows(pair, [self.trial], f"outside-{name}")
        self.directory = pair.home.lab.site("tgt") / self.flows.directory

    @property
    def ends(self) -> dict[str, SiteFiles]:
        files = str(self.directory / "secrets" / "files")
        return {
            "source": SiteFiles(bootstrap_servers=self.pair.source.bootstrap, directory=files),
            "target": SiteFiles(bootstrap_servers=self.pair.target.bootstrap, directory=files),
        }

    def start(self, main: str, properties: str, *, ports: tuple[int, ...] = ()) -> None:
        trusted = self.pair.target.trusted
        files: dict[str, str] = {}
        for site in (self.trial.source, self.trial.target):
            files |= {f"{site}.properties": f"password={PASSWORD}\n", f"{site}.crt": trusted}
        launch = Launch(
            owner=Key("tgt", "outside", "outside", self.trial.name),
            name=self.flows.directory,
            directory=self.directory,
            main=main,
            properties=properties,
            secrets={"files": files},
            heap=HEAP,
            ports=ports,
        )
        log = self.pair.home.lab.log(self.flows.directory)
        run_java(launch, self.pair.home, logging=logging_properties(log))

    def does_its_work(self) -> bool:
        assert self.flows.is_running(), self.log_tail()
        done = self.flows.done_by_now() or {}
        return done.get(self.trial, frozenset()) >= WORK

    def log_tail(self) -> str:
        logs = (self.pair.home.lab.log(f"{self.flows.directory}{end}") for end in ("", ".out"))
        return "\n".join(one.read_text()[-3000:] for one in logs if Path(one).is_file())

    def stored(self) -> bytes:
        """Return everything the worker keeps in its configuration topic."""
        topic = self.trial.flow.names.config_topic
        consumer = Consumer(
            self.pair.target.unbound(**{"group.id": "look", "enable.auto.commit": False})
        )
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=15)
        consumer.assign([TopicPartition(topic, 0, 0)])
        found: list[bytes] = []
        while len(found) < end and (message := consumer.poll(60)) is not None:
            found.append(message.value() or b"")
        consumer.close()
        return b"".join(found)

    def refused(self) -> set[tuple[str, str]]:
        """Return what the flow's users were refused: operation and resource."""
        told = [*self.pair.source.refusals().items(), *self.pair.target.refusals().items()]
        own = [found for user, found in told if user.endswith(f"-{self.trial.name}")]
        return {(one.operation, one.resource) for found in own for one in found}


@pytest.fixture
def outside(pair: Pair, request: pytest.FixtureRequest) -> Iterator[Outside]:
    made = Outside(pair, request.param)
    made.flows.prepare()
    yield made
    made.flows.stop()


def check(
    outside: Outside,
    figures: Figures,
    dialect: str,
    *,
    refused: frozenset[tuple[str, str]] = frozenset(),
) -> None:
    assert wait_until(outside.does_its_work, within=WITHIN, every=EVERY), (
        outside.flows.done_by_now(),
        outside.log_tail(),
    )
    stored = outside.stored()
    assert b"sasl.jaas.config" in stored
    assert PASSWORD.encode() not in stored
    assert outside.refused() == refused
    figures(TABLE, dialect=dialect, done=", ".join(sorted(WORK)))


@pytest.mark.parametrize("outside", ["om"], indirect=True)
def test_dedicated_mirror_maker_runs_from_its_properties(
    outside: Outside, figures: Figures
) -> None:
    text = manifests.properties(outside.trial.flow, **outside.ends)

    outside.start("org.apache.kafka.connect.mirror.MirrorMaker", text)

    # Dedicated mode starts a third connector that emits nothing, and that does without its topic.
    heartbeats = ("CREATE", "Topic:LITERAL:heartbeats")
    check(outside, figures, "properties", refused=frozenset({heartbeats}))


@pytest.mark.parametrize("outside", ["oc"], indirect=True)
def test_plain_connect_runs_what_is_posted_to_it(outside: Outside, figures: Figures) -> None:
    said = json.loads(json.dumps(manifests.connect(outside.trial.flow, **outside.ends)))
    port = PortBlock.of(outside.pair.home.lab.root).port_for(outside.flows.directory)
    own = {"listeners": f"http://{LOOPBACK}:{port}", "plugin.discovery": "service_load"}
    worker = {**said["worker"], **own}

    outside.start(
        "org.apache.kafka.connect.cli.ConnectDistributed",
        "".join(f"{key}={value}\n" for key, value in worker.items()),
        ports=(port,),
    )
    rest = outside.flows.rest
    assert wait_until(rest.is_up, within=WITHIN, every=EVERY), outside.log_tail()
    for body in said["connectors"]:
        assert wait_until(partial(posted, outside, body), within=WITHIN, every=EVERY)

    check(outside, figures, "connect")
    assert rest.names() == {body["name"] for body in said["connectors"]}


def posted(outside: Outside, body: Mapping[str, object]) -> bool:
    """Post a connector; whether Connect was not too busy with its start to take it."""
    config, name = body["config"], str(body["name"])
    assert isinstance(config, dict)
    try:
        if outside.flows.rest.config(name) is None:
            outside.flows.rest.create(name, config, str(body["initial_state"]))
    except ConnectRestError:
        return False
    return True
