"""A cloud service into a local Kafka, both ways under prefixes, and workers in a namespace of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka.admin import AdminClient

from lab.demo.applications import Application
from lab.demo.reading import end_offsets
from lab.demo.samples import receive
from tests.examples.cloud import KEY, SITE, Cloud, cloud
from tests.examples.running import (
    TABLE,
    Example,
    deployed,
    is_denied,
    may_not_read,
    mirrored,
    total,
)
from tests.figures import Figures
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

COUNT: Final = 200
FAMILIES: Final = {
    "a": ("topic-name-a-orders", "topic-name-a-items"),
    "b": ("topic-name-b-orders",),
    "c": ("topic-name-c-orders",),
}
MANAGER: Final = "tests"
STRIMZI: Final = "kafka.strimzi.io/v1"


def test_each_family_of_topics_of_the_cloud_arrives_by_a_flow_of_its_own(
    tmp_path: Path, figures: Figures
) -> None:
    stack = "cloud-to-local"
    with cloud(tmp_path) as far:
        far.grant(stack)
        far.create(*(topic for family in FAMILIES.values() for topic in family))

        def prepare(stacks: SmallStacks) -> None:
            _use(far, stacks, stack)
            _bring_key(stacks, "kafka-local")

        with deployed(tmp_path, stack, contexts=["lab"], prepare=prepare) as example:

            def at(user: str, group: str) -> Application:
                return example.application(stack, "local", user, group=group)

            readers = {one: at(f"reader-{one}", f"application-{one}") for one in FAMILIES}
            for topics in FAMILIES.values():
                for topic in topics:
                    example.send(far.owner, topic, COUNT)
            found = [
                mirrored(far.owner, readers[family], topic, copy=f"{SITE}.{topic}")
                for family, topics in FAMILIES.items()
                for topic in topics
            ]
            first = FAMILIES["a"][0]
            read = receive(readers["a"], f"{SITE}.{first}", printed=tmp_path / "read.txt")
            denied = {
                "the key writing at the cloud": is_denied(far.token, first),
                "a reader writing a copy": is_denied(readers["a"], f"{SITE}.{first}"),
                "a reader of another family": may_not_read(readers["b"], f"{SITE}.{first}"),
                "a stranger": may_not_read(at("stranger", "x"), f"{SITE}.{first}"),
            }
            groups = _groups(example, "kafka-local", *(f"family-{one}" for one in FAMILIES))

    figures(TABLE, example=stack, **total(found), denied=", ".join(denied))
    assert all(one.is_equal for one in found)
    assert sorted(read) == list(range(COUNT))
    assert denied == dict.fromkeys(denied, True)
    assert groups == {f"family-{one}": f"mm2-family-{one}" for one in FAMILIES}


def test_a_topic_of_one_name_at_both_sites_is_two_topics_at_each(
    tmp_path: Path, figures: Figures
) -> None:
    stack = "both-ways"
    with deployed(tmp_path, stack, contexts=["lab"]) as example:

        def at(site: str, user: str) -> Application:
            return example.application(stack, site, user, group=user)

        wdc, on_premise = at("wdc", "wdc-app"), at("on-premise", "on-premise-app")
        example.send(wdc, "accounts", COUNT)
        example.send(wdc, "orders", COUNT, start=COUNT)
        example.send(on_premise, "accounts", COUNT, start=2 * COUNT)
        example.send(on_premise, "customers", COUNT, start=3 * COUNT)
        found = [
            mirrored(source, target, topic, copy=f"{source.site}.{topic}")
            for source, target, topic in (
                (wdc, on_premise, "accounts"),
                (wdc, on_premise, "orders"),
                (on_premise, wdc, "accounts"),
                (on_premise, wdc, "customers"),
            )
        ]
        read = receive(wdc, "on-premise.accounts", printed=tmp_path / "read.txt")
        denied = {
            "an application writing a copy": is_denied(wdc, "on-premise.accounts"),
            "a stranger at both sites": is_denied(at("wdc", "stranger"), "accounts")
            and is_denied(at("on-premise", "stranger"), "accounts"),
        }
        own = sum(end_offsets(wdc, "accounts").values())
        topics = {site: _topics(example, stack, site) for site in ("wdc", "on-premise")}

    figures(TABLE, example=stack, **total(found), denied=", ".join(denied))
    assert all(one.is_equal for one in found)
    assert sorted(read) == list(range(2 * COUNT, 3 * COUNT))
    assert denied == dict.fromkeys(denied, True)
    assert own == COUNT
    assert topics == {
        "wdc": {"accounts", "orders", "on-premise.accounts", "on-premise.customers"},
        "on-premise": {"accounts", "customers", "wdc.accounts", "wdc.orders"},
    }


def test_workers_in_a_namespace_without_kafka_mirror_into_the_cloud(
    tmp_path: Path, figures: Figures
) -> None:
    stack, namespace, flow = "own-namespace", "mirror-maker", "on-premise-to-cloud"
    with cloud(tmp_path) as far:
        far.grant(stack)

        def prepare(stacks: SmallStacks) -> None:
            _use(far, stacks, stack)
            _bring_key(stacks, namespace)
            _bring(stacks, _config_map(namespace, "mm2-jmx-exporter", "mm2-jmx-exporter.yaml"))
            _know_pod_monitors(stacks)

        with deployed(tmp_path, stack, contexts=["lab"], prepare=prepare) as example:
            app = example.application(stack, "on-premise", "product-app", group="product-app")
            example.send(app, "products", COUNT)
            found = mirrored(app, far.owner, "products", copy="on-premise.products")
            stranger = example.application(stack, "on-premise", "stranger")
            denied = {
                "a stranger": is_denied(stranger, "products"),
                "the key writing another topic": is_denied(far.token, "another"),
            }
            api = example.stacks.api("lab")
            spec = api.get(STRIMZI, "KafkaMirrorMaker2", flow, namespace)["spec"]
            watched = api.get("monitoring.coreos.com/v1", "PodMonitor", flow, namespace)

    figures(TABLE, example=stack, **total([found]), denied=", ".join(denied))
    assert found.is_equal
    assert denied == dict.fromkeys(denied, True)
    assert spec["image"] == "registry.example.com/team/mm2:1.0"
    assert spec["metricsConfig"]["valueFrom"]["configMapKeyRef"]["name"] == "mm2-jmx-exporter"
    assert watched["spec"]["selector"]["matchLabels"]["strimzi.io/cluster"] == flow


def _use(far: Cloud, stacks: SmallStacks, stack: str) -> None:
    """Let a stack find the broker that stands in for the cloud, and believe its certificate, which is not public."""

    def edit(configuration: dict[str, Any]) -> None:
        configuration["sites"][SITE]["external"] = far.external

    stacks.edit(stack, edit)


def _bring(stacks: SmallStacks, *objects: dict[str, Any]) -> None:
    for one in objects:
        stacks.api("lab").apply(one, field_manager=MANAGER)


def _bring_key(stacks: SmallStacks, namespace: str) -> None:
    """Make the namespace and in it the Secret with the API key, as the page's commands do."""
    key = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "es-api-secret", "namespace": namespace},
        "stringData": {"password": KEY},
    }
    _bring(stacks, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, key)


def _groups(example: Example, namespace: str, *flows: str) -> dict[str, str]:
    """Return the worker's group of each flow."""
    api = example.stacks.api("lab")
    found = {one: api.get(STRIMZI, "KafkaMirrorMaker2", one, namespace) for one in flows}
    return {name: one["spec"]["target"]["groupId"] for name, one in found.items()}


def _topics(example: Example, stack: str, site: str) -> set[str]:
    """Return the topics of a site that its application sees, which has a right on each that is there to be read."""
    admin = AdminClient(example.application(stack, site, f"{site}-app").client())
    return set(admin.list_topics(timeout=20).topics)


def _config_map(namespace: str, name: str, key: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {key: "rules: []\n"},
    }


def _know_pod_monitors(stacks: SmallStacks) -> None:
    """Let the control plane take PodMonitors, whatever they say: the operator of Prometheus is no part of the lab."""
    group, plural = "monitoring.coreos.com", "podmonitors"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": anything},
    }
    names = {"plural": plural, "singular": "podmonitor", "kind": "PodMonitor"}
    _bring(
        stacks,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
        },
    )
