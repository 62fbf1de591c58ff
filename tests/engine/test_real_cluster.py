"""The engine against a real API server: field ownership, strict validation, finalizers, namespaces."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import engine
import lab
from engine.cluster import connect
from engine.kubernetes_objects import is_ours
from kafka_mirror.errors import UnreachableError, UsageError
from kafka_mirror.kubernetes_api import JsonObject, KubernetesApi, NotFoundError
from lab.binaries import ensure_everything
from tests.engine.conftest import Sandbox, changed

pytestmark = pytest.mark.lab

TOPIC = ("kafka.strimzi.io/v1", "KafkaTopic")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A control plane without an operator."""
    try:
        for _ in ensure_everything():
            pass
    except UsageError as missing:
        if os.environ.get("KAFKA_MIRROR_REQUIRE_LAB"):
            raise
        pytest.skip(str(missing))
    root = tmp_path_factory.mktemp("engine") / "lab"
    with lab.running(root, sites=("dev",), with_operator=False) as directory:
        yield directory.kubeconfig


@pytest.fixture
def api(kubeconfig: Path) -> KubernetesApi:
    return KubernetesApi.connect(kubeconfig=str(kubeconfig), context="dev")


@pytest.fixture
def operator(api: KubernetesApi) -> Iterator[None]:
    """Makes every topic ready, as an operator would."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.1):
            for topic in api.list_objects(*TOPIC)["items"]:
                generation = topic["metadata"]["generation"]
                if (topic.get("status") or {}).get("observedGeneration") != generation:
                    # One that has gone since it was listed needs no status.
                    with contextlib.suppress(NotFoundError):
                        api.apply_status(_ready(topic), field_manager="operator")

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()


@pytest.fixture
def real(small: Sandbox, kubeconfig: Path, operator: None) -> Iterator[Sandbox]:
    """The small program on the real API server; what it made is gone afterwards."""
    small.options = replace(
        small.options, connect=connect, environment={"KUBECONFIG": str(kubeconfig)}
    )
    yield small
    if small.state_file.exists():
        small.destroy()


def _ready(topic: JsonObject) -> JsonObject:
    metadata = topic["metadata"]
    return {
        "apiVersion": topic["apiVersion"],
        "kind": topic["kind"],
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "status": {
            "observedGeneration": metadata["generation"],
            "conditions": [{"type": "Ready", "status": "True"}],
            "topicName": metadata["name"],
        },
    }


def test_a_stack_is_deployed_left_alone_changed_and_destroyed(
    real: Sandbox, api: KubernetesApi
) -> None:
    real.up()
    before = api.get(*TOPIC, "items", "shop")["metadata"]
    assert {entry["manager"] for entry in before["managedFields"]} == {"kafka-mirror", "operator"}
    assert changed(real.up()) == []
    assert (
        api.get(*TOPIC, "items", "shop")["metadata"]["resourceVersion"] == before["resourceVersion"]
    )
    real.configure(topics={"items": 6}, generation=2)
    assert changed(real.up()) == [
        "delete prices",
        "replace password",
        "update items",
        "update secret",
    ]
    assert api.get(*TOPIC, "items", "shop")["spec"]["partitions"] == 6
    assert api.find(*TOPIC, "prices", "shop") is None
    real.destroy()
    assert api.find("v1", "Namespace", "shop") is None


def test_a_field_of_another_manager_is_a_conflict_that_names_both(
    real: Sandbox, api: KubernetesApi
) -> None:
    real.up()
    theirs = {
        "apiVersion": TOPIC[0],
        "kind": TOPIC[1],
        "metadata": {"name": "items", "namespace": "shop"},
        "spec": {"partitions": 12},
    }
    api.apply(theirs, field_manager="someone", force=True)
    real.configure(topics={"items": 6, "prices": 1})
    with pytest.raises(engine.DeploymentError) as failed:
        real.up()
    assert "spec.partitions by someone. Run it again with --force-conflicts" in str(failed.value)
    assert api.get(*TOPIC, "items", "shop")["spec"]["partitions"] == 12
    assert changed(real.up(force_conflicts=True)) == ["update items"]
    assert api.get(*TOPIC, "items", "shop")["spec"]["partitions"] == 6


def test_a_field_the_schema_does_not_know_is_refused(real: Sandbox) -> None:
    program = real.project.directory / "__main__.py"
    program.write_text(
        program.read_text().replace('spec={"partitions"', 'spec={"colour": "red", "partitions"')
    )
    with pytest.raises(
        engine.DeploymentError, match=r"\.spec\.colour: field not declared in schema"
    ):
        real.up()


def test_a_finalizer_is_waited_for_and_named(real: Sandbox, api: KubernetesApi) -> None:
    real.up()
    finalizer = "strimzi.io/topic-operator"
    hold = {"metadata": {"finalizers": [finalizer]}}
    api.patch(*TOPIC, "items", "shop", patch=hold, field_manager="operator")

    def let_go(event: engine.Event) -> None:
        if isinstance(event, engine.StepProgress) and finalizer in event.message:
            free: JsonObject = {"metadata": {"finalizers": None}}
            api.patch(*TOPIC, "items", "shop", patch=free, field_manager="operator")

    outcome = engine.destroy(real.project, "dev", options=real.options, on_event=let_go)
    assert outcome.changes == {engine.Op.DELETE: 9}


def test_a_key_taken_out_of_a_secret_is_gone_from_the_cluster(
    real: Sandbox, api: KubernetesApi
) -> None:
    program = real.project.directory / "__main__.py"
    text = program.read_text()
    program.write_text(text.replace('{"password": password', '{"extra": "e", "password": password'))
    real.up()
    assert set(api.get("v1", "Secret", "user", "shop")["data"]) == {"extra", "password"}
    program.write_text(text)
    real.up()
    assert set(api.get("v1", "Secret", "user", "shop")["data"]) == {"password"}


def test_an_object_made_by_the_kubernetes_provider_is_taken_over(
    real: Sandbox, api: KubernetesApi
) -> None:
    real.up()
    made = api.get(*TOPIC, "items", "shop")
    created = {key: made[key] for key in ("apiVersion", "kind", "spec")}
    kept = ("name", "namespace", "annotations")
    created["metadata"] = {key: made["metadata"][key] for key in kept} | {"labels": {"a": "b"}}
    created["spec"] = {**made["spec"], "replicas": 1}
    api.delete(*TOPIC, "items", "shop")
    api.create(created, field_manager="pulumi-kubernetes")
    state = json.loads(real.state_file.read_text())
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::items"):
            resource["outputs"]["__fieldManager"] = "pulumi-kubernetes-1f2e3d4c"
    real.state_file.write_text(json.dumps(state))
    assert changed(real.up()) == []

    real.configure(topics={"items": 6, "prices": 1})
    assert changed(real.up()) == ["update items"]

    live = api.get(*TOPIC, "items", "shop")
    assert live["spec"] == {"partitions": 6}
    assert "labels" not in live["metadata"]
    managers = {(one["manager"], one["operation"]) for one in live["metadata"]["managedFields"]}
    assert ("pulumi-kubernetes-1f2e3d4c", "Apply") in managers
    assert not any(manager in {"kafka-mirror", "pulumi-kubernetes"} for manager, _ in managers)
    assert real.resources()["items"]["outputs"]["__fieldManager"] == "pulumi-kubernetes-1f2e3d4c"


def test_a_context_the_kubeconfig_has_not_is_told(real: Sandbox) -> None:
    program = real.project.directory / "__main__.py"
    program.write_text(program.read_text().replace('context="dev"', 'context="prod"'))
    with pytest.raises(UsageError, match=r"has no context 'prod' \(has dev\)"):
        real.up()


def test_a_cluster_that_is_down_previews_and_is_unreachable(real: Sandbox, tmp_path: Path) -> None:
    down = tmp_path / "kubeconfig"
    down.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "users: [{name: u, user: {token: t}}]\n"
        "contexts: [{name: dev, context: {cluster: c, user: u}}]\n"
    )
    before = real.options
    real.options = replace(before, environment={"KUBECONFIG": str(down)})
    assert len(real.preview().changed) == 9
    with pytest.raises(UnreachableError, match="no connection"):
        real.up()
    real.options = before
    real.up()
    assert changed(real.up()) == []


def test_a_namespace_that_was_applied_is_told_from_one_that_others_made(api: KubernetesApi) -> None:
    bare = {"apiVersion": "v1", "kind": "Namespace"}
    api.apply({**bare, "metadata": {"name": "applied"}}, field_manager="kafka-mirror")
    api.create({**bare, "metadata": {"name": "created"}}, field_manager="kubectl-create")
    assert is_ours(api.get("v1", "Namespace", "applied"))
    assert not is_ours(api.get("v1", "Namespace", "created"))
