"""A fenced user on a real broker: whatever its roles and its own ACLs say, it writes nothing and cannot free itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from pydantic import TypeAdapter

from kafka_mirror.planning import UserPlan
from kafka_mirror.planning.credentials import with_password_of_stack
from kafka_mirror.planning.roles import rights_of
from kafka_mirror.planning.users import plan_user
from kafka_mirror.topology import Access, Acl, UserName
from lab.waiting import wait_until
from tests.lab.rights.brokers import PASSWORD, Broker
from tests.lab.rights.conftest import Pair
from tests.lab.rights.operations import OPERATIONS, Client, allowed
from tests.lab.rights.trials import acls_of
from tests.lab.rights.work import PATIENCE

pytestmark = pytest.mark.lab

TOPIC, GROUP, ID = "fenced-items", "fenced-group", "fenced-id"
WITHIN = timedelta(seconds=60)
ROLES = [
    {"role": "transactional-producer", "topics": [TOPIC], "transactionalIds": [ID]},
    {"role": "admin", "topics": [TOPIC], "groups": [GROUP]},
]
EVERYTHING: list[dict[str, Any]] = [
    {"resource": {"type": kind, "name": "fenced-", "patternType": "prefix"}, "operations": ["All"]}
    for kind in ("topic", "group", "transactionalId")
] + [{"resource": {"type": "cluster"}, "operations": ["All"]}]
ASKED = {"topic": TOPIC, "group": GROUP, "transactionalId": ID, "cluster": "any"}
TAKEN = {"write", "begin a transaction", "grant", "set a password"}


def user(name: str, acls: list[dict[str, Any]], *, fenced: bool) -> UserPlan:
    roles = [TypeAdapter[Any](Access).validate_python(one) for one in ROLES]
    return plan_user(
        UserName(name),
        of_roles=[right for role in roles for right in rights_of(role)],
        acls=[Acl.model_validate(one) for one in acls],
        proof=with_password_of_stack(UserName(name)),
        fenced=fenced,
        quotas=None,
    )


def may_write(broker: Broker, name: str) -> bool:
    write = next(one for one in OPERATIONS if one.name == "write")
    return Client(broker, name).may(write, TOPIC)


@pytest.mark.parametrize(("name", "acls"), [("fenced-by-role", []), ("fenced-by-acls", EVERYTHING)])
def test_a_fenced_user_writes_nothing_and_all_else_goes_on(
    pair: Pair, name: str, acls: list[dict[str, Any]]
) -> None:
    broker, held = pair.source, pair.source.admin
    free, fenced = user(name, acls, fenced=False), user(name, acls, fenced=True)
    before, after = acls_of(free, namespace="src"), acls_of(fenced, namespace="src")
    if held.topic(TOPIC) is None:
        held.create_topic(TOPIC, partitions=1, copies=1, config={})
    held.set_password(name, PASSWORD)
    held.create_acls(before)
    assert wait_until(lambda: may_write(broker, name), within=WITHIN)
    producer = Producer(broker.client(name, **{"transactional.id": ID}))
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    producer.produce(TOPIC, b"too late")
    assert producer.flush(PATIENCE) == 0

    held.delete_acls(before - after)
    held.create_acls(after - before)
    assert wait_until(lambda: not may_write(broker, name), within=WITHIN)

    with pytest.raises(KafkaException) as refused:
        producer.commit_transaction(PATIENCE)
    assert refused.value.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    client = Client(broker, name)
    asked = [one for one in OPERATIONS if one.name != "delete"]
    answers = {one.name: client.may(one, ASKED[one.kind]) for one in asked}
    assert answers == {one.name: allowed(fenced.rights, one, ASKED[one.kind]) for one in asked}
    could = {one.name for one in asked if allowed(free.rights, one, ASKED[one.kind])}
    assert {one for one in could if not answers[one]} == TAKEN & could
