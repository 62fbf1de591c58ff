"""Turns KafkaTopic objects into topics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import JsonObject, NotFoundError
from lab.operator import journal
from lab.operator.context import Context, RunningCluster
from lab.operator.failures import ReconciliationError
from lab.operator.kafka_admin import KafkaAdmin, Topic
from lab.operator.objects import (
    API_VERSION,
    CLUSTER_LABEL,
    annotations_of,
    is_being_deleted,
    is_paused,
    labels_of,
    name_of,
    namespace_of,
    spec_of,
)
from lab.operator.status import FIELD_MANAGER, paused, ready, ready_false, status_of
from lab.operator.work_queue import Key
from lab.operator.worker_properties import as_text
from lab.waiting import wait_until

FINALIZER = "strimzi.io/topic-operator"
MANAGED_ANNOTATION = "strimzi.io/managed"
_KNOWN_WITHIN = timedelta(seconds=10)


class TopicReconciler:
    """Keeps topics as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def reconcile(self, key: Key) -> None:
        """Make one topic as declared, and say in the object's status how that went."""
        topic = self._context.site(key).store.get("KafkaTopic", key.namespace, key.name)
        if topic is None:
            return
        cluster_name = labels_of(topic).get(CLUSTER_LABEL, "")
        cluster = self._context.cluster(key, cluster_name)
        if is_being_deleted(topic):
            self._delete(key, topic, cluster_name, cluster)
        elif cluster is not None:
            self._keep(key, topic, cluster.admin)

    def _keep(self, key: Key, obj: JsonObject, admin: KafkaAdmin) -> None:
        context, now = self._context, self._context.now()
        if is_paused(obj):
            fields = {"topicName": topic_name(obj)}
            context.write_status(key, obj, status_of(obj, [paused()], now=now, fields=fields))
            return
        if is_unmanaged(obj):
            unmanaged = {"type": "Unmanaged", "status": "True"}
            context.write_status(key, obj, status_of(obj, [unmanaged], now=now))
            return
        self._add_finalizer(key, obj)
        fields = {"topicName": topic_name(obj)}
        try:
            self._check_name(key, obj, fields)
            fields["topicId"] = make_as_declared(admin, obj, fields)
            condition = ready()
        except ReconciliationError as failure:
            journal.warn("not ready", object=key, reason=failure.reason, message=failure.message)
            condition = ready_false(failure)
        context.write_status(key, obj, status_of(obj, [condition], now=now, fields=fields))

    def _check_name(self, key: Key, obj: JsonObject, fields: dict[str, str]) -> None:
        had = (obj.get("status") or {}).get("topicName")
        if had and had != topic_name(obj):
            fields["topicName"] = had
            raise _not_supported("Changing spec.topicName is not supported")
        other = self._owner_of_the_same_topic(key, obj)
        if other is not None:
            reference = f"Ref{{namespace='{namespace_of(other)}', name='{name_of(other)}'}}"
            raise ReconciliationError("ResourceConflict", f"Managed by {reference}")

    def _owner_of_the_same_topic(self, key: Key, obj: JsonObject) -> JsonObject | None:
        """Return the older object that declares the same topic, if there is one."""
        cluster = {CLUSTER_LABEL: labels_of(obj).get(CLUSTER_LABEL, "")}
        for other in self._context.site(key).store.find("KafkaTopic", key.namespace, cluster):
            is_rival = name_of(other) != key.name and topic_name(other) == topic_name(obj)
            if is_rival and not is_unmanaged(other) and _age(other) < _age(obj):
                return other
        return None

    def _delete(
        self, key: Key, obj: JsonObject, cluster_name: str, cluster: RunningCluster | None
    ) -> None:
        if FINALIZER not in (obj["metadata"].get("finalizers") or []):
            return
        store = self._context.site(key).store
        kafka = store.get("Kafka", key.namespace, cluster_name)
        if cluster is None and kafka is not None and not is_being_deleted(kafka):
            return  # the cluster will serve again, and its topics are looked at then
        is_its_own = self._owner_of_the_same_topic(key, obj) is None
        if cluster is not None and is_its_own and not is_unmanaged(obj) and not is_paused(obj):
            cluster.admin.delete_topic((obj.get("status") or {}).get("topicName", topic_name(obj)))
        self._set_finalizers(key, [name for name in _finalizers(obj) if name != FINALIZER])

    def _add_finalizer(self, key: Key, obj: JsonObject) -> None:
        if FINALIZER not in _finalizers(obj):
            self._set_finalizers(key, [*_finalizers(obj), FINALIZER])

    def _set_finalizers(self, key: Key, names: list[str]) -> None:
        try:
            self._context.site(key).api.patch(
                API_VERSION,
                "KafkaTopic",
                key.name,
                key.namespace,
                patch={"metadata": {"finalizers": names}},
                field_manager=FIELD_MANAGER,
            )
        except NotFoundError:
            return


def topic_name(obj: Mapping[str, Any]) -> str:
    """Return the name a KafkaTopic gives its topic."""
    return str(spec_of(obj).get("topicName") or name_of(obj))


def is_unmanaged(obj: Mapping[str, Any]) -> bool:
    """Tell whether a KafkaTopic says that its topic is somebody else's."""
    return annotations_of(obj).get(MANAGED_ANNOTATION) == "false"


def make_as_declared(admin: KafkaAdmin, obj: Mapping[str, Any], fields: dict[str, str]) -> str:
    """Create a topic or bring it in line, and return its id.

    Raises:
        ReconciliationError: In the words of the real Topic Operator; what it allowed has been done.
    """
    spec, name = spec_of(obj), topic_name(obj)
    config = {key: as_text(key, value) for key, value in (spec.get("config") or {}).items()}
    found = admin.topic(name)
    if found is None:
        admin.create_topic(
            name, partitions=spec.get("partitions"), copies=spec.get("replicas"), config=config
        )
        return _id_of(admin, name)
    fields["topicId"] = found.topic_id
    _align(admin, found, spec, config)
    return found.topic_id


def _id_of(admin: KafkaAdmin, name: str) -> str:
    """Return the id of a topic that has just been made, of which a broker knows a moment after the controller does.

    Raises:
        UnreachableError: No broker knows it in time; the object is looked at again then.
    """
    found: list[str] = []

    def is_known() -> bool:
        made = admin.topic(name)
        found.extend([made.topic_id] if made else [])
        return bool(found)

    if not wait_until(is_known, within=_KNOWN_WITHIN):
        raise UnreachableError("the Kafka cluster", name, "no broker knows the new topic")
    return found[0]


def _align(
    admin: KafkaAdmin, found: Topic, spec: Mapping[str, Any], config: Mapping[str, str]
) -> None:
    changed = {key: value for key, value in config.items() if found.config.get(key) != value}
    removed = found.config.keys() - config.keys()
    if changed or removed:
        admin.alter_topic_config(found.name, changed=changed, removed=removed)
    partitions, copies = spec.get("partitions"), spec.get("replicas")
    if copies is not None and any(number != copies for number in found.copies):
        wrong = [index for index, number in enumerate(found.copies) if number != copies]
        raise _not_supported(
            f"Replication factor change not supported, but required for partitions {wrong}"
        )
    if partitions is not None and partitions < found.partitions:
        raise _not_supported("Decreasing partitions not supported")
    if partitions is not None and partitions > found.partitions:
        admin.add_partitions(found.name, partitions)


def _not_supported(message: str) -> ReconciliationError:
    return ReconciliationError("NotSupported", message)


def _finalizers(obj: Mapping[str, Any]) -> list[str]:
    return list(obj["metadata"].get("finalizers") or [])


def _age(obj: Mapping[str, Any]) -> tuple[str, bool, str]:
    """Return what the oldest has least of; of two made within one second it is the one that has a topic already."""
    has_topic = "topicId" in (obj.get("status") or {})
    return str(obj["metadata"].get("creationTimestamp", "")), not has_topic, name_of(obj)
