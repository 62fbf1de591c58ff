"""Removes what no KafkaUser stands for any more.

A KafkaUser has no finalizer, so one that was deleted while no operator ran can only be told by what it left.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from kafka_mirror.kubernetes_api import ConflictError, JsonObject
from lab.operator import journal
from lab.operator.context import Context
from lab.operator.objects import API_VERSION, CLUSTER_LABEL, KIND_LABEL, name_of, spec_of
from lab.operator.work_queue import Key

# A Secret and its KafkaUser that are applied in one go arrive one after the other, on a machine that has much to do seconds apart.
# API servers tell whole seconds, so up to one of these has gone when a Secret is made.
_MOMENT = timedelta(seconds=5)


class UserSweeper:
    """Looks at the passwords, access rules, quotas and Secrets of one cluster's users."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def reconcile(self, key: Key) -> None:
        """Look at all users of one cluster; the key is the cluster's."""
        cluster = self._context.cluster(key, key.name)
        # Kafka is read first: what it has by now was made for a user that the store knows by now.
        with_password = cluster.admin.scram_users() if cluster else frozenset()
        quotas = cluster.admin.quotas.of_users() if cluster else {}
        acls = cluster.admin.acls() if cluster and cluster.has_authorizer else frozenset()
        labels = {CLUSTER_LABEL: key.name}
        users = self._context.site(key).store.find("KafkaUser", key.namespace, labels)
        names = {name_of(user) for user in users}
        self._delete_secrets(key, names)
        if cluster is None:
            return
        for user in sorted(with_password - names):
            cluster.admin.remove_password(user)
            journal.note("password removed", cluster=key, user=user)
            self._look_at(key, user)
        limited = {name_of(user) for user in users if spec_of(user).get("quotas")}
        for user in sorted(quotas.keys() - limited - {f"CN={name}" for name in limited}):
            cluster.admin.quotas.alter(user, dict.fromkeys(quotas[user]))
            journal.note("quotas removed", cluster=key, user=user)
            self._look_at(key, user.removeprefix("CN="))
        known = {f"User:{prefix}{name}" for name in names for prefix in ("", "CN=")}
        stray = {acl for acl in acls if acl.principal not in known}
        cluster.admin.delete_acls(stray)
        if stray:
            journal.note("access rules removed", cluster=key, count=len(stray))
        for principal in sorted({acl.principal for acl in stray}):
            self._look_at(key, principal.removeprefix("User:").removeprefix("CN="))

    def _look_at(self, key: Key, user: str) -> None:
        """Have a user looked at that may have been made again since the users were listed: what it was given has just been taken away."""
        if self._context.site(key).store.get("KafkaUser", key.namespace, user) is not None:
            self._context.queue.add(Key(key.site, "KafkaUser", key.namespace, user))

    def _delete_secrets(self, key: Key, names: set[str]) -> None:
        site = self._context.site(key)
        labels = {CLUSTER_LABEL: key.name, KIND_LABEL: "KafkaUser"}
        for secret in site.store.find("Secret", key.namespace, labels):
            if name_of(secret) in names:
                continue
            if self._is_new(secret):
                self._context.queue.add_after(key, _MOMENT)
            # Asked once more: the copy may be older than a KafkaUser that has just been made.
            elif not self._exists(key, name_of(secret)):
                uid = secret["metadata"]["uid"]
                # Another one of its name was made meanwhile: that one has its own turn.
                with contextlib.suppress(ConflictError):
                    site.api.delete("v1", "Secret", name_of(secret), key.namespace, uid=uid)

    def _is_new(self, secret: JsonObject) -> bool:
        made = datetime.fromisoformat(secret["metadata"]["creationTimestamp"])
        return self._context.now() - made < _MOMENT

    def _exists(self, key: Key, name: str) -> bool:
        found = self._context.site(key).api.find(API_VERSION, "KafkaUser", name, key.namespace)
        return found is not None
