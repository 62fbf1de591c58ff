"""Runs the flows of many trials on one real Connect worker, side by side, and sees what of the work gets done.

The worker proves itself as the first trial's user. The connectors of the other trials write records and checkpoints as their own
user, by ``producer.override.``: everything else of a connector goes through ``target.cluster.`` anyway.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka import admin as annotated_admin

from kafka_mirror import manifests
from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.planning import Trust
from kafka_mirror.planning.names import CERTIFICATE_KEY, PASSWORD_KEY, password_secret
from lab.operator.client_security import trust_secret_name
from lab.operator.connect_rest import ConnectRest, ConnectRestError
from lab.operator.connectors import Connector, connectors_of
from lab.operator.jvm import logging_properties
from lab.operator.launching import Launch
from lab.operator.local import localise_connector, localise_worker
from lab.operator.work_queue import Key
from lab.operator.worker_properties import render_worker_properties
from lab.ports import LOOPBACK, PortBlock
from tests.lab.operator.live import eventually
from tests.lab.rights.brokers import PASSWORD, Broker, run_java
from tests.lab.rights.conftest import Pair
from tests.lab.rights.trials import Trial
from tests.planning.plans import login

admin: Any = annotated_admin
RECORDS, SETTINGS, PARTITIONS, CHECKPOINTS, GROUPS, RESTART = (
    "records",
    "changed settings",
    "added partitions",
    "checkpoints",
    "group offsets",
    "group offsets after a restart",
)
WORK: Final = frozenset({RECORDS, SETTINGS, PARTITIONS, CHECKPOINTS, GROUPS})
_HEAP = ("-Xms128m", "-Xmx768m")
_COUNT = 20
_CHANGED = {"retention.ms": "86400001"}
_LOG_ERRORS = "rootLogger.level=ERROR\n"
_WITHIN = timedelta(minutes=5)
_JAAS = "sasl.jaas.config"


@dataclass
class Flows:
    """The flows of some trials, and the worker that runs them; the first trial's user is the worker's."""

    pair: Pair
    trials: Sequence[Trial]
    directory: str
    rest: ConnectRest = field(init=False)

    def __post_init__(self) -> None:
        port = PortBlock.of(self.pair.home.lab.root).port_for(self.directory)
        self.rest = ConnectRest(port)
        self._port = port

    def prepare(self) -> None:
        """Make users, access rules, topics, records and positions at the source."""
        for broker, is_source in ((self.pair.source, True), (self.pair.target, False)):
            sites = [one.source if is_source else one.target for one in self.trials]
            role = "mirror-source" if is_source else "mirror-target"
            for trial in self.trials:
                broker.admin.set_password(trial.user(role), PASSWORD)
            broker.admin.create_acls(
                frozenset().union(
                    *(one.acls(site) for one, site in zip(self.trials, sites, strict=True))
                )
            )
        for trial in self.trials:
            self.pair.source.admin.create_topic(trial.topic, partitions=1, copies=1, config={})
        _write(self.pair.source, [trial.topic for trial in self.trials])
        for trial in self.trials:
            _commit(self.pair.source, trial)

    def start(self) -> None:
        """Start the worker, and on it the connectors of every trial."""
        self.start_worker()
        eventually(self.rest.is_up, within=_WITHIN, why="the worker answers")
        self.create_connectors()

    def create_connectors(self) -> None:
        for trial in self.trials:
            for connector in self.connectors(trial):
                self._ask(functools.partial(self._create, connector))

    def _create(self, connector: Connector) -> None:
        if self.rest.config(connector.name) is None:
            self.rest.create(connector.name, connector.config, None)

    def _ask(self, call: Callable[[], object]) -> None:
        """Ask Connect for something, again and again as long as it is too busy to answer."""

        def is_answered() -> bool:
            try:
                call()
            except ConnectRestError:
                return False
            return True

        eventually(is_answered, within=_WITHIN, why=f"{call} is answered")

    def change(self) -> None:
        """Change a setting of every topic at the source, and add a partition."""
        for trial in self.trials:
            self.pair.source.admin.alter_topic_config(trial.topic, changed=_CHANGED, removed=())
            self.pair.source.admin.add_partitions(trial.topic, 2)

    def forget_group(self, trial: Trial) -> None:
        """Delete a trial's group at the target while nobody syncs it, and start the connector again that does."""
        name = internal_topics.checkpoint_connector(trial.source, trial.target)

        def is_stopped() -> bool:
            try:
                status = self.rest.status(name)
            except ConnectRestError:
                return False
            return status is not None and not status["tasks"]

        self._ask(functools.partial(self.rest.change_state, name, "stop"))
        eventually(is_stopped, within=_WITHIN, why=f"{name} has no task")
        target = self.pair.target.unbound_admin
        for future in target.delete_consumer_groups([trial.group]).values():
            future.result(15)
        self._ask(functools.partial(self.rest.change_state, name, "resume"))

    def is_running(self) -> bool:
        return self.pair.home.processes.is_running(self.directory)

    def stop(self) -> None:
        self.pair.home.processes.kill(self.directory)

    def done_by_now(self) -> dict[Trial, frozenset[str]] | None:
        """Return what `done` does; None if a broker had no answer: to what is only just being made there is none at times."""
        try:
            return self.done()
        except (KafkaException, TimeoutError):
            return None

    def done(self) -> dict[Trial, frozenset[str]]:
        """Return what of the work of each trial has got done."""
        target = self.pair.target.unbound_admin
        topics = target.list_topics(timeout=15).topics
        watched = [one for trial in self.trials for one in (trial.copy, trial.checkpoints)]
        ends = _ends(target, [one for one in watched if one in topics])
        copies = [one.copy for one in self.trials if one.copy in topics]
        settings = _settings(target, copies)
        groups = _positions(target, self.trials)

        def work_of(trial: Trial) -> Iterable[str]:
            if ends.get(trial.copy):
                yield RECORDS
            if _CHANGED.items() <= settings.get(trial.copy, {}).items():
                yield SETTINGS
            if trial.copy in topics and len(topics[trial.copy].partitions) == 2:
                yield PARTITIONS
            if ends.get(trial.checkpoints):
                yield CHECKPOINTS
            if groups.get(trial):
                yield GROUPS

        return {trial: frozenset(work_of(trial)) for trial in self.trials}

    def start_worker(self) -> None:
        first, home = self.trials[0], self.pair.home
        directory = home.lab.site("tgt") / self.directory
        text = render_worker_properties(self._resource(first))
        secrets: dict[str, Mapping[str, str]] = {}
        for trial in self.trials:
            secrets |= self._secrets(trial)
        launch = Launch(
            owner=Key("tgt", "KafkaMirrorMaker2", first.target, first.name),
            name=self.directory,
            directory=directory,
            main="org.apache.kafka.connect.cli.ConnectDistributed",
            properties=localise_worker(text, directory=directory, port=self._port),
            secrets=secrets,
            heap=_HEAP,
            environment={"ADVERTISED_HOSTNAME": LOOPBACK},
            ports=(self._port,),
        )
        logging = logging_properties(home.lab.log(self.directory))
        run_java(launch, home, logging=logging.replace("rootLogger.level=WARN\n", _LOG_ERRORS))

    def connectors(self, trial: Trial) -> list[Connector]:
        made = []
        for connector in connectors_of(self._resource(trial)):
            config = dict(connector.config)
            if trial is not self.trials[0]:
                config[f"producer.override.{_JAAS}"] = config[f"target.cluster.{_JAAS}"]
            directory = self.pair.home.lab.site("tgt") / self.directory
            local = localise_connector(config, directory=directory)
            made.append(
                Connector(
                    name=connector.name,
                    config=local,
                    state=connector.state,
                    section=connector.section,
                )
            )
        return made

    def _resource(self, trial: Trial) -> manifests.Manifest:
        def connection(broker: Broker, user: str) -> manifests.Connection:
            return manifests.Connection(
                bootstrap_servers=broker.bootstrap,
                trust=Trust(secret="trust"),
                login=login(user, password_secret(user)),
            )

        return manifests.mirror_maker(
            trial.flow,
            source=connection(self.pair.source, trial.user("mirror-source")),
            target=connection(self.pair.target, trial.user("mirror-target")),
        )

    def _secrets(self, trial: Trial) -> dict[str, Mapping[str, str]]:
        """Return the Secrets that the trial's placeholders lead to."""
        trusted = self.pair.target.trusted
        trust = {f"{site}-{CERTIFICATE_KEY}": trusted for site in (trial.source, trial.target)}
        users = (trial.user("mirror-source"), trial.user("mirror-target"))
        return {
            f"{trial.target}/{trust_secret_name(trial.name)}": {CERTIFICATE_KEY: trusted, **trust},
            **{f"{trial.target}/{password_secret(one)}": {PASSWORD_KEY: PASSWORD} for one in users},
        }


def _write(broker: Broker, topics: Iterable[str]) -> None:
    producer = Producer(broker.unbound())
    failed: list[KafkaError] = []

    def note(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failed.append(error)

    for topic in topics:
        for number in range(_COUNT):
            producer.produce(topic, str(number), on_delivery=note)
    assert producer.flush(60) == 0
    assert not failed


def _commit(broker: Broker, trial: Trial) -> None:
    """Let a group have read the trial's topic to its end; the first one has to wait for its coordinator."""
    source = broker.unbound_admin
    position = [TopicPartition(trial.topic, 0, _COUNT)]

    def is_committed() -> bool:
        request = [ConsumerGroupTopicPartitions(trial.group, position)]
        (future,) = source.alter_consumer_group_offsets(request).values()
        try:
            return all(one.error is None for one in future.result(15).topic_partitions)
        except (KafkaException, TimeoutError):
            return False

    eventually(is_committed, within=_WITHIN, why=f"{trial.group} has a position")


def _ends(client: Any, topics: Iterable[str]) -> dict[str, int]:
    """Return how many records there are in the first partition of each topic."""
    asked = {TopicPartition(topic, 0): admin.OffsetSpec.latest() for topic in topics}
    if not asked:
        return {}
    found = client.list_offsets(asked).items()
    return {partition.topic: future.result(15).offset for partition, future in found}


def _settings(client: Any, topics: Iterable[str]) -> dict[str, dict[str, str]]:
    asked = [admin.ConfigResource(admin.ConfigResource.Type.TOPIC, topic) for topic in topics]
    if not asked:
        return {}
    return {
        resource.name: {key: entry.value for key, entry in future.result(15).items()}
        for resource, future in client.describe_configs(asked).items()
    }


def _positions(client: Any, trials: Iterable[Trial]) -> dict[Trial, int]:
    futures = {
        trial: client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(trial.group)])
        for trial in trials
    }
    return {
        trial: sum(one.offset for one in asked[trial.group].result(15).topic_partitions)
        for trial, asked in futures.items()
    }
