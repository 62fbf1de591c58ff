"""Sites and flows of IBM Event Streams: the instance, the licence, and what IBM's objects share with Strimzi's.

IBM publishes no definitions. So every object is checked against those of the Strimzi that a release of Event Streams is built
on: 11.8 on 0.45, 12.1 on 0.48, 12.3 on 0.51, and 13.0 on 1.0.0, for which, as its classes are not published, 0.51 and 1.2 stand in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kafka_mirror import manifests
from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.cli.render import rendered
from kafka_mirror.topology.operators import Operator
from lab.binaries.versions import STRIMZI
from mirror_policies import check
from mirror_policies.configuration import Configuration as PackConfiguration
from mirror_policies.rule import Level, Profile
from tests.manifests.flows import (
    EVENT_STREAMS_12,
    EVENT_STREAMS_13,
    connection,
    flow_plan,
    served_by,
    served_flow,
    site_plan,
)
from tests.manifests.schemas import CrdSchemas
from tests.planning.plans import planned
from tests.topology.configurations import Configuration, changed, two_sites

LICENCE = ("licence", "use")


def objects_of(operator: Configuration) -> list[dict[str, Any]]:
    return rendered(OfflineStack(plan=planned(served_by(operator)), sources={}))


@pytest.mark.parametrize(
    ("operator", "release"),
    [
        ({**EVENT_STREAMS_12, "version": "11.8.0"}, "0.45.0"),
        (EVENT_STREAMS_12, "0.48.0"),
        ({**EVENT_STREAMS_12, "version": "12.3.0"}, "0.51.0"),
        (EVENT_STREAMS_13, "0.51.0"),
        (EVENT_STREAMS_13, STRIMZI),
    ],
)
def test_every_object_is_one_of_the_strimzi_it_is_built_on(
    operator: Configuration, release: str, crd_schemas_of: Callable[[str], CrdSchemas]
) -> None:
    schemas = crd_schemas_of(release)

    for one in objects_of(operator):
        assert one["apiVersion"] == f"eventstreams.ibm.com/{operator['api']}"
        assert schemas.problems_of_event_streams(one) == []


def test_kinds_and_labels_are_those_of_event_streams() -> None:
    found = objects_of(EVENT_STREAMS_13)

    assert [one["kind"] for one in found] == [
        "EventStreams",
        "KafkaTopic",
        *["KafkaUser"] * 3,
        "EventStreams",
        *["KafkaUser"] * 3,
        "KafkaMirrorMaker2",
    ]
    for one in found:
        if one["kind"] in {"KafkaTopic", "KafkaUser"}:
            assert list(one["metadata"]["labels"]) == ["eventstreams.ibm.com/cluster"]


def test_an_instance_has_its_licence_and_its_nodes_inside() -> None:
    instance = manifests.kafka(site_plan(served_by(EVENT_STREAMS_13)))
    strimzi = manifests.kafka(site_plan())
    (pool,) = manifests.kafka_node_pools(site_plan())

    assert instance == {
        "apiVersion": "eventstreams.ibm.com/v1",
        "kind": "EventStreams",
        "metadata": {"name": "k-dev", "namespace": "kafka-dev"},
        "spec": {
            "version": "13.0.0",
            "license": {
                "accept": True,
                "license": "L-VEMB-RABZSN",
                "use": "CloudPakForIntegrationNonProduction",
            },
            "strimziOverrides": {
                **strimzi["spec"],
                "nodePools": [{"name": "dual-role", **pool["spec"]}],
            },
        },
    }


def test_an_older_instance_is_asked_for_nodes_without_zookeeper() -> None:
    instance = manifests.kafka(site_plan(served_by(EVENT_STREAMS_12)))

    assert instance["metadata"]["annotations"] == {
        "eventstreams.ibm.com/node-pools": "enabled",
        "eventstreams.ibm.com/kraft": "enabled",
    }


@pytest.mark.parametrize(
    ("use", "product", "ratio"),
    [
        ("CloudPakForIntegrationProduction", "2cba508800504d0abfa48a0e2c4ecbe2", "1:1"),
        ("CloudPakForIntegrationNonProduction", "2a79e49111f44ec3acd89608e56138f5", "2:1"),
        ("CloudPakForIntegrationDisasterRecovery", "2a79e49111f44ec3acd89608e56138f5", "2:1"),
        ("EventAutomationProduction", "2cba508800504d0abfa48a0e2c4ecbe2", None),
        ("EventAutomationNonProduction", "2a79e49111f44ec3acd89608e56138f5", None),
    ],
)
def test_the_pods_of_a_flow_say_what_they_are_charged_by(
    use: str, product: str, ratio: str | None
) -> None:
    operator = Operator.model_validate(changed(EVENT_STREAMS_13, *LICENCE, to=use))

    flow = manifests.mirror_maker(
        served_flow(flow_plan(), operator), source=connection(), target=connection()
    )

    annotations = flow["spec"]["template"]["pod"]["metadata"]["annotations"]
    assert annotations["eventstreams.production.type"] == use
    assert annotations["productID"] == product
    assert annotations["productVersion"] == "13.0.0"
    assert annotations["productChargedContainers"] == "All"
    assert annotations.get("productCloudpakRatio") == ratio
    assert ("cloudpakId" in annotations) == (ratio is not None)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("operator", [EVENT_STREAMS_12, EVENT_STREAMS_13])
def test_the_policy_pack_has_nothing_to_say_that_it_does_not_say_of_strimzi(
    operator: Configuration, profile: Profile
) -> None:
    def rules_broken(configuration: Configuration) -> set[tuple[str, Level]]:
        offline = OfflineStack(plan=planned(configuration), sources={})
        material = rendered_objects(offline, origin="Pulumi.any.yaml")
        pack = PackConfiguration(profile=profile)
        found = check(material.objects, configuration=pack, sites=material.sites)
        return {(one.rule, one.level) for one in found if one.is_decided}

    more = rules_broken(served_by(operator)) - rules_broken(two_sites())

    assert more == (
        {("api-version-is-current", Level.ADVISORY)} if operator["api"] != "v1" else set()
    )


def test_a_site_of_another_operator_is_left_as_it_is() -> None:
    mixed = changed(two_sites(), "sites", "stg", "operator", to=EVENT_STREAMS_13)
    found = rendered(OfflineStack(plan=planned(mixed), sources={}))

    groups = {one["metadata"]["namespace"]: set[str]() for one in found}
    for one in found:
        groups[one["metadata"]["namespace"]].add(one["apiVersion"])
    assert groups == {
        "kafka-dev": {"kafka.strimzi.io/v1"},
        "kafka-stg": {"eventstreams.ibm.com/v1"},
    }


def test_the_pods_of_a_traced_flow_say_both_where_traces_go_and_what_they_are_charged_by() -> None:
    operator = Operator.model_validate(EVENT_STREAMS_13)

    flow = manifests.mirror_maker(
        served_flow(flow_plan(tracing={"endpoint": "http://collector:4317"}), operator),
        source=connection(),
        target=connection(),
    )

    template = flow["spec"]["template"]
    assert [one["name"] for one in template["connectContainer"]["env"]] == [
        "OTEL_SERVICE_NAME",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]
    assert template["pod"]["metadata"]["annotations"]["productVersion"] == "13.0.0"
