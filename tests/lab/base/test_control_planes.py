"""Real API servers and a real etcd."""

from __future__ import annotations

import contextlib
import ssl
import threading
import urllib.error
import urllib.request
from datetime import timedelta

import psutil
import pytest

import lab
from kafka_mirror.errors import UsageError
from kafka_mirror.kubernetes_api import ApiError, ConflictError, JsonObject, KubernetesApi
from kafka_mirror.kubernetes_api.connection import Connection
from lab.binaries import strimzi_crd_files
from lab.crds import load_definitions, served_kind
from lab.ports import PortBlock
from lab.processes import ProcessTable
from lab.waiting import wait_until

pytestmark = pytest.mark.lab

SOON = timedelta(seconds=60)
MANAGER = "tests"
KAFKA = "kafka.strimzi.io/v1"


@pytest.fixture(scope="module")
def dev(control_planes: lab.LabDirectory) -> KubernetesApi:
    return KubernetesApi.connect(kubeconfig=str(control_planes.kubeconfig), context="dev")


@pytest.fixture(scope="module")
def stg(control_planes: lab.LabDirectory) -> KubernetesApi:
    return KubernetesApi.connect(kubeconfig=str(control_planes.kubeconfig), context="stg")


@pytest.fixture
def namespace(dev: KubernetesApi, request: pytest.FixtureRequest) -> str:
    name = f"n{abs(hash(request.node.name)) % 10**8}"
    dev.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, field_manager=MANAGER
    )
    return name


def make_user(namespace: str, name: str = "app", **spec: object) -> JsonObject:
    return {
        "apiVersion": KAFKA,
        "kind": "KafkaUser",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"authentication": {"type": "scram-sha-512"}, **spec},
    }


def make_secret(
    namespace: str, owner: JsonObject | None = None, *, blocks: bool = False
) -> JsonObject:
    metadata: JsonObject = {"name": "app", "namespace": namespace}
    if owner:
        metadata["ownerReferences"] = [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "blockOwnerDeletion": blocks,
            }
        ]
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}


def test_every_definition_is_served_at_both_sites(dev, stg):
    definitions = load_definitions()
    assert len(definitions) == len(strimzi_crd_files()) + 1 == 9
    for api in (dev, stg):
        for each in definitions:
            assert api.resource_kind(*served_kind(each))


def test_the_server_is_the_release_that_was_asked_for(dev):
    version = dev.version()
    assert (version["major"], version["minor"]) == ("1", "36")


def test_sites_share_no_object(dev, stg, namespace):
    assert dev.find("v1", "Namespace", namespace)
    assert stg.find("v1", "Namespace", namespace) is None


def test_a_field_that_the_schema_does_not_know_is_refused(dev, namespace):
    with pytest.raises(ApiError, match=r"\.spec\.pasword: field not declared in schema"):
        dev.apply(make_user(namespace, pasword="x"), field_manager=MANAGER)


def test_a_deleted_namespace_goes_with_all_it_holds(dev, namespace):
    dev.apply(make_user(namespace), field_manager=MANAGER)
    dev.apply(make_secret(namespace), field_manager=MANAGER)
    dev.delete("v1", "Namespace", namespace)
    assert wait_until(lambda: dev.find("v1", "Namespace", namespace) is None, within=SOON)
    assert not dev.list_objects(KAFKA, "KafkaUser", namespace)["items"]


def test_a_namespace_waits_for_the_finalizers_of_its_objects(dev, namespace):
    secret = make_secret(namespace)
    secret["metadata"]["finalizers"] = ["example.org/hold"]
    dev.apply(secret, field_manager=MANAGER)
    dev.delete("v1", "Namespace", namespace)
    assert wait_until(
        lambda: "deletionTimestamp" in dev.get("v1", "Secret", "app", namespace)["metadata"],
        within=SOON,
    )
    assert dev.find("v1", "Namespace", namespace)
    let_go = {"metadata": {"finalizers": None}}
    dev.patch("v1", "Secret", "app", namespace, patch=let_go, field_manager=MANAGER)
    assert wait_until(lambda: dev.find("v1", "Namespace", namespace) is None, within=SOON)


def test_what_an_object_owned_goes_with_it_and_nothing_else(dev, namespace):
    user = dev.apply(make_user(namespace), field_manager=MANAGER)
    dev.apply(make_secret(namespace, user), field_manager=MANAGER)
    other = make_secret(namespace)
    other["metadata"]["name"] = "other"
    dev.apply(other, field_manager=MANAGER)
    dev.delete(KAFKA, "KafkaUser", "app", namespace)
    assert wait_until(lambda: dev.find("v1", "Secret", "app", namespace) is None, within=SOON)
    assert dev.find("v1", "Secret", "other", namespace)


def test_a_deletion_in_the_foreground_ends_after_its_dependents(dev, namespace, control_planes):
    user = dev.apply(make_user(namespace), field_manager=MANAGER)
    dev.apply(make_secret(namespace, user, blocks=True), field_manager=MANAGER)
    connection = Connection(kubeconfig=str(control_planes.kubeconfig), context="dev")
    connection.request(
        "DELETE",
        dev.resource_kind(KAFKA, "KafkaUser").path(name="app", namespace=namespace),
        body={"propagationPolicy": "Foreground"},
    )
    assert wait_until(lambda: dev.find(KAFKA, "KafkaUser", "app", namespace) is None, within=SOON)
    assert dev.find("v1", "Secret", "app", namespace) is None


def test_a_namespace_deleted_in_the_foreground_goes_with_all_it_holds(
    dev, namespace, control_planes
):
    dev.apply(make_user(namespace), field_manager=MANAGER)
    Connection(kubeconfig=str(control_planes.kubeconfig), context="dev").request(
        "DELETE",
        dev.resource_kind("v1", "Namespace").path(name=namespace),
        body={"propagationPolicy": "Foreground"},
    )
    assert wait_until(lambda: dev.find("v1", "Namespace", namespace) is None, within=SOON)


def test_a_dependent_made_again_and_again_does_not_hold_its_owner(dev, namespace, control_planes):
    user = dev.apply(make_user(namespace), field_manager=MANAGER)
    secret = make_secret(namespace, user, blocks=True)
    dev.apply(secret, field_manager=MANAGER)
    is_over = threading.Event()

    def make_again() -> None:
        while not is_over.wait(0.01):
            if dev.find(KAFKA, "KafkaUser", "app", namespace):
                # It may be deleted in the very moment it is made again: then it is made once more.
                with contextlib.suppress(ConflictError):
                    dev.apply(secret, field_manager=MANAGER)

    operator = threading.Thread(target=make_again)
    operator.start()
    try:
        Connection(kubeconfig=str(control_planes.kubeconfig), context="dev").request(
            "DELETE",
            dev.resource_kind(KAFKA, "KafkaUser").path(name="app", namespace=namespace),
            body={"propagationPolicy": "Foreground"},
        )
        assert wait_until(
            lambda: dev.find(KAFKA, "KafkaUser", "app", namespace) is None, within=SOON
        )
    finally:
        is_over.set()
        operator.join()
    assert wait_until(lambda: dev.find("v1", "Secret", "app", namespace) is None, within=SOON)


def test_an_owner_waits_for_a_dependent_that_is_held_itself(dev, namespace, control_planes):
    user = dev.apply(make_user(namespace), field_manager=MANAGER)
    secret = make_secret(namespace, user, blocks=True)
    secret["metadata"]["finalizers"] = ["example.org/hold"]
    dev.apply(secret, field_manager=MANAGER)
    Connection(kubeconfig=str(control_planes.kubeconfig), context="dev").request(
        "DELETE",
        dev.resource_kind(KAFKA, "KafkaUser").path(name="app", namespace=namespace),
        body={"propagationPolicy": "Foreground"},
    )
    assert wait_until(
        lambda: "deletionTimestamp" in dev.get("v1", "Secret", "app", namespace)["metadata"],
        within=SOON,
    )
    assert dev.find(KAFKA, "KafkaUser", "app", namespace)
    let_go = {"metadata": {"finalizers": None}}
    dev.patch("v1", "Secret", "app", namespace, patch=let_go, field_manager=MANAGER)
    assert wait_until(lambda: dev.find(KAFKA, "KafkaUser", "app", namespace) is None, within=SOON)


def test_the_lab_listens_on_loopback_and_in_its_block_only(control_planes):
    reserved = set(PortBlock.of(control_planes.root).assigned().values())
    listening = {
        connection.laddr
        for record in ProcessTable(control_planes.processes).records()
        for connection in psutil.Process(record.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == reserved


def test_no_process_has_the_token_or_the_passphrase_in_its_arguments(control_planes):
    secrets = [
        (control_planes.root / "keys" / "tokens.csv").read_text().partition(",")[0],
        control_planes.passphrase.read_text(),
    ]
    for record in ProcessTable(control_planes.processes).records():
        process = psutil.Process(record.pid)
        told = " ".join((*process.cmdline(), *process.environ().values()))
        assert not [secret for secret in secrets if secret in told]


def test_no_file_of_the_lab_can_be_read_by_others(control_planes):
    assert control_planes.root.stat().st_mode & 0o077 == 0
    private = [
        control_planes.kubeconfig,
        control_planes.passphrase,
        *(control_planes.root / "keys").iterdir(),
    ]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_etcd_answers_nobody_without_a_certificate_of_the_lab(control_planes):
    context = ssl.create_default_context(cafile=control_planes.root / "keys" / "ca.crt")
    port = PortBlock.of(control_planes.root).port_for("etcd")
    with pytest.raises(
        (urllib.error.URLError, OSError), match=r"certificate required|reset|closed"
    ):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/version", context=context, timeout=5)


def test_an_api_server_answers_nobody_without_the_token(control_planes):
    context = ssl.create_default_context(cafile=control_planes.root / "keys" / "ca.crt")
    port = PortBlock.of(control_planes.root).port_for("kube-apiserver-dev")
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(f"https://127.0.0.1:{port}/version", context=context, timeout=5)
    refused.value.close()


def test_up_on_a_running_lab_says_so(control_planes):
    (step,) = lab.up(control_planes.root, sites=("dev", "stg"), with_operator=False)
    assert (step.name, step.detail) == ("Lab: sites dev and stg", "runs already")


def test_up_with_other_sites_is_refused(control_planes):
    with pytest.raises(
        UsageError, match=r"runs with the sites dev, stg, asked for are dev\. End it with"
    ):
        list(lab.up(control_planes.root, sites=("dev",), with_operator=False))


def test_up_with_an_operator_on_a_lab_without_one_is_refused(control_planes):
    with pytest.raises(UsageError, match="runs with no operator"):
        list(lab.up(control_planes.root, sites=("dev", "stg")))
