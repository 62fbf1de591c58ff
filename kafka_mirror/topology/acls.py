"""A user's own ACLs, beside its roles: written as a KafkaUser writes them, so that one can be taken over as it is.

Which operations a resource knows: ``AclEntry.supportedOperations`` (Kafka 4.3), as far as a KafkaUser has a word for
them. Kafka would take any other without a word, and it would never matter.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from kafka_mirror.topology.names import group_name, topic_name
from kafka_mirror.topology.paths import listed, shown
from kafka_mirror.topology.written import Written

Operation = Literal[
    "Read",
    "Write",
    "Create",
    "Delete",
    "Alter",
    "Describe",
    "AlterConfigs",
    "DescribeConfigs",
    "ClusterAction",
    "IdempotentWrite",
    "All",
]
ResourceType = Literal["topic", "group", "transactionalId", "cluster"]
PatternType = Literal["literal", "prefix"]
AclPermission = Literal["allow", "deny"]

ANY_NAME: Final = "*"
_LONG_VERSION: Final = 6

OPERATIONS: Final[dict[ResourceType, tuple[Operation, ...]]] = {
    "topic": (
        "Read",
        "Write",
        "Create",
        "Delete",
        "Alter",
        "Describe",
        "AlterConfigs",
        "DescribeConfigs",
        "All",
    ),
    "group": ("Read", "Delete", "Describe", "AlterConfigs", "DescribeConfigs", "All"),
    "transactionalId": ("Write", "Describe", "All"),
    "cluster": (
        "Create",
        "Alter",
        "Describe",
        "AlterConfigs",
        "DescribeConfigs",
        "ClusterAction",
        "IdempotentWrite",
        "All",
    ),
}
"""What may be done with each type of resource."""


def _name_or_star(check: Callable[[Any], str]) -> BeforeValidator:
    """Take a name, or ``*`` for every name; an ACL has no other patterns."""

    def checked(value: Any) -> str:
        if isinstance(value, str) and value != ANY_NAME and value.endswith("*"):
            raise ValueError(
                f"found {shown(value)}, which Kafka would take for a name. Write {shown(value[:-1])} and "
                "patternType: prefix"
            )
        return ANY_NAME if value == ANY_NAME else check(value)

    return BeforeValidator(checked)


class _Named(Written):
    """Names of one kind: one, every one (``*``), or with ``patternType: prefix`` those that start so.

    Attributes:
        pattern_type: Whether the name is one, or the start of some.
        name: Of what it is about; ``*`` for all.
    """

    pattern_type: PatternType = "literal"
    name: str

    @field_validator("name")
    @classmethod
    def _star_is_no_prefix(cls, name: str, info: ValidationInfo) -> str:
        if name == ANY_NAME and info.data.get("pattern_type") == "prefix":
            raise ValueError(
                "found '*' with patternType prefix, which is about names that start with a star. For every "
                "name leave patternType out"
            )
        return name


class TopicResource(_Named):
    """Topics."""

    type: Literal["topic"]
    name: Annotated[str, _name_or_star(topic_name)]


class GroupResource(_Named):
    """Consumer groups."""

    type: Literal["group"]
    name: Annotated[str, _name_or_star(group_name)]


class TransactionalIdResource(_Named):
    """Transactional ids."""

    type: Literal["transactionalId"]
    name: Annotated[str, _name_or_star(group_name)]


class ClusterResource(Written):
    """The cluster, which has no name."""

    type: Literal["cluster"]

    @property
    def name(self) -> str:
        """Nothing."""
        return ""

    @property
    def pattern_type(self) -> PatternType:
        """That of every single thing."""
        return "literal"


AclResource = Annotated[
    TopicResource | GroupResource | TransactionalIdResource | ClusterResource,
    Field(discriminator="type"),
]


def _host(value: Any) -> str:
    """Take ``*``, or an address as the authorizer compares it: Java's ``getHostAddress``, character by character."""
    if value == ANY_NAME:
        return ANY_NAME
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(
            f"found {shown(value)}, must be one IP address, or * for every host: Kafka knows no host names "
            "and no networks here"
        ) from error
    if address.version == _LONG_VERSION:
        as_compared = ":".join(f"{int(part, 16):x}" for part in address.exploded.split(":"))
        if value != as_compared:
            raise ValueError(
                f"found {shown(value)}, which Kafka would compare as it is written. Write {as_compared}"
            )
    return str(value)


class Acl(Written):
    """An ACL as a KafkaUser has it.

    Attributes:
        resource: What it is about.
        operations: Those of Kafka, by a KafkaUser's names.
        type: ``deny`` beats whatever else allows the same.
        host: The one IP address it holds for; every one if absent.
    """

    resource: AclResource
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]
    type: AclPermission = "allow"
    host: Annotated[str, BeforeValidator(_host)] = ANY_NAME

    @field_validator("operations")
    @classmethod
    def _known_to_the_resource(
        cls, operations: tuple[Operation, ...], info: ValidationInfo
    ) -> tuple[Operation, ...]:
        if "resource" not in info.data:
            return operations  # what is wrong with it is told already
        kind: ResourceType = info.data["resource"].type
        for one in operations:
            if one not in OPERATIONS[kind]:
                raise ValueError(
                    f"Kafka knows no {one} on a {kind}; allowed: {listed(OPERATIONS[kind])}"
                )
        return operations
