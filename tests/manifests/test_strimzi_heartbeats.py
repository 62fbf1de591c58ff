"""The worker beside a source that writes heartbeats, and what a flow that takes them along is told."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from kafka_mirror import manifests
from kafka_mirror.planning import Plan
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.topology import Operator, SiteName, UserName
from lab.binaries.versions import STRIMZI
from tests.manifests.conftest import releases_serving, schemas_of
from tests.manifests.flows import EVENT_STREAMS_13, connection
from tests.planning.plans import planned, two_stacks
from tests.topology.configurations import Configuration, changed, two_sites

PLACE: dict[str, Any] = {"namespace": "kafka-dev", "bootstrap_servers": "b:9093"}


def beating() -> Configuration:
    configuration = changed(two_sites(), "sites", "dev", "heartbeats", to=["dev-to-stg"])
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    return configuration


def heartbeats(found: Plan | None = None) -> HeartbeatsPlan:
    plan = (found or planned(beating())).sites[SiteName("dev")].heartbeats
    assert plan is not None
    return plan


def source_settings(found: Plan) -> dict[str, Any]:
    flow = found.flows[0]
    end = connection()
    spec = manifests.mirror_maker(flow, source=end, target=end)["spec"]
    settings: dict[str, Any] = spec["mirrors"][0]["sourceConnector"]["config"]
    return settings


def test_the_worker_writes_bytes_to_topics_of_its_own_as_a_user_of_its_own() -> None:
    worker = manifests.heartbeat_worker(heartbeats(), **PLACE, credential_version="7")

    assert worker["metadata"] == {
        "name": "k-dev-heartbeats",
        "namespace": "kafka-dev",
        "annotations": {
            "strimzi.io/use-connector-resources": "true",
            "kafka-mirror/credential-version": "7",
        },
    }
    spec = worker["spec"]
    assert (spec["groupId"], spec["offsetStorageTopic"]) == (
        "k-dev-heartbeats",
        "__k-dev-heartbeats-offsets",
    )
    assert spec["authentication"]["username"] == "k-dev-heartbeats"
    assert spec["tls"] == {
        "trustedCertificates": [{"secretName": "k-dev-cluster-ca-cert", "pattern": "*.crt"}]
    }
    assert {spec["config"][key] for key in ("key.converter", "value.converter")} == {
        "org.apache.kafka.connect.converters.ByteArrayConverter"
    }


def test_the_user_may_write_heartbeats_and_nothing_else() -> None:
    users = {one.name: one for one in planned(beating()).sites[SiteName("dev")].users}

    assert [str(right) for right in users[UserName("k-dev-heartbeats")].rights] == [
        "Read on group 'k-dev-heartbeats'",
        *(
            f"Create, Read, Write on topic '__k-dev-heartbeats-{which}'"
            for which in ("configs", "offsets", "status")
        ),
        "Create, Write on topic 'heartbeats'",
    ]


def test_a_connector_carries_the_names_and_the_naming_of_its_flow() -> None:
    (connector,) = manifests.heartbeat_connectors(heartbeats(), **PLACE)

    config = connector["spec"]["config"]
    assert connector["metadata"]["labels"] == {"strimzi.io/cluster": "k-dev-heartbeats"}
    assert (config["source.cluster.alias"], config["target.cluster.alias"]) == ("dev-to-stg", "dev")
    assert config["replication.policy.class"].endswith(".IdentityReplicationPolicy")
    assert config["heartbeats.topic.replication.factor"] == 3
    assert config["target.cluster.security.protocol"] == "SASL_SSL"


def test_the_naming_of_a_flow_in_another_stack_is_not_guessed() -> None:
    there = {**beating(), "flows": {}}
    del there["users"]["writer"]

    (connector,) = manifests.heartbeat_connectors(heartbeats(planned(there)), **PLACE)

    assert "replication.policy.class" not in connector["spec"]["config"]


def test_a_flow_takes_heartbeats_along_where_its_source_says_so() -> None:
    here, described = two_stacks()
    dev = SiteName("dev")
    access = [{"role": "mirror-source", "topics": ["items", "heartbeats"], "groups": "all"}]
    beating_source = described[dev].model_dump(mode="json", by_alias=True)
    beating_source["heartbeats"] = ["dev-to-stg"]
    beating_source["users"]["reader"]["access"] = access
    found = planned(here, {dev: type(described[dev]).model_validate(beating_source)})

    assert source_settings(found)["heartbeats.replication.enabled"] is True
    (writer,) = [one for one in found.sites[SiteName("stg")].users if one.name == "writer"]
    assert "Alter, AlterConfigs, Create, Read, Write on topic 'dev.heartbeats'" in map(
        str, writer.rights
    )


def test_other_flows_leave_heartbeats_where_they_are() -> None:
    assert source_settings(planned(two_sites()))["heartbeats.replication.enabled"] is False


@pytest.mark.parametrize("release", releases_serving("v1beta2"))
def test_the_older_layout_has_the_storage_as_settings_and_the_secrets_as_files(
    release: str,
) -> None:
    schemas = schemas_of(release)
    where = {**PLACE, "operator": Operator(type="strimzi", api="v1beta2")}

    worker = manifests.heartbeat_worker(heartbeats(), **where)
    (connector,) = manifests.heartbeat_connectors(heartbeats(), **where)

    assert [schemas.problems(one) for one in (worker, connector)] == [[], []]
    config = connector["spec"]["config"]
    volumes = worker["spec"]["template"]["pod"]["volumes"]
    mounts = worker["spec"]["template"]["connectContainer"]["volumeMounts"]
    assert worker["spec"]["config"]["group.id"] == "k-dev-heartbeats"
    assert {
        mount["mountPath"]: volume["secret"]["secretName"]
        for volume, mount in zip(volumes, mounts, strict=True)
    } == {
        "/mnt/kafka-mirror/login": "k-dev-heartbeats-password",
        "/mnt/kafka-mirror/trust": "k-dev-cluster-ca-cert",
    }
    assert (
        "${directory:/mnt/kafka-mirror/login:password}" in config["target.cluster.sasl.jaas.config"]
    )
    assert config["target.cluster.ssl.truststore.location"] == "/mnt/kafka-mirror/trust/ca.crt"
    # What writes trusts every certificate of the authority.
    assert worker["spec"]["tls"]["trustedCertificates"] == [
        {"secretName": "k-dev-cluster-ca-cert", "pattern": "*.crt"}
    ]


def test_event_streams_charges_for_the_worker_and_knows_it_by_its_own_labels() -> None:
    where = {**PLACE, "operator": Operator.model_validate(EVENT_STREAMS_13)}

    worker = manifests.heartbeat_worker(heartbeats(), **where)
    (connector,) = manifests.heartbeat_connectors(heartbeats(), **where)

    assert worker["apiVersion"] == "eventstreams.ibm.com/v1"
    assert worker["metadata"]["annotations"] == {
        "eventstreams.ibm.com/use-connector-resources": "true"
    }
    assert connector["metadata"]["labels"] == {"eventstreams.ibm.com/cluster": "k-dev-heartbeats"}
    charged = worker["spec"]["template"]["pod"]["metadata"]["annotations"]
    assert charged["productChargedContainers"] == "All"


@pytest.mark.parametrize(("api", "release"), [("v1", STRIMZI), ("v1beta2", "0.45.0")])
def test_where_certificates_are_asked_for_the_operator_issues_one_to_the_worker(
    api: Literal["v1", "v1beta2"], release: str
) -> None:
    schemas = schemas_of(release)
    configuration = beating()
    for name in ("dev", "stg"):
        configuration["sites"][name]["kafka"] |= {
            "authentication": "tls",
            "clientsCa": {"generate": False},
        }
    found = planned(configuration)
    where = {**PLACE, "operator": Operator(type="strimzi", api=api)}

    worker = manifests.heartbeat_worker(heartbeats(found), **where)
    (connector,) = manifests.heartbeat_connectors(heartbeats(found), **where)

    (user,) = [one for one in found.sites[SiteName("dev")].users if one.name == "k-dev-heartbeats"]
    assert user.proof.authentication == "tls"
    assert worker["spec"]["authentication"] == {
        "type": "tls",
        "certificateAndKey": {
            "secretName": "k-dev-heartbeats",
            "certificate": "user.crt",
            "key": "user.key",
        },
    }
    config = connector["spec"]["config"]
    assert config["target.cluster.security.protocol"] == "SSL"
    assert config["target.cluster.ssl.keystore.key"] in {
        "${strimzisecrets:kafka-dev/k-dev-heartbeats:user.key}",
        "${directory:/mnt/kafka-mirror/login:user.key}",
    }
    assert [schemas.problems(one) for one in (worker, connector)] == [[], []]
