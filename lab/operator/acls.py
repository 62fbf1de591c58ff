"""Access rules: what a KafkaUser declares and what Kafka holds, in one comparable form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator.failures import ReconciliationError

_RESOURCE_TYPES = {
    "topic": "TOPIC",
    "group": "GROUP",
    "cluster": "CLUSTER",
    "transactionalId": "TRANSACTIONAL_ID",
}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One access rule as Kafka holds it; all names are Kafka's own, in capitals."""

    principal: str
    permission: str
    operation: str
    host: str
    resource_type: str
    pattern_type: str
    name: str

    def __str__(self) -> str:
        return (
            f"{self.principal} {self.permission} {self.operation} host={self.host} "
            f"{self.resource_type}:{self.pattern_type}:{self.name}"
        )


def declared_acls(principal: str, authorization: Mapping[str, Any]) -> frozenset[Acl]:
    """Return the rules of a KafkaUser's ``authorization``; equal ones become one.

    Raises:
        ReconciliationError: A resource that needs a name has none.
    """
    return frozenset(
        Acl(
            principal=principal,
            permission=str(rule.get("type") or "allow").upper(),
            operation=_CAPITAL.sub("_", operation).upper(),
            host=str(rule.get("host") or "*"),
            **_resource(rule["resource"]),
        )
        for rule in authorization.get("acls") or []
        for operation in rule.get("operations") or []
    )


def _resource(resource: Mapping[str, Any]) -> dict[str, str]:
    resource_type = _RESOURCE_TYPES[resource["type"]]
    if resource_type == "CLUSTER":
        return {
            "resource_type": "CLUSTER",
            "pattern_type": "LITERAL",
            "name": "kafka-cluster",
        }
    if not resource.get("name"):
        raise ReconciliationError(
            "ExecutionException",
            "java.util.concurrent.CompletionException: java.lang.IllegalArgumentException: "
            f"Name is required for resource type: {resource_type}",
        )
    prefixed = resource.get("patternType") == "prefix"
    return {
        "resource_type": resource_type,
        "pattern_type": "PREFIXED" if prefixed else "LITERAL",
        "name": str(resource["name"]),
    }
