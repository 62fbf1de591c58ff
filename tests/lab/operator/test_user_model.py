from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from lab.operator.acls import declared_acls
from lab.operator.failures import ReconciliationError
from lab.operator.user_model import scram_secret, user_model
from tests.lab.operator import recordings
from tests.lab.operator.resources import make_user, scram

_WITH_RULES = ("user-acls", "user-acls-odd", "user-acls-empty", "user-no-authentication")


def recorded_acls(case: Path) -> set[str]:
    first = recordings.yaml_file(case / "steps.yaml")[0]
    return {row.removeprefix("acl ") for row in first["kafka"] if row.startswith("acl ")}


@pytest.mark.parametrize("name", [*_WITH_RULES, "user-tls", "user-tls-external"])
def test_declared_rules_become_the_recorded_ones(name: str) -> None:
    case = recordings.case(name)

    model = user_model(recordings.resource(case, "KafkaUser"), has_authorizer=True)

    assert {str(acl) for acl in model.acls} == recorded_acls(case)
    status = recordings.yaml_file(case / "steps.yaml")[0]["kafkaUser"]["status"]
    assert model.username == status["username"]
    assert model.has_secret == ("secret" in status)


@pytest.mark.parametrize(
    ("name", "has_authorizer"),
    [
        ("user-acl-topic-without-name", True),
        ("user-secretref-without-key", True),
        ("user-acls-admin-api-unsupported", False),
    ],
)
def test_impossible_user_is_refused_in_the_recorded_words(name: str, has_authorizer: bool) -> None:
    case = recordings.case(name)
    status = recordings.yaml_file(case / "steps.yaml")[0]["kafkaUser"]["status"]

    with pytest.raises(ReconciliationError) as raised:
        user_model(recordings.resource(case, "KafkaUser"), has_authorizer=has_authorizer)

    (condition,) = status["conditions"]
    assert (raised.value.reason, raised.value.message) == (
        condition["reason"],
        condition["message"],
    )


@pytest.mark.parametrize("name", ["user-scram-generated", "user-template"])
def test_secret_of_a_user_is_the_recorded_one(name: str) -> None:
    case = recordings.case(name)
    recorded = recordings.yaml_file(case / "steps.yaml")[0]["secret"]

    secret: dict[str, Any] = scram_secret(recordings.resource(case, "KafkaUser"), "pw")

    metadata = secret["metadata"]
    assert metadata["labels"] == recorded["labels"]
    assert metadata.get("annotations") == recorded["annotations"]
    (owner,) = metadata["ownerReferences"]
    assert {key: value for key, value in owner.items() if key != "uid"} == (
        recorded["ownerReferences"][0]
    )
    values = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    login = recorded["data"]["sasl.jaas.config"]
    assert values == {
        "password": "pw",
        "sasl.jaas.config": login.replace("<same as password>", "pw"),
    }


def test_password_may_come_from_a_secret() -> None:
    user = make_user("u", "c", "ns", **scram(name="s", key="k"))

    assert user_model(user, has_authorizer=True).password_from == ("s", "k")


def test_rule_without_a_host_holds_for_every_host_and_allows() -> None:
    rule = {"resource": {"type": "topic", "name": "t"}, "operations": ["DescribeConfigs"]}

    (acl,) = declared_acls("User:u", {"acls": [rule]})

    assert str(acl) == "User:u ALLOW DESCRIBE_CONFIGS host=* TOPIC:LITERAL:t"
