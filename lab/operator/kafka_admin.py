"""What the operator asks of a running Kafka cluster, as its super user over the replication listener."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka import admin as annotated_admin

from lab.operator.acls import Acl
from lab.operator.authorities import Identity, trusts
from lab.operator.client_quotas import QuotaClient
from lab.operator.kafka_failures import is_security_disabled, is_unknown_topic, translate

# The library's annotations are narrower than what it takes and wider than what it returns.
admin: Any = annotated_admin
SCRAM_ITERATIONS = 4096
_SECONDS = 15.0
_PROBE_SECONDS = 1.0
# librdkafka calls a cluster's own resource by an older name.
_RESOURCE_NAMES = {"CLUSTER": "BROKER"}
_KAFKA_NAMES = {"BROKER": "CLUSTER"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as Kafka has it.

    Attributes:
        name: Its name.
        topic_id: Its id in Kafka's own writing.
        copies: The number of copies of each partition.
        config: What is set on the topic itself.
    """

    name: str
    topic_id: str
    copies: tuple[int, ...]
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def partitions(self) -> int:
        """Return the number of partitions."""
        return len(self.copies)


class KafkaAdmin:
    """One cluster; thread-safe. Every call raises ``UnreachableError`` when the cluster does not answer."""

    def __init__(self, bootstrap: str, *, trusted: str, identity: Identity) -> None:
        self._bootstrap, self._trusted, self._identity = bootstrap, trusted, identity
        self.quotas = QuotaClient(bootstrap, trusted=trusted, identity=identity)
        self._client = admin.AdminClient(
            {
                "bootstrap.servers": bootstrap,
                "security.protocol": "SSL",
                "ssl.ca.pem": trusted,
                "ssl.certificate.pem": identity.certificate,
                "ssl.key.pem": identity.key,
                "log_level": 0,
                "reconnect.backoff.max.ms": 500,
            }
        )

    def trusts(self, certificate: str) -> bool:
        """Tell whether a node that shows this certificate would be trusted."""
        return trusts(self._trusted, certificate)

    def connects_like(self, bootstrap: str, trusted: str, identity: Identity) -> bool:
        """Tell whether a client made from this would be this one."""
        return (self._bootstrap, self._trusted, self._identity) == (bootstrap, trusted, identity)

    def broker_ids(self) -> frozenset[int]:
        """Return the brokers that serve now; none when the cluster does not answer within a second."""
        try:
            return frozenset(self._client.list_topics(timeout=_PROBE_SECONDS).brokers)
        except KafkaException:
            return frozenset()

    def topic(self, name: str) -> Topic | None:
        """Return a topic, or None if there is none of that name."""
        described = self._client.describe_topics(TopicCollection([name]))[name]
        try:
            found = described.result(_SECONDS)
            # It may be deleted between the two questions.
            config = self._topic_config(name)
        except (KafkaException, TimeoutError) as error:
            if isinstance(error, KafkaException) and is_unknown_topic(error):
                return None
            raise translate(error, self._bootstrap) from error
        return Topic(
            name=name,
            topic_id=str(found.topic_id),
            copies=tuple(len(partition.replicas) for partition in found.partitions),
            config=config,
        )

    def create_topic(
        self, name: str, *, partitions: int | None, copies: int | None, config: Mapping[str, str]
    ) -> None:
        """Create a topic; what is None is left to the broker's defaults."""
        topic = admin.NewTopic(
            name,
            num_partitions=-1 if partitions is None else partitions,
            replication_factor=-1 if copies is None else copies,
            config=dict(config),
        )
        self._wait(self._client.create_topics([topic], operation_timeout=_SECONDS)[name])

    def add_partitions(self, name: str, total: int) -> None:
        """Raise the number of a topic's partitions."""
        request = [admin.NewPartitions(name, total)]
        self._wait(self._client.create_partitions(request, operation_timeout=_SECONDS)[name])

    def alter_topic_config(
        self, name: str, *, changed: Mapping[str, str], removed: Collection[str]
    ) -> None:
        """Set and unset configuration entries of a topic, and touch no other."""
        entries = [
            admin.ConfigEntry(key, value, incremental_operation=admin.AlterConfigOpType.SET)
            for key, value in changed.items()
        ]
        entries += [
            admin.ConfigEntry(key, None, incremental_operation=admin.AlterConfigOpType.DELETE)
            for key in sorted(removed)
        ]
        resource = admin.ConfigResource(
            admin.ConfigResource.Type.TOPIC, name, incremental_configs=entries
        )
        self._wait(self._client.incremental_alter_configs([resource])[resource])

    def delete_topic(self, name: str) -> None:
        """Delete a topic; one that is not there is fine."""
        try:
            self._client.delete_topics([name], operation_timeout=_SECONDS)[name].result(_SECONDS)
        except KafkaException as error:
            if not is_unknown_topic(error):
                raise translate(error, self._bootstrap) from error

    def scram_users(self) -> frozenset[str]:
        """Return the names of all users that have a password."""
        described = self._wait(self._client.describe_user_scram_credentials())
        return frozenset(described)

    def set_password(self, user: str, password: str) -> None:
        """Give a user a password, in place of the one it may have."""
        info = admin.ScramCredentialInfo(admin.ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS)
        change = admin.UserScramCredentialUpsertion(user, info, password.encode())
        self._wait(self._client.alter_user_scram_credentials([change])[user])

    def remove_password(self, user: str) -> None:
        """Take a user's password away."""
        change = admin.UserScramCredentialDeletion(user, admin.ScramMechanism.SCRAM_SHA_512)
        self._wait(self._client.alter_user_scram_credentials([change])[user])

    def acls(self, principal: str | None = None) -> frozenset[Acl]:
        """Return the access rules, of one principal or of all; none if the cluster has no authorizer."""
        everything = admin.AclBindingFilter(
            admin.ResourceType.ANY,
            None,
            admin.ResourcePatternType.ANY,
            principal,
            None,
            admin.AclOperation.ANY,
            admin.AclPermissionType.ANY,
        )
        try:
            found = self._client.describe_acls(everything).result(_SECONDS)
        except KafkaException as error:
            if is_security_disabled(error):
                return frozenset()
            raise translate(error, self._bootstrap) from error
        return frozenset(_from_binding(binding) for binding in found)

    def create_acls(self, acls: Collection[Acl]) -> None:
        """Add access rules."""
        bindings = [_to_binding(acl, admin.AclBinding) for acl in sorted(acls)]
        for future in self._client.create_acls(bindings).values() if bindings else ():
            self._wait(future)

    def delete_acls(self, acls: Collection[Acl]) -> None:
        """Take access rules away."""
        filters = [_to_binding(acl, admin.AclBindingFilter) for acl in sorted(acls)]
        for future in self._client.delete_acls(filters).values() if filters else ():
            self._wait(future)

    def _topic_config(self, name: str) -> dict[str, str]:
        resource = admin.ConfigResource(admin.ConfigResource.Type.TOPIC, name)
        entries = self._client.describe_configs([resource])[resource].result(_SECONDS)
        own = admin.ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        return {key: entry.value for key, entry in entries.items() if entry.source == own}

    def _wait(self, future: Future[Any]) -> Any:
        try:
            return future.result(_SECONDS)
        except (KafkaException, TimeoutError) as error:
            raise translate(error, self._bootstrap) from error


def _to_binding(acl: Acl, make: Callable[..., Any]) -> Any:
    return make(
        admin.ResourceType[_RESOURCE_NAMES.get(acl.resource_type, acl.resource_type)],
        acl.name,
        admin.ResourcePatternType[acl.pattern_type],
        acl.principal,
        acl.host,
        admin.AclOperation[acl.operation],
        admin.AclPermissionType[acl.permission],
    )


def _from_binding(binding: Any) -> Acl:
    resource_type = str(binding.restype.name)
    return Acl(
        principal=binding.principal,
        permission=binding.permission_type.name,
        operation=binding.operation.name,
        host=binding.host,
        resource_type=_KAFKA_NAMES.get(resource_type, resource_type),
        pattern_type=binding.resource_pattern_type.name,
        name=binding.name,
    )
