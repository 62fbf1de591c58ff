"""Turns KafkaUser objects into passwords and access rules in Kafka, and Secrets beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import authorities, journal
from lab.operator.authorities import Identity
from lab.operator.cluster_secrets import decode, new_password
from lab.operator.context import Context, RunningCluster
from lab.operator.failures import ReconciliationError
from lab.operator.objects import CLUSTER_LABEL, KIND_LABEL, is_paused, labels_of, name_of
from lab.operator.status import not_ready, paused_status, ready, status_of
from lab.operator.user_model import (
    UserModel,
    password_missing,
    scram_secret,
    user_model,
    user_secret,
)
from lab.operator.work_queue import Key


class UserReconciler:
    """Keeps users as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        # Kafka does not tell passwords, so what was set is remembered by its digest; a new operator sets all once.
        self._set_passwords: dict[Key, str] = {}
        self._without_quotas: set[Key] = set()

    def reconcile(self, key: Key) -> None:
        """Make one user as declared, and say in the object's status how that went."""
        context = self._context
        user = context.site(key).store.get("KafkaUser", key.namespace, key.name)
        if user is None:
            self._set_passwords.pop(key, None)
            self._without_quotas.discard(key)
            return
        cluster = context.cluster(key, labels_of(user).get(CLUSTER_LABEL, ""))
        if cluster is None:
            return  # as for the real User Operator: nobody watches users of a cluster that is not there
        if is_paused(user):
            context.write_status(key, user, paused_status(user, now=context.now()))
            return
        try:
            model = user_model(user, has_authorizer=cluster.has_authorizer)
            self._make(key, user, model, cluster)
            fields = {"username": model.username}
            if model.has_secret:
                fields["secret"] = model.name
            status = status_of(user, [ready()], now=context.now(), fields=fields)
        except ReconciliationError as failure:
            journal.warn("not ready", object=key, reason=failure.reason, message=failure.message)
            status = status_of(user, [not_ready(failure)], now=context.now())
        context.write_status(key, user, status)

    def _make(self, key: Key, user: JsonObject, model: UserModel, cluster: RunningCluster) -> None:
        admin = cluster.admin
        own = self._context.site(key).api.find("v1", "Secret", model.name, key.namespace)
        password = self._password(key, model, own) if model.has_password else None
        if password is not None:
            self._write_secret(key, scram_secret(user, password), own)
        else:
            self._write_certificate_secret(key, user, model, cluster, own)
        acls = model.acls
        if password is not None:
            self._set_password(key, model, cluster, password)
        else:
            self._remove_password(key, model, cluster)
        self._align_quotas(key, model, cluster)
        if not cluster.has_authorizer:
            return
        names = {f"User:{model.name}", f"User:CN={model.name}"}
        existing = frozenset().union(*(admin.acls(name) for name in sorted(names)))
        admin.create_acls(acls - existing)
        admin.delete_acls(existing - acls)

    def _password(self, key: Key, model: UserModel, own: JsonObject | None) -> str:
        """Return the password the user is to have: the one it brings, the one it has, or a new one."""
        if model.password_from is not None:
            name, entry = model.password_from
            secret = self._context.site(key).api.find("v1", "Secret", name, key.namespace)
            if secret is None:
                raise password_missing(f"Secret {name} in namespace {key.namespace} not found")
            value = decode(secret).get(entry)
            if not value:
                raise password_missing(
                    f"Secret {name} does not contain the key {entry} with requested user password."
                )
            return value
        # As the real one, which sees Secrets only through these labels.
        if own is not None and _is_user_secret(own, model.cluster):
            value = decode(own).get("password")
            if value:
                return value
        return new_password()

    def _set_password(
        self, key: Key, model: UserModel, cluster: RunningCluster, password: str
    ) -> None:
        digest = hashlib.sha256(password.encode()).hexdigest()
        is_known = self._set_passwords.get(key) == digest
        if not is_known or model.name not in cluster.admin.scram_users():
            cluster.admin.set_password(model.name, password)
            self._set_passwords[key] = digest
            journal.note("password set", object=key)

    def _remove_password(self, key: Key, model: UserModel, cluster: RunningCluster) -> None:
        self._set_passwords.pop(key, None)
        if model.name in cluster.admin.scram_users():
            cluster.admin.remove_password(model.name)

    def _align_quotas(self, key: Key, model: UserModel, cluster: RunningCluster) -> None:
        """Give a user exactly its quotas; one that was seen to have none is left to the sweep."""
        if not model.quotas and key in self._without_quotas:
            return
        existing = cluster.admin.quotas.of_users()
        for name in {model.name, f"CN={model.name}"}:
            wanted: Mapping[str, float] = model.quotas if name == model.username else {}
            had = existing.get(name, {})
            if had != wanted:
                cluster.admin.quotas.alter(
                    name, {**dict.fromkeys(had.keys() - wanted.keys()), **wanted}
                )
                journal.note("quotas set", object=key)
        if model.quotas:
            self._without_quotas.discard(key)
        else:
            self._without_quotas.add(key)

    def _write_certificate_secret(
        self,
        key: Key,
        user: JsonObject,
        model: UserModel,
        cluster: RunningCluster,
        found: JsonObject | None,
    ) -> None:
        if model.authentication != "tls":
            if found is not None and self._context.is_owned_by(found, user):
                self._context.site(key).api.delete("v1", "Secret", model.name, key.namespace)
            return
        authority = cluster.clients_authority
        values = decode(found) if found else {}
        kept = Identity(certificate=values.get("user.crt", ""), key=values.get("user.key", ""))
        if (
            values.get("ca.crt") == authority.certificate
            and authorities.is_certificate(kept.certificate)
            and authorities.is_signed_by(kept.certificate, authority.certificate)
        ):
            return
        identity = authorities.issue(
            authority,
            model.name,
            organisation=None,
            now=self._context.now(),
            validity=model.validity or authorities.VALIDITY,
        )
        password = new_password()
        made: dict[str, str | bytes] = {
            "ca.crt": authority.certificate,
            "user.crt": identity.certificate,
            "user.key": identity.key,
            "user.p12": authorities.keystore_pkcs12(identity, model.name, password),
            "user.password": password,
        }
        self._replace_secret(key, user_secret(user, made), found)

    def _write_secret(self, key: Key, secret: JsonObject, found: JsonObject | None) -> None:
        if found is not None and _holds(found, secret):
            return
        self._replace_secret(key, secret, found)

    def _replace_secret(self, key: Key, secret: JsonObject, found: JsonObject | None) -> None:
        """Write a Secret in place of the one that was found.

        Raises:
            ConflictError: Somebody has changed that one since, maybe to give the user another password: it is to be read again.
        """
        if found is None:
            self._context.apply(key, secret)
        elif set(found.get("data") or {}) - set(secret["data"]):
            # Another kind of user before: nothing of it may stay.
            self._context.site(key).api.delete("v1", "Secret", name_of(secret), key.namespace)
            self._context.apply(key, secret)
        else:
            version = {"resourceVersion": found["metadata"]["resourceVersion"]}
            self._context.apply(key, {**secret, "metadata": {**secret["metadata"], **version}})


def _is_user_secret(secret: JsonObject, cluster: str) -> bool:
    labels = labels_of(secret)
    return labels.get(CLUSTER_LABEL) == cluster and labels.get(KIND_LABEL) == "KafkaUser"


def _holds(found: JsonObject, wanted: JsonObject) -> bool:
    """Tell whether a Secret has everything that is to be in it and no other data."""
    metadata, had = wanted["metadata"], found["metadata"]
    return (
        (found.get("data") or {}) == wanted["data"]
        and metadata["labels"].items() <= (had.get("labels") or {}).items()
        and (metadata.get("annotations") or {}).items() <= (had.get("annotations") or {}).items()
        and metadata["ownerReferences"] == had.get("ownerReferences")
    )
