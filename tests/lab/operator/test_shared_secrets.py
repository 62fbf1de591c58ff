"""What others write at the same time: nothing of it is undone, and nothing is taken from whoever comes again."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from kafka_mirror.kubernetes_api import ConflictError, JsonObject, KubernetesApi
from kafka_mirror.kubernetes_api.failures import api_error
from lab.operator.context import Context, RunningCluster, Site
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.objects import CLUSTER_LABEL, KIND_LABEL, name_of
from lab.operator.user_sweep import UserSweeper
from lab.operator.users import UserReconciler
from lab.operator.watching import Store
from lab.operator.work_queue import Key, WorkQueue
from tests.lab.operator.resources import make_user, scram

USER = Key("dev", "KafkaUser", "dev", "app")
SWEEP = Key("dev", "UserSweep", "dev", "dev")
NOW = datetime(2026, 11, 21, 7, 30, 10, tzinfo=UTC)


class Server:
    """Secrets and KafkaUsers of one namespace, of which another hand changes some after a read."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], JsonObject] = {}
        self.after_read: Callable[[], None] | None = None

    def put(self, obj: JsonObject) -> None:
        old = self.objects.get((obj["kind"], name_of(obj)))
        version = int(old["metadata"]["resourceVersion"]) + 1 if old else 1
        kept = copy.deepcopy(obj)
        kept["metadata"] |= {"resourceVersion": str(version)}
        kept["metadata"].setdefault("uid", f"uid of {name_of(obj)}")
        self.objects[obj["kind"], name_of(obj)] = kept

    def find(self, _version: str, kind: str, name: str, _namespace: str) -> JsonObject | None:
        found = copy.deepcopy(self.objects.get((kind, name)))
        act, self.after_read = self.after_read, None
        if act is not None:
            act()
        return found

    def apply(self, obj: JsonObject, **_: object) -> JsonObject:
        old, version = (
            self.objects.get((obj["kind"], name_of(obj))),
            obj["metadata"].get("resourceVersion"),
        )
        if version is not None and (old is None or old["metadata"]["resourceVersion"] != version):
            raise api_error(409, "Conflict", "the object has been modified")
        self.put(obj)
        return obj

    def apply_status(self, obj: JsonObject, **_: object) -> None:
        pass

    def delete(
        self, _version: str, kind: str, name: str, _namespace: str, *, uid: str | None = None
    ) -> None:
        found = self.objects.get((kind, name))
        if found is not None and uid not in {None, found["metadata"]["uid"]}:
            raise api_error(409, "Conflict", "the uid is another one")
        self.objects.pop((kind, name), None)


class Broker:
    """What is set at a broker."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.quotas = self

    def scram_users(self) -> frozenset[str]:
        return frozenset(self.passwords)

    def set_password(self, user: str, password: str) -> None:
        self.passwords[user] = password

    def remove_password(self, user: str) -> None:
        del self.passwords[user]

    def of_users(self) -> dict[str, dict[str, float]]:
        return {}

    def acls(self, principal: str | None = None) -> frozenset[Any]:
        return frozenset()

    def delete_acls(self, acls: object) -> None:
        pass


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def context(server: Server, broker: Broker) -> Context:
    store = Store()
    site = Site("dev", cast("KubernetesApi", server), store)
    nothing: Any = None
    cluster = RunningCluster(
        admin=cast("KafkaAdmin", broker), has_authorizer=False, clients_authority=nothing
    )
    return Context(
        lab=nothing,
        sites={"dev": site},
        ports=nothing,
        launcher=nothing,
        jvm=nothing,
        queue=WorkQueue(),
        clusters={("dev", "dev", "dev"): cluster},
        now=lambda: NOW,
    )


def a_user() -> JsonObject:
    user = make_user("app", "dev", "dev", **scram())
    user["metadata"] |= {"uid": "uid of app", "generation": 1}
    return user


def a_secret(password: str, *, age: timedelta = timedelta(hours=1)) -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": "app",
            "namespace": "dev",
            "labels": {CLUSTER_LABEL: "dev", KIND_LABEL: "KafkaUser"},
            "creationTimestamp": (NOW - age).isoformat(),
        },
        "data": {"password": base64.b64encode(password.encode()).decode()},
    }


def password_of(server: Server) -> str:
    return base64.b64decode(server.objects["Secret", "app"]["data"]["password"]).decode()


def test_a_password_that_a_hand_writes_while_the_user_is_looked_at_is_kept(
    context: Context, server: Server, broker: Broker
) -> None:
    context.sites["dev"].store.put("KafkaUser", a_user())
    server.put(a_secret("first"))
    server.after_read = lambda: server.put(a_secret("by hand"))
    users = UserReconciler(context)

    with pytest.raises(ConflictError):
        users.reconcile(USER)
    users.reconcile(USER)

    assert password_of(server) == "by hand"
    assert broker.passwords == {"app": "by hand"}


def test_the_secret_of_a_user_of_the_same_name_before_is_made_anew(
    context: Context, server: Server
) -> None:
    context.sites["dev"].store.put("KafkaUser", a_user())
    former = a_secret("first")
    former["metadata"]["ownerReferences"] = [{"uid": "uid of another"}]
    server.put(former)

    UserReconciler(context).reconcile(USER)

    (owner,) = server.objects["Secret", "app"]["metadata"]["ownerReferences"]
    assert owner["uid"] == "uid of app"
    assert password_of(server) == "first"


def test_a_user_that_comes_again_while_its_leftovers_are_swept_is_looked_at_again(
    context: Context, broker: Broker
) -> None:
    broker.passwords["app"] = "of the one before"

    def come_again() -> None:
        # Seen by the sweep only once it has found that nobody stands for the password.
        context.sites["dev"].store.put("KafkaUser", a_user())

    broker.remove_password = lambda user: come_again()  # type: ignore[method-assign]
    UserSweeper(context).reconcile(SWEEP)

    assert context.queue.take() == USER


@pytest.mark.parametrize(
    ("age", "is_kept"),
    [
        pytest.param(timedelta(seconds=4), True, id="its user may be on its way"),
        pytest.param(timedelta(seconds=6), False, id="nobody came for it"),
    ],
)
def test_a_secret_without_its_user_is_given_a_moment(
    context: Context, server: Server, age: timedelta, is_kept: bool
) -> None:
    server.put(a_secret("copied", age=age))
    context.sites["dev"].store.put("Secret", server.objects["Secret", "app"])

    UserSweeper(context).reconcile(SWEEP)

    assert (("Secret", "app") in server.objects) is is_kept
