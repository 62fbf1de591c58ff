"""Nothing watches a flow or a site unless it is asked for; what does is whole, and finds what it watches."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from kafka_mirror import manifests
from kafka_mirror.manifests import Manifest
from kafka_mirror.manifests.monitoring.exporter import EXPORTER_KEY, WORKER_RULES
from kafka_mirror.planning import Plan
from kafka_mirror.topology import SiteName
from tests.manifests.flows import connection
from tests.planning.plans import planned
from tests.topology.configurations import two_sites

STANDING_STILL = {"MirrorTaskFailed"}
WHILE_IT_RUNS = {
    "MirrorTaskMissing",
    "MirrorLatencyAboveObjective",
    "MirrorLagGrows",
    "MirrorStandsStill",
    "MirrorOvertakenByRetention",
    "MirrorCheckpointsLate",
}


def watched(metrics: Any = True, *, heartbeats: bool = False, **flow: Any) -> Plan:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= {"metrics": metrics, **flow}
    configuration["sites"]["dev"]["metrics"] = metrics
    if heartbeats:
        configuration["sites"]["dev"]["heartbeats"] = ["dev-to-stg"]
        configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    return planned(configuration)


def of_flow(found: Plan) -> dict[str, Manifest]:
    return {one["kind"]: one for one in manifests.flow_monitoring(found.flows[0])[1:]}


def rules(found: Plan) -> dict[str, dict[str, Any]]:
    (group,) = of_flow(found)["PrometheusRule"]["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


@pytest.mark.parametrize("metrics", [False, None])
def test_nothing_watches_what_nobody_asked_to_be_watched(metrics: bool | None) -> None:
    found = planned(two_sites()) if metrics is None else watched(metrics)
    site = found.sites[SiteName("dev")]

    assert manifests.flow_monitoring(found.flows[0]) == ()
    assert manifests.site_monitoring(site) == ()
    assert "metricsConfig" not in manifests.kafka(site)["spec"]["kafka"]


def test_workers_and_brokers_read_the_rules_that_lie_beside_them() -> None:
    found = watched()
    site = found.sites[SiteName("dev")]
    end = connection()
    flow = manifests.mirror_maker(found.flows[0], source=end, target=end)

    for spec, objects in (
        (flow["spec"], manifests.flow_monitoring(found.flows[0])),
        (manifests.kafka(site)["spec"]["kafka"], manifests.site_monitoring(site)),
    ):
        reference = spec["metricsConfig"]["valueFrom"]["configMapKeyRef"]
        assert spec["metricsConfig"]["type"] == "jmxPrometheusExporter"
        assert reference == {"name": objects[0]["metadata"]["name"], "key": EXPORTER_KEY}
        assert yaml.safe_load(objects[0]["data"][EXPORTER_KEY])["rules"]


def test_with_rules_of_others_nothing_is_made_that_reads_what_ours_are_called() -> None:
    theirs = {"configMap": "mm2-jmx-exporter", "key": "mm2-jmx-exporter.yaml"}
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"]["metrics"] = {"labels": {"team": "kafka"}, "rules": theirs}
    (flow,) = planned(configuration).flows
    end = connection()

    spec = manifests.mirror_maker(flow, source=end, target=end)["spec"]
    (only,) = manifests.flow_monitoring(flow)

    assert spec["metricsConfig"] == {
        "type": "jmxPrometheusExporter",
        "valueFrom": {
            "configMapKeyRef": {"name": "mm2-jmx-exporter", "key": "mm2-jmx-exporter.yaml"}
        },
    }
    assert (only["kind"], only["metadata"]["labels"]) == ("PodMonitor", {"team": "kafka"})


def test_prometheus_finds_the_pods_of_the_flow_where_it_runs_by_the_labels_it_goes_by() -> None:
    place = {"kubernetes": {"context": "dev", "namespace": "mirrors"}}
    objects = of_flow(watched({"labels": {"release": "prometheus"}}, runsIn=place))

    assert objects["PodMonitor"]["metadata"] == {
        "name": "dev-to-stg",
        "namespace": "mirrors",
        "labels": {"release": "prometheus"},
    }
    assert objects["PodMonitor"]["spec"]["selector"]["matchLabels"] == {
        "strimzi.io/cluster": "dev-to-stg",
        "strimzi.io/kind": "KafkaMirrorMaker2",
    }
    assert objects["PrometheusRule"]["metadata"] == objects["PodMonitor"]["metadata"]


@pytest.mark.parametrize(
    ("state", "heartbeats", "alerts"),
    [
        pytest.param("running", False, STANDING_STILL | WHILE_IT_RUNS, id="a flow that runs"),
        pytest.param(
            "running",
            True,
            STANDING_STILL | WHILE_IT_RUNS | {"MirrorHeartbeatsMissing"},
            id="one that mirrors heartbeats",
        ),
        pytest.param("paused", True, STANDING_STILL, id="one that is declared to stand still"),
        pytest.param("stopped", False, STANDING_STILL, id="one that is stopped"),
    ],
)
def test_nobody_is_woken_by_what_is_declared(
    state: str, heartbeats: bool, alerts: set[str]
) -> None:
    assert set(rules(watched(heartbeats=heartbeats, state=state))) == alerts


def test_the_objective_is_that_of_the_flow() -> None:
    found = rules(watched(objectives={"duplicateWindow": "15s"}))

    assert found["MirrorLatencyAboveObjective"]["expr"].endswith("> 15000")
    assert found["MirrorCheckpointsLate"]["expr"].endswith("> 15000")


def test_an_alert_says_what_is_wrong_with_what_and_what_to_do() -> None:
    for name, rule in rules(watched(heartbeats=True)).items():
        assert rule["annotations"]["summary"].startswith("Flow dev-to-stg: "), name
        assert rule["annotations"]["description"].endswith("."), name
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert 'namespace="kafka-stg",strimzi_io_cluster="dev-to-stg"' in rule["expr"]


def test_dashboards_have_names_of_their_own_and_panels_beside_each_other() -> None:
    found = watched()
    maps = [
        manifests.flow_monitoring(found.flows[0])[-1],
        manifests.site_monitoring(found.sites[SiteName("dev")])[-1],
    ]

    documents = [json.loads(text) for one in maps for text in one["data"].values()]
    assert [one["title"] for one in documents] == ["Flow dev-to-stg", "Kafka mirrors"]
    assert len({one["uid"] for one in documents}) == 2
    for document in documents:
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in document["panels"]]
        assert len(set(places)) == len(places)
        assert len(document["uid"]) <= 40
    assert all(one["metadata"]["labels"] == {"grafana_dashboard": "1"} for one in maps)


def test_flows_whose_names_begin_alike_have_dashboards_and_files_of_their_own() -> None:
    def dashboard(namespace: str, resource: str) -> dict[str, str]:
        place = {"kubernetes": {"context": "dev", "namespace": namespace}}
        found = watched(runsIn=place, names={"resource": resource})
        data: dict[str, str] = manifests.flow_monitoring(found.flows[0])[-1]["data"]
        return data

    found = [
        dashboard("mirrors", "from-inventory-to-warehouse-a"),
        dashboard("mirrors", "from-inventory-to-warehouse-b"),
        dashboard("mirrors-from", "inventory-to-warehouse-b"),
        dashboard("others", "from-inventory-to-warehouse-b"),
    ]

    assert len({file for one in found for file in one}) == len(found)
    assert len({json.loads(text)["uid"] for one in found for text in one.values()}) == len(found)


@pytest.mark.parametrize(
    ("groups", "is_there"),
    [pytest.param(["g"], True, id="groups"), pytest.param([], False, id="none")],
)
def test_checkpoints_are_shown_and_watched_of_flows_that_move_groups(
    groups: list[str], is_there: bool
) -> None:
    found = watched(groups=groups)
    (text,) = manifests.flow_monitoring(found.flows[0])[-1]["data"].values()

    titles = {panel["title"] for panel in json.loads(text)["panels"]}

    assert ("Checkpoints late by" in titles) is is_there
    assert ("MirrorCheckpointsLate" in rules(found)) is is_there


@pytest.mark.parametrize(
    ("line", "name", "labels"),
    [
        pytest.param(
            "kafka.connect.mirror<type=MirrorSourceConnector, source=dev, target=stg, "
            "topic=items.inventory, partition=0><>replication-latency-ms-max: 12.0",
            "kafka_connect_mirror_mirrorsourceconnector_replication-latency-ms-max",
            {"source": "dev", "target": "stg", "topic": "items.inventory", "partition": "0"},
            id="a partition that is mirrored",
        ),
        pytest.param(
            "kafka.connect.mirror<type=MirrorCheckpointConnector, source=dev, target=stg, "
            'group="my group", topic=items, partition=2><>checkpoint-latency-ms-max: 1.0',
            "kafka_connect_mirror_mirrorcheckpointconnector_checkpoint-latency-ms-max",
            {
                "source": "dev",
                "target": "stg",
                "group": "my group",
                "topic": "items",
                "partition": "2",
            },
            id="a group whose name stands in quotes",
        ),
        pytest.param(
            'kafka.connect<type=connect-worker-metrics, connector="dev->stg.MirrorSourceConnector">'
            "<>connector-failed-task-count: 0.0",
            "kafka_connect_worker_connector-failed-task-count",
            {"connector": "dev->stg.MirrorSourceConnector"},
            id="a connector whose name stands in quotes",
        ),
        pytest.param(
            'kafka.consumer<type=consumer-fetch-manager-metrics, client-id="dev->stg|dev->stg.'
            'MirrorSourceConnector-0|replication-consumer", topic=items, partition=0><>records-lag: 3.0',
            "kafka_consumer_fetch_manager_records-lag",
            {
                "clientid": "dev->stg|dev->stg.MirrorSourceConnector-0|replication-consumer",
                "topic": "items",
                "partition": "0",
            },
            id="a consumer of a task",
        ),
    ],
)
def test_the_first_rule_that_matches_a_bean_reads_its_names(
    line: str, name: str, labels: dict[str, str]
) -> None:
    rule, found = next(
        (rule, match) for rule in WORKER_RULES if (match := re.search(rule["pattern"], line))
    )

    def filled(text: str) -> str:
        return re.sub(r"\$(\d)", lambda number: found[int(number[1])], text)

    assert filled(rule["name"]) == name
    assert {label: filled(value) for label, value in rule["labels"].items()} == labels


def test_the_workers_own_consumers_are_not_taken_for_the_mirror() -> None:
    line = (
        "kafka.consumer<type=consumer-fetch-manager-metrics, client-id=mm2-dev-to-stg-configs, "
        "topic=__mm2-dev-to-stg-configs, partition=0><>records-lag: 3.0"
    )

    assert not any(re.search(rule["pattern"], line) for rule in WORKER_RULES)
