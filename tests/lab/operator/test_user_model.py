from __future__ import annotations

from datetime import timedelta

import pytest

from lab.operator.acls import declared_acls
from lab.operator.failures import ReconciliationError
from lab.operator.user_model import user_model
from tests.lab.operator import recordings
from tests.lab.operator.resources import acl, make_user, scram


def test_rules_that_the_cluster_cannot_hold_are_refused_in_the_recorded_words() -> None:
    case = recordings.case("user-acls-admin-api-unsupported")
    (condition,) = recordings.yaml_file(case / "steps.yaml")[0]["kafkaUser"]["status"]["conditions"]

    with pytest.raises(ReconciliationError) as raised:
        user_model(recordings.resource(case, "KafkaUser"), has_authorizer=False)

    assert (raised.value.reason, raised.value.message) == (
        condition["reason"],
        condition["message"],
    )


def test_rule_that_cannot_be_is_found_out_when_the_rules_are_made() -> None:
    model = user_model(
        make_user("u", "c", "ns", **scram([acl("topic", None, "Read")])), has_authorizer=True
    )

    with pytest.raises(ReconciliationError, match="Name is required for resource type: TOPIC"):
        _ = model.acls


def test_quotas_have_the_names_that_kafka_gives_them() -> None:
    declared = {"consumerByteRate": 2, "controllerMutationRate": 0.5}

    model = user_model(make_user("u", "c", "ns", quotas=declared), has_authorizer=True)

    assert model.quotas == {"consumer_byte_rate": 2.0, "controller_mutation_rate": 0.5}


def test_certificate_lasts_as_long_as_the_user_says() -> None:
    user = make_user("u", "c", "ns", authentication={"type": "tls", "validityDays": 30})

    assert user_model(user, has_authorizer=True).validity == timedelta(days=30)


def test_password_may_come_from_a_secret() -> None:
    user = make_user("u", "c", "ns", **scram(name="s", key="k"))

    assert user_model(user, has_authorizer=True).password_from == ("s", "k")


def test_rule_without_a_host_holds_for_every_host_and_allows() -> None:
    rule = {"resource": {"type": "topic", "name": "t"}, "operations": ["DescribeConfigs"]}

    (acl,) = declared_acls("User:u", {"acls": [rule]})

    assert str(acl) == "User:u ALLOW DESCRIBE_CONFIGS host=* TOPIC:LITERAL:t"
