"""What a KafkaUser asks for, and the Secret that is made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lab.operator.acls import Acl, declared_acls
from lab.operator.cluster_secrets import encode
from lab.operator.failures import ReconciliationError
from lab.operator.objects import (
    CLUSTER_LABEL,
    KIND_LABEL,
    JsonObject,
    labels_of,
    metadata,
    name_of,
    spec_of,
)

_SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
_QUOTAS = {
    "producerByteRate": "producer_byte_rate",
    "consumerByteRate": "consumer_byte_rate",
    "requestPercentage": "request_percentage",
    "controllerMutationRate": "controller_mutation_rate",
}
_WITH_CERTIFICATE = ("tls", "tls-external")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserModel:
    """A user as its KafkaUser declares it.

    Attributes:
        name: The KafkaUser's name, also that of its Secret and of its password in Kafka.
        username: Who it is to Kafka; ``CN=<name>`` for a client certificate.
        authentication: ``scram-sha-512``, ``tls``, ``tls-external`` or None.
        validity: How long a certificate made for the user lasts, if the resource says.
        password_from: Secret and key that hold the password, if the user brings it.
        authorization: What it may do, as declared.
        quotas: How much, in Kafka's own names.
        cluster: The Kafka it belongs to.
    """

    name: str
    username: str
    authentication: str | None
    validity: timedelta | None
    password_from: tuple[str, str] | None
    authorization: Mapping[str, Any]
    quotas: Mapping[str, float]
    cluster: str

    @property
    def has_password(self) -> bool:
        """Tell whether the user logs in with a password."""
        return self.authentication == "scram-sha-512"

    @property
    def has_secret(self) -> bool:
        """Tell whether the operator makes a Secret for the user."""
        return self.authentication in ("scram-sha-512", "tls")

    @property
    def principal(self) -> str:
        """Return the user as access rules name it."""
        return f"User:{self.username}"

    @property
    def acls(self) -> frozenset[Acl]:
        """Return all that the user may do.

        Raises:
            ReconciliationError: A rule cannot be; found out only when the rules are made, as by the real operator.
        """
        return declared_acls(self.principal, self.authorization)


def user_model(user: Mapping[str, Any], *, has_authorizer: bool) -> UserModel:
    """Read a KafkaUser.

    Raises:
        ReconciliationError: In the operator's words.
    """
    spec = spec_of(user)
    authentication = (spec.get("authentication") or {}).get("type")
    days = (spec.get("authentication") or {}).get("validityDays")
    authorization = spec.get("authorization") or {}
    name = name_of(user)
    username = f"CN={name}" if authentication in _WITH_CERTIFICATE else name
    if authorization.get("acls") and not has_authorizer:
        raise invalid(
            "Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration."
        )
    return UserModel(
        name=name,
        username=username,
        authentication=authentication,
        validity=None if days is None else timedelta(days=int(days)),
        password_from=_password_source(spec.get("authentication") or {}),
        authorization=authorization,
        quotas=_quotas(spec.get("quotas") or {}),
        cluster=labels_of(user).get(CLUSTER_LABEL, ""),
    )


def invalid(message: str) -> ReconciliationError:
    """Return the failure of a KafkaUser that is wrong in itself."""
    return ReconciliationError(
        "ExecutionException",
        "io.strimzi.operator.common.ReconciliationException: "
        f"io.strimzi.operator.common.model.InvalidResourceException: {message}",
    )


def password_missing(message: str) -> ReconciliationError:
    """Return the failure of a KafkaUser whose password is not where it says."""
    return ReconciliationError(
        "ExecutionException",
        "java.util.concurrent.CompletionException: "
        f"io.strimzi.operator.common.model.InvalidResourceException: {message}",
    )


def scram_secret(user: Mapping[str, Any], password: str) -> JsonObject:
    """Return the Secret of a user with a password."""
    login = f'{_SCRAM_LOGIN} required username="{name_of(user)}" password="{password}";'
    return user_secret(user, {"password": password, "sasl.jaas.config": login})


def user_secret(user: Mapping[str, Any], values: Mapping[str, str | bytes]) -> JsonObject:
    """Return the Secret of a user, with the labels and annotations its template adds."""
    name = name_of(user)
    template = ((spec_of(user).get("template") or {}).get("secret") or {}).get("metadata") or {}
    labels = {
        **(template.get("labels") or {}),
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "strimzi-user-operator",
        "app.kubernetes.io/name": "strimzi-user-operator",
        "app.kubernetes.io/part-of": f"strimzi-{name}",
        CLUSTER_LABEL: labels_of(user).get(CLUSTER_LABEL, ""),
        KIND_LABEL: "KafkaUser",
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata(
            user, name=name, labels=labels, annotations=template.get("annotations")
        ),
        "data": encode(values),
    }


def _quotas(declared: Mapping[str, Any]) -> dict[str, float]:
    return {
        _QUOTAS[key]: float(value)
        for key, value in declared.items()
        if key in _QUOTAS and value is not None
    }


def _password_source(authentication: Mapping[str, Any]) -> tuple[str, str] | None:
    password = authentication.get("password")
    if not password:
        return None
    reference = (password.get("valueFrom") or {}).get("secretKeyRef") or {}
    if not (reference.get("name") and reference.get("key")):
        raise invalid(
            "Resource requests custom SCRAM-SHA-512 password but doesn't specify the secret name and/or key"
        )
    return str(reference["name"]), str(reference["key"])
