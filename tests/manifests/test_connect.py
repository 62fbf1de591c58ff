"""A flow as plain Connect takes it: settings of the worker, and two connectors to post."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror import manifests
from tests.manifests.flows import ends, flow_plan


def said(**changes: Any) -> dict[str, Any]:
    plan = flow_plan(**changes)
    return manifests.connect(plan, **ends(plan))


def test_connectors_are_those_that_an_operator_would_make() -> None:
    source, checkpoint = said(tasks=4)["connectors"]

    assert source["name"] == "dev->stg.MirrorSourceConnector"
    assert checkpoint["name"] == "dev->stg.MirrorCheckpointConnector"
    for connector, java_class, tasks in (
        (source, "MirrorSourceConnector", "4"),
        (checkpoint, "MirrorCheckpointConnector", "1"),
    ):
        assert connector["config"]["connector.class"] == (
            f"org.apache.kafka.connect.mirror.{java_class}"
        )
        assert connector["config"]["tasks.max"] == tasks


@pytest.mark.parametrize("state", ["running", "paused", "stopped"])
def test_a_connector_begins_in_the_state_of_its_flow(state: str) -> None:
    connectors = said(state=state)["connectors"]

    assert [one["initial_state"] for one in connectors] == [state.upper()] * 2


def test_each_connector_knows_both_sites() -> None:
    for connector in said()["connectors"]:
        config = connector["config"]
        for side, site, user in (("source", "dev", "reader"), ("target", "stg", "writer")):
            assert config[f"{side}.cluster.alias"] == site
            assert config[f"{side}.cluster.bootstrap.servers"] == f"{site}.example.com:443"
            assert config[f"{side}.cluster.security.protocol"] == "SASL_SSL"
            assert config[f"{side}.cluster.sasl.jaas.config"] == (
                "org.apache.kafka.common.security.scram.ScramLoginModule required "
                f'username="{user}" '
                f'password="${{secrets:/etc/kafka-mirror/dev-to-stg/{site}.properties:password}}";'
            )


def test_a_worker_is_told_its_place_and_hands_records_on_as_they_are() -> None:
    found = said(objectives={"duplicateWindow": "15s"}, replicas=3)

    assert found["workers"] == 3
    assert (
        found["worker"].items()
        >= {
            "bootstrap.servers": "stg.example.com:443",
            "group.id": "mm2-dev-to-stg",
            "config.storage.topic": "__mm2-dev-to-stg-configs",
            "offset.flush.interval.ms": "4000",
            "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
            "config.providers": "secrets",
        }.items()
    )
    for client in ("", "producer.", "consumer.", "admin."):
        assert found["worker"][f"{client}security.protocol"] == "SASL_SSL"


def test_what_is_tuned_reaches_the_source_connector_alone() -> None:
    source, checkpoint = said(tuning={"offset.lag.max": 7, "a": True})["connectors"]

    assert (source["config"]["offset.lag.max"], source["config"]["a"]) == ("7", "true")
    assert "offset.lag.max" not in checkpoint["config"]


def test_every_setting_is_a_text_as_connect_wants_it() -> None:
    found = said(topicsExclude=[{"pattern": "tmp-.*"}])

    settings = [found["worker"], *(one["config"] for one in found["connectors"])]
    assert {type(value) for one in settings for value in one.values()} == {str}
    assert settings[1]["sync.topic.acls.enabled"] == "false"
    assert settings[1]["topics.exclude"].endswith("|tmp-.*")
