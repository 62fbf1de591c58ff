"""Every role, at both sites and under both namings: what its rights say is allowed, and everything else is denied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from kafka_mirror.planning import UserPlan
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.rights.brokers import PASSWORD, Broker
from tests.lab.rights.conftest import Pair
from tests.lab.rights.operations import OPERATIONS, Client, allowed
from tests.lab.rights.trials import OTHER, Location, Naming, Trial

pytestmark = pytest.mark.lab

TABLE = "Least rights: what each role asked for, and got"
WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Site:
    """One end of a trial: its broker and users, and what is there to be asked for."""

    name: str
    broker: Broker
    users: tuple[UserPlan, ...]
    topics: frozenset[str]
    groups: frozenset[str]
    transactional_ids: frozenset[str]

    def names(self, kind: str) -> list[str]:
        named = {
            "topic": self.topics,
            "group": self.groups,
            "transactionalId": self.transactional_ids,
        }
        return sorted(named.get(kind, {OTHER}))


def sites_of(trial: Trial, pair: Pair) -> tuple[Site, Site]:
    own, own_topics = trial.flow.names, trial.flow.own_topics
    groups = frozenset({trial.group, own.group, OTHER})
    ids = frozenset({trial.transactional_id, OTHER})
    here = frozenset({trial.topic, OTHER, *own_topics.at("source")})
    there = frozenset(
        {trial.topic, OTHER, trial.copy, *own.storage_topics, *own_topics.at("target")}
    )
    return (
        Site("source", pair.source, trial.users(trial.source), here, groups, ids),
        Site("target", pair.target, trial.users(trial.target), there, groups, ids),
    )


def furnish(site: Site, trial: Trial) -> None:
    """Make the users with their rights, and every topic with a record in it."""
    held = site.broker.admin
    fill(site)
    for user in site.users:
        held.set_password(user.name, PASSWORD)
    held.create_acls(trial.acls(trial.source if site.name == "source" else trial.target))


def fill(site: Site) -> None:
    """Make every topic that is not there, with a record in it."""
    held, producer = site.broker.admin, Producer(site.broker.unbound())
    for topic in site.topics:
        if held.topic(topic) is None:
            held.create_topic(topic, partitions=1, copies=1, config={})
            producer.produce(topic, b"x")
    assert producer.flush(60) == 0


def are_gone(site: Site, topics: list[str]) -> bool:
    return not [one for one in topics if site.broker.admin.topic(one) is not None]


@pytest.mark.parametrize(
    ("naming", "location"),
    [
        ("identity", "source"),
        ("prefix", "target"),
        pytest.param("identity", "target", marks=pytest.mark.soak),
        pytest.param("prefix", "source", marks=pytest.mark.soak),
    ],
)
def test_a_role_may_do_exactly_what_it_is_granted(
    pair: Pair, figures: Figures, naming: Naming, location: Location
) -> None:
    trial = Trial(f"d{naming[0]}{location[0]}", naming, location)
    for site in sites_of(trial, pair):
        furnish(site, trial)
        for user in site.users:
            fill(site)  # one before may have deleted some
            client = Client(site.broker, user.name)
            answers = {
                (operation.name, name): (
                    client.may(operation, name),
                    allowed(user.rights, operation, name),
                )
                for operation in OPERATIONS
                for name in site.names(operation.kind)
            }
            deleted = [
                name for (asked, name), (may, _) in answers.items() if asked == "delete" and may
            ]
            # A broker knows that a topic is gone a moment after it has said yes.
            assert wait_until(partial(are_gone, site, deleted), within=WITHIN), deleted
            wrong = {asked: may for asked, (may, should) in answers.items() if may != should}
            assert not wrong, f"{user.name} at {site.name}"
            figures(
                TABLE,
                role=user.name.removesuffix(f"-{trial.name}"),
                site=site.name,
                naming=naming,
                **{"offset syncs at": location},
                asked=len(answers),
                allowed=sum(may for may, _ in answers.values()),
                denied=sum(not may for may, _ in answers.values()),
            )


@pytest.mark.parametrize("naming", ["identity", "prefix"])
def test_a_role_sees_no_topic_beyond_its_own(pair: Pair, naming: Naming) -> None:
    trial = Trial(f"s{naming[0]}", naming)
    describe = next(one for one in OPERATIONS if one.name == "describe")
    for site in sites_of(trial, pair):
        furnish(site, trial)
        for user in site.users:
            seen = set(Client(site.broker, user.name).admin.list_topics(timeout=30).topics)

            assert seen == {one for one in site.topics if allowed(user.rights, describe, one)}


@pytest.mark.parametrize(
    ("end", "role"),
    [("source", "mirror-target"), ("target", "mirror-source")],
)
def test_the_user_of_one_end_cannot_even_log_in_at_the_other(
    pair: Pair, end: str, role: str
) -> None:
    trial = Trial(f"l{end[0]}", "identity")
    for site in sites_of(trial, pair):
        furnish(site, trial)
    errors: list[int] = []
    broker = pair.source if end == "source" else pair.target
    settings = broker.client(trial.user(role), error_cb=lambda one: errors.append(one.code()))
    client = AdminClient(settings)

    with pytest.raises(KafkaException):
        client.list_topics(timeout=5)

    def is_told() -> bool:
        client.poll(0.1)
        return KafkaError._AUTHENTICATION in errors

    assert wait_until(is_told, within=timedelta(seconds=30))
