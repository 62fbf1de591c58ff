"""Every metric of the alerts and dashboards is there in a running worker and broker, read by the exporter with the very rules.

The exporter is loaded into the processes of the lab while they run. A metric that Kafka renames, a bean whose form changes or a
rule that matches no longer makes a name of an alert or a dashboard missing here.
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka import Consumer, TopicPartition

from kafka_mirror import manifests
from kafka_mirror.manifests import Manifest
from kafka_mirror.manifests.monitoring.exporter import EXPORTER_KEY
from kafka_mirror.topology import SiteName
from lab.binaries.exporter import ensure_exporter, exporter_jar
from lab.java import find_java
from lab.ports import LOOPBACK, PortBlock
from lab.processes import ProcessTable
from lab.waiting import wait_until
from tests.lab.stacks.load import TOPIC, WITHIN, application, deployed, loaded, worker
from tests.lab.stacks.small import SmallStacks
from tests.planning.plans import planned
from tests.topology.configurations import two_sites

pytestmark = pytest.mark.lab

OF_THE_CLUSTER_OPERATOR = {"strimzi_certificate_expiration_timestamp_ms"}
"""Which no worker and no broker tells; Strimzi's own alerts use it."""

LABELS = {
    "kafka_connect_mirror_mirrorsourceconnector_record_count": {
        "source",
        "target",
        "topic",
        "partition",
    },
    "kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms_max": {
        *("source", "target", "group", "topic", "partition"),
    },
    "kafka_connect_worker_connector_running_task_count": {"connector"},
    "kafka_consumer_fetch_manager_records_lag": {"clientid", "topic", "partition"},
    "kafka_server_brokertopicmetrics_messagesin_total": {"topic"},
}
BROKER = "kafka-dev-kafka-dev-dev-dual-role-0"
_SERIES = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$", re.MULTILINE)
_LABEL = re.compile(r'([a-z]+)="([^"]*)"')
Series = dict[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def _exporter() -> None:
    for _ in ensure_exporter():
        pass


@pytest.mark.usefixtures("_exporter")
def test_every_metric_of_alerts_and_dashboards_is_told_by_a_worker_or_a_broker(
    stacks: SmallStacks, tmp_path: Path
) -> None:
    of_flow, of_site = _objects()
    wanted = _names([*of_flow, *of_site]) - OF_THE_CLUSTER_OPERATOR
    with loaded(stacks, tmp_path) as load:
        _commit(stacks, tmp_path)
        broker = ProcessTable(stacks.lab.processes).find(BROKER)
        assert broker is not None
        asked = [
            _read(stacks, _worker_pid(stacks), of_flow[0], tmp_path / "worker.yaml"),
            _read(stacks, broker.pid, of_site[0], tmp_path / "broker.yaml"),
        ]
        told = _told_in_the_end(asked, wanted)
        with _newer_names(stacks):
            assert load.flows_on()
            newer = _told_in_the_end(asked, wanted)

    assert wanted - set(told) == set()
    assert {name: set(told[name]) for name in LABELS} == LABELS
    assert wanted - set(newer) == set()
    mirrored = told["kafka_connect_mirror_mirrorsourceconnector_record_count"]
    assert mirrored["topic"].startswith("dev.")  # by the name it has at the target
    read = told["kafka_consumer_fetch_manager_records_lead"]
    assert not read["topic"].startswith(("dev.", "__"))  # by the name it has at the source
    assert told["kafka_connect_worker_connector_running_task_count"]["connector"].startswith(
        "dev->stg.Mirror"
    )


def _objects() -> tuple[tuple[Manifest, ...], tuple[Manifest, ...]]:
    """Return what watches a flow with everything that can be watched, and what watches a site."""
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"]["metrics"] = True
    configuration["sites"]["dev"] |= {"metrics": True, "heartbeats": ["dev-to-stg"]}
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    found = planned(configuration)
    return (
        manifests.flow_monitoring(found.flows[0]),
        manifests.site_monitoring(found.sites[SiteName("dev")]),
    )


def _names(objects: list[Manifest]) -> set[str]:
    """Return the metrics that rules and panels ask for."""
    expressions = [
        rule["expr"]
        for one in objects
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    for one in objects:
        for key, text in one.get("data", {}).items():
            if key != EXPORTER_KEY:
                panels = json.loads(text)["panels"]
                expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    found = {name for one in expressions for name in re.findall(r"\b(?:kafka|strimzi)_\w+", one)}
    assert len(found) > 8
    return found - {"strimzi_io_cluster"}


def _commit(stacks: SmallStacks, directory: Path) -> None:
    """Let a group have a position, so that there is something to checkpoint."""
    reader = application(stacks, "dev", "item-consumer", directory)
    consumer = Consumer(reader.client(**{"group.id": "ItemConsumer"}))
    consumer.commit(offsets=[TopicPartition(TOPIC, 0, 1)], asynchronous=False)
    consumer.close()


@contextmanager
def _newer_names(stacks: SmallStacks) -> Iterator[None]:
    """Let the connector name its beans as Kafka 5 will."""

    def add(configuration: dict[str, Any]) -> None:
        configuration["flows"]["dev-to-stg"]["tuning"] = {"metric.names.formats": "new"}

    def remove(configuration: dict[str, Any]) -> None:
        del configuration["flows"]["dev-to-stg"]["tuning"]

    stacks.edit("stg", add)
    try:
        deployed(stacks, "stg")
        yield
    finally:
        stacks.edit("stg", remove)
        stacks.up("stg")


def _worker_pid(stacks: SmallStacks) -> int:
    process = worker(stacks)
    assert process is not None
    return process.pid


def _read(stacks: SmallStacks, pid: int, exporter: Manifest, file: Path) -> Callable[[], str]:
    """Load the exporter into a process, and return what asks it."""
    file.write_text(exporter["data"][EXPORTER_KEY])
    assert yaml.safe_load(file.read_text())["rules"]
    jcmd = find_java().executable.parent / "jcmd"
    if not jcmd.exists():
        pytest.skip(f"{jcmd} is missing: it loads the exporter, and comes with a JDK")
    port = PortBlock.of(stacks.lab.root).port_for(f"exporter of {file.stem}")
    options = f"{LOOPBACK}:{port}:{file}"
    done = subprocess.run(
        [jcmd, str(pid), "JVMTI.agent_load", exporter_jar(), f'"{options}"'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    def ask() -> str:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            refused.close()
            return ""
        except OSError:  # not there, or too busy to answer in time
            return ""

    return ask


def _told_in_the_end(asked: list[Callable[[], str]], wanted: set[str]) -> Series:
    """Return one series of each metric, once all that is wanted is there or it has taken too long."""
    told: Series = {}

    def all_told() -> bool:
        for ask in asked:
            for name, labels in _SERIES.findall(ask()):
                told.setdefault(name, dict(_LABEL.findall(labels)))
        return wanted <= set(told)

    wait_until(all_told, within=WITHIN)
    return told
