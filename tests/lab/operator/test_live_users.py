"""KafkaUser objects against a real broker with the standard authorizer, as recorded from the real User Operator."""

from __future__ import annotations

import signal

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.lab.operator.live import LivePair, LiveSite, becomes, eventually
from tests.lab.operator.resources import acl, make_secret, make_user, scram

pytestmark = pytest.mark.lab
_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required"
_WRAPPED = "java.util.concurrent.CompletionException: io.strimzi.operator.common.model.InvalidResourceException"


@pytest.fixture
def dev(pair: LivePair) -> LiveSite:
    return pair.dev


def can_log_in(site: LiveSite, user: str, password: str) -> bool:
    client = AdminClient(site.client(user, password))
    try:
        client.list_topics(timeout=5)
    except KafkaException:
        return False
    return True


def acls_of(site: LiveSite, user: str) -> set[str]:
    return {f"acl {acl}" for acl in site.admin().acls(f"User:{user}")}


def test_generated_password_is_in_the_secret_with_the_recorded_labels_and_logs_in(
    dev: LiveSite,
) -> None:
    dev.apply(make_user("u-gen", "dev", "dev", **scram()))

    user = dev.wait_for("KafkaUser", "u-gen")

    assert user["status"]["username"] == user["status"]["secret"] == "u-gen"
    assert "finalizers" not in user["metadata"]
    values = dev.secret("u-gen")
    assert len(values["password"]) == 32
    assert values["sasl.jaas.config"] == (
        f'{_JAAS} username="u-gen" password="{values["password"]}";'
    )
    metadata = dev.api.get("v1", "Secret", "u-gen", "dev")["metadata"]
    assert metadata["labels"] == {
        "app.kubernetes.io/instance": "u-gen",
        "app.kubernetes.io/managed-by": "strimzi-user-operator",
        "app.kubernetes.io/name": "strimzi-user-operator",
        "app.kubernetes.io/part-of": "strimzi-u-gen",
        "strimzi.io/cluster": "dev",
        "strimzi.io/kind": "KafkaUser",
    }
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"], owner["blockOwnerDeletion"]) == (
        "KafkaUser",
        "u-gen",
        False,
        True,
    )
    eventually(lambda: can_log_in(dev, "u-gen", values["password"]))
    assert not can_log_in(dev, "u-gen", "wrong")


def test_referenced_password_follows_its_secret_when_the_user_is_touched(dev: LiveSite) -> None:
    dev.apply(make_secret("u-ref-pw", "dev", pw="made-up-ref-1"))
    dev.apply(make_user("u-ref", "dev", "dev", **scram(name="u-ref-pw", key="pw")))
    dev.wait_for("KafkaUser", "u-ref")
    eventually(lambda: can_log_in(dev, "u-ref", "made-up-ref-1"))

    dev.apply(make_secret("u-ref-pw", "dev", pw="made-up-ref-2"))
    dev.annotate("KafkaUser", "u-ref", touched="1")

    eventually(lambda: dev.secret("u-ref")["password"] == "made-up-ref-2")
    eventually(lambda: can_log_in(dev, "u-ref", "made-up-ref-2"))
    assert not can_log_in(dev, "u-ref", "made-up-ref-1")


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        pytest.param({}, "Secret u-miss-pw in namespace dev not found", id="no such Secret"),
        pytest.param(
            {"other": "x"},
            "Secret u-miss-pw does not contain the key pw with requested user password.",
            id="no such key",
        ),
    ],
)
def test_missing_password_is_told_in_the_recorded_words(
    dev: LiveSite, secret: dict[str, str], message: str
) -> None:
    dev.delete("Secret", "u-miss-pw", api_version="v1")
    dev.delete("KafkaUser", "u-miss")
    if secret:
        dev.apply(make_secret("u-miss-pw", "dev", **secret))
    dev.apply(make_user("u-miss", "dev", "dev", **scram(name="u-miss-pw", key="pw")))

    (condition,) = dev.conditions("KafkaUser", "u-miss")

    assert condition == {
        "type": "NotReady",
        "status": "True",
        "reason": "ExecutionException",
        "message": f"{_WRAPPED}: {message}",
    }
    assert "username" not in dev.get("KafkaUser", "u-miss")["status"]


def test_access_rules_are_those_declared_and_go_with_the_user(dev: LiveSite) -> None:
    rules = [acl("topic", "items", "Read", "Describe"), acl("group", "*", "Read")]
    dev.apply(make_user("u-acl", "dev", "dev", **scram(rules)))
    dev.wait_for("KafkaUser", "u-acl")
    assert becomes(
        lambda: acls_of(dev, "u-acl"),
        {
            "acl User:u-acl ALLOW DESCRIBE host=* TOPIC:LITERAL:items",
            "acl User:u-acl ALLOW READ host=* GROUP:LITERAL:*",
            "acl User:u-acl ALLOW READ host=* TOPIC:LITERAL:items",
        },
    )

    dev.apply(make_user("u-acl", "dev", "dev", **scram(rules[1:])))
    dev.wait_for("KafkaUser", "u-acl")
    only = {"acl User:u-acl ALLOW READ host=* GROUP:LITERAL:*"}
    assert becomes(lambda: acls_of(dev, "u-acl"), only)

    dev.delete_in_the_foreground("KafkaUser", "u-acl")
    eventually(lambda: dev.find("KafkaUser", "u-acl") is None, why="the user goes")
    eventually(lambda: not acls_of(dev, "u-acl"), why="access rules go")
    eventually(lambda: "u-acl" not in dev.admin().scram_users(), why="password goes")
    eventually(lambda: not dev.secret("u-acl"), why="Secret goes")


def test_switching_the_authentication_leaves_nothing_of_the_former_one(dev: LiveSite) -> None:
    dev.apply(make_user("u-chg", "dev", "dev", **scram()))
    dev.wait_for("KafkaUser", "u-chg")

    dev.apply(make_user("u-chg", "dev", "dev", authentication={"type": "tls"}))
    assert dev.wait_for("KafkaUser", "u-chg")["status"]["username"] == "CN=u-chg"
    assert set(dev.secret("u-chg")) == {
        "ca.crt",
        "user.crt",
        "user.key",
        "user.p12",
        "user.password",
    }
    assert becomes(lambda: "u-chg" in dev.admin().scram_users(), wanted=False)

    dev.apply(make_user("u-chg", "dev", "dev", authentication={"type": "tls-external"}))
    status = dev.wait_for("KafkaUser", "u-chg")["status"]
    assert (status["username"], "secret" in status) == ("CN=u-chg", False)
    eventually(lambda: not dev.secret("u-chg"))


def test_user_with_a_certificate_gets_in_and_may_do_what_it_is_granted(dev: LiveSite) -> None:
    rules = [acl("topic", "*", "Describe")]
    spec = {
        "authentication": {"type": "tls"},
        "authorization": {"type": "simple", "acls": rules},
    }
    dev.apply(make_user("u-tls", "dev", "dev", **spec))
    dev.wait_for("KafkaUser", "u-tls")
    values = dev.secret("u-tls")

    client = AdminClient(
        {
            "bootstrap.servers": dev.listener("mtls")["bootstrapServers"],
            "security.protocol": "SSL",
            "ssl.ca.pem": dev.trusted,
            "ssl.certificate.pem": values["user.crt"],
            "ssl.key.pem": values["user.key"],
        }
    )

    assert client.list_topics(timeout=60).brokers
    assert becomes(
        lambda: acls_of(dev, "CN=u-tls"),
        {"acl User:CN=u-tls ALLOW DESCRIBE host=* TOPIC:LITERAL:*"},
    )


def test_what_was_made_by_hand_is_removed(dev: LiveSite) -> None:
    dev.admin().set_password("by-hand", "made-up")

    eventually(lambda: "by-hand" not in dev.admin().scram_users())


def test_own_secret_changed_by_hand_becomes_the_password(dev: LiveSite) -> None:
    dev.apply(make_user("u-hand", "dev", "dev", **scram()))
    dev.wait_for("KafkaUser", "u-hand")

    dev.apply(make_secret("u-hand", "dev", password="made-up-by-hand"))

    eventually(lambda: can_log_in(dev, "u-hand", "made-up-by-hand"))


def test_quotas_are_those_declared_and_quotas_by_hand_go(dev: LiveSite) -> None:
    quotas = dev.admin().quotas
    declared = {"producerByteRate": 1048576, "requestPercentage": 55}
    dev.apply(make_user("u-limited", "dev", "dev", **scram(), quotas=declared))
    dev.wait_for("KafkaUser", "u-limited")
    expected = {"producer_byte_rate": 1048576.0, "request_percentage": 55.0}
    assert becomes(lambda: quotas.of_users().get("u-limited"), expected)

    quotas.alter("u-limited", {"consumer_byte_rate": 1.0, "producer_byte_rate": None})
    quotas.alter("nobody", {"consumer_byte_rate": 1.0})

    eventually(lambda: quotas.of_users()["u-limited"] == expected)
    eventually(lambda: "nobody" not in quotas.of_users())


def test_user_of_another_cluster_is_nobodys(dev: LiveSite) -> None:
    dev.apply(make_user("u-other", "other", "dev", **scram()))
    dev.apply(make_user("u-own", "dev", "dev", **scram()))
    dev.wait_for("KafkaUser", "u-own")

    assert "status" not in dev.get("KafkaUser", "u-other")


def test_user_deleted_while_no_operator_runs_is_gone_from_kafka_soon_after(
    pair: LivePair, dev: LiveSite
) -> None:
    dev.apply(make_user("u-late", "dev", "dev", **scram([acl("topic", "t", "Read")])))
    dev.wait_for("KafkaUser", "u-late")
    record = pair.processes.find("operator")
    assert record is not None

    record.signal(signal.SIGKILL)
    dev.delete("KafkaUser", "u-late")

    pair.wait_for_another("operator", record.pid)
    pair.wait_for_another("kafka-dev-dev-dev-nodes-0", 0)
    eventually(dev.admin().broker_ids, why="the broker is back")
    eventually(lambda: "u-late" not in dev.admin().scram_users())
    eventually(lambda: not acls_of(dev, "u-late"))
