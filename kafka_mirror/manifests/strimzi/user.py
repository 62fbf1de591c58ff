"""A user and its rights as a KafkaUser."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.base import Leaf, Manifest
from kafka_mirror.manifests.objects import CREDENTIAL_VERSION, STRIMZI, custom_object
from kafka_mirror.planning import Resource, Right, UserPlan, UserProof
from kafka_mirror.planning.rights import ANY_HOST
from kafka_mirror.topology import Operator
from kafka_mirror.topology.quotas import Quotas
from kafka_mirror.topology.written import quantity_value


def kafka_user(
    user: UserPlan,
    *,
    namespace: str,
    cluster: str,
    operator: Operator = STRIMZI,
    credential_version: Leaf = None,
) -> Manifest:
    """Return the KafkaUser, which takes its password from a Secret beside it, or has a certificate.

    Args:
        user: With its rights; none means it can log in and do nothing.
        namespace: Of the site.
        cluster: The site's Kafka.
        operator: Of the site.
        credential_version: The Secret's ``resourceVersion``, once there is one.
    """
    spec: dict[str, Any] = {
        "authentication": _authentication(user.proof),
        "authorization": {"type": "simple", "acls": [_acl(right) for right in user.rights]},
    }
    if user.quotas is not None:
        spec["quotas"] = _quotas(user.quotas)
    annotations = None if credential_version is None else {CREDENTIAL_VERSION: credential_version}
    return custom_object(
        "KafkaUser",
        user.name,
        namespace,
        spec,
        operator=operator,
        cluster=cluster,
        annotations=annotations,
    )


def _authentication(proof: UserProof) -> dict[str, Any]:
    said: dict[str, Any] = {"type": proof.authentication}
    if proof.password is not None:
        reference = {"name": proof.password.secret, "key": proof.password.key}
        said["password"] = {"valueFrom": {"secretKeyRef": reference}}
    return said


def _quotas(quotas: Quotas) -> dict[str, Any]:
    """Return the quotas in the operator's words: rates in bytes, which it takes as numbers only."""
    said = {
        "producerByteRate": _bytes(quotas.producer_byte_rate),
        "consumerByteRate": _bytes(quotas.consumer_byte_rate),
        "requestPercentage": quotas.request_percentage,
        "controllerMutationRate": quotas.controller_mutation_rate,
    }
    return {name: value for name, value in said.items() if value is not None}


def _bytes(rate: str | None) -> int | None:
    return None if rate is None else int(quantity_value(rate))


def _acl(right: Right) -> dict[str, Any]:
    acl: dict[str, Any] = {
        "resource": _resource(right.resource),
        "operations": list(right.operations),
    }
    if right.type != "allow":
        acl["type"] = right.type
    if right.host != ANY_HOST:
        acl["host"] = right.host
    return acl


def _resource(resource: Resource) -> dict[str, str]:
    if resource.type == "cluster":
        return {"type": resource.type}
    return {
        "type": resource.type,
        "name": resource.name,
        "patternType": resource.pattern_type,
    }
