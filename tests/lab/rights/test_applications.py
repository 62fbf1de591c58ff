"""Applications on real brokers, at home and replicated: with one access rule less, their work is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from confluent_kafka import KafkaError, Producer

from lab.operator.acls import Acl
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.rights.brokers import PASSWORD, Broker
from tests.lab.rights.conftest import Pair
from tests.lab.rights.trials import Naming, Trial, acls_of
from tests.lab.rights.work import Answer, Job, administer, observe, process, receive, send, transact

pytestmark = pytest.mark.lab

TABLE = "Least rights: what breaks with one access rule less"
WITHIN = timedelta(seconds=180)
OF_A_RESOURCE = {
    "topic": KafkaError.TOPIC_AUTHORIZATION_FAILED,
    "group": KafkaError.GROUP_AUTHORIZATION_FAILED,
    "id": KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
REFUSAL = {
    f"{operation} on {what}": OF_A_RESOURCE[what.split()[-1]]
    for what, operations in {
        "the topic": [
            "READ",
            "WRITE",
            "CREATE",
            "DELETE",
            "ALTER",
            "ALTER_CONFIGS",
            "DESCRIBE",
            "DESCRIBE_CONFIGS",
        ],
        "the mirrored topic": ["READ", "DESCRIBE", "DESCRIBE_CONFIGS"],
        "the group": ["READ", "DELETE", "DESCRIBE"],
        "the transactional id": ["WRITE"],
    }.items()
    for operation in operations
}
WORK: dict[str, Callable[[Job], Answer]] = {
    "producer": send,
    "consumer": receive,
    "transactional-producer": transact,
    "processor": process,
    "observer": observe,
    "admin": administer,
}
ALWAYS = ("producer", "consumer")
SHORT = [("identity", "source"), ("prefix", "target")]
COMBINED = "processor"


def is_short(role: str, naming: str, end: str) -> bool:
    """Whether a case belongs to the short form: the rights of a role at home do not depend on the naming."""
    places = SHORT[1:] if role == COMBINED else SHORT
    return role in ALWAYS or (naming, end) in places


CASES = [
    pytest.param(
        role,
        naming,
        end,
        marks=[] if is_short(role, naming, end) else [pytest.mark.soak],
    )
    for role in WORK
    for end in ("source", "target")
    for naming in ("identity", "prefix")
]


@pytest.mark.parametrize(("role", "naming", "end"), CASES)
def test_an_application_needs_every_right_it_has_and_no_other(
    pair: Pair, figures: Figures, role: str, naming: Naming, end: str
) -> None:
    trial = Trial(f"a{list(WORK).index(role)}{naming[0]}{end[0]}", naming)
    broker, site = (pair.source, trial.source) if end == "source" else (pair.target, trial.target)
    job = Job(
        broker=broker,
        user=trial.user(role),
        own=trial.topic,
        read=(trial.topic,) if end == "source" else tuple({trial.topic, trial.copy}),
        group=trial.group,
        transactional_id=trial.transactional_id,
    )
    (user,) = (one for one in trial.users(site) if one.name == job.user)
    furnish(broker, user.name, job.read)
    broker.admin.create_acls(acls_of(user, namespace=site))

    def work() -> int:
        error = WORK[role](job)
        return KafkaError.NO_ERROR if error is None else int(error.code())

    assert wait_until(lambda: work() == KafkaError.NO_ERROR, within=WITHIN)
    for acl in sorted(acls_of(user, namespace=site)):
        called = trial.called(user, acl)
        words = f"{called.operation} on {called.what}"
        refused = without(broker, acl, work)
        assert refused == REFUSAL[words], words
        figures(
            TABLE,
            role=role if end == "source" else f"{role}, replicated",
            naming=naming,
            without=words,
            lost=f"its work: {KafkaError(refused).name()}",
        )


def furnish(broker: Broker, user: str, topics: tuple[str, ...]) -> None:
    """Make the user, and topics with a record in each."""
    broker.admin.set_password(user, PASSWORD)
    producer = Producer(broker.unbound())
    for topic in topics:
        broker.admin.create_topic(topic, partitions=1, copies=1, config={})
        producer.produce(topic, b"x")
    assert producer.flush(60) == 0


def without(broker: Broker, acl: Acl, work: Callable[[], int]) -> int:
    """Take one access rule away until that is felt, give it back, and return how it was felt."""
    answers: list[int] = []

    def is_refused() -> bool:
        # Whatever else goes wrong, a broker that is late for example, tells nothing about rights.
        answers.append(work())
        return answers[-1] in OF_A_RESOURCE.values()

    broker.admin.delete_acls({acl})
    assert wait_until(is_refused, within=WITHIN), f"{acl} is not needed"
    broker.admin.create_acls({acl})
    assert wait_until(lambda: work() == KafkaError.NO_ERROR, within=WITHIN)
    return answers[-1]
