"""A user and its rights as a KafkaUser."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.base import Leaf, Manifest
from kafka_mirror.manifests.strimzi.objects import CREDENTIAL_VERSION, custom_object
from kafka_mirror.planning import Right, UserPlan
from kafka_mirror.planning.names import PASSWORD_KEY, password_secret


def kafka_user(
    user: UserPlan, *, namespace: str, cluster: str, credential_version: Leaf = None
) -> Manifest:
    """Return the KafkaUser, which takes its password from a Secret beside it.

    Args:
        user: With its rights; none means it can log in and do nothing.
        namespace: Of the site.
        cluster: The site's Kafka.
        credential_version: The Secret's ``resourceVersion``, once there is one.
    """
    reference = {"name": password_secret(user.name), "key": PASSWORD_KEY}
    spec: dict[str, Any] = {
        "authentication": {
            "type": "scram-sha-512",
            "password": {"valueFrom": {"secretKeyRef": reference}},
        },
        "authorization": {"type": "simple", "acls": [_acl(right) for right in user.rights]},
    }
    annotations = None if credential_version is None else {CREDENTIAL_VERSION: credential_version}
    return custom_object(
        "KafkaUser", user.name, namespace, spec, cluster=cluster, annotations=annotations
    )


def _acl(right: Right) -> dict[str, Any]:
    return {
        "resource": {
            "type": right.resource.type,
            "name": right.resource.name,
            "patternType": right.resource.pattern_type,
        },
        "operations": list(right.operations),
    }
