"""Turns Kafka and KafkaNodePool objects into broker processes that serve."""

from __future__ import annotations

import json

from kafka_mirror.kubernetes_api import JsonObject
from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.cluster_certificates import CertificateKeeper, ClusterCertificates
from lab.operator.cluster_model import ClusterModel, model_of
from lab.operator.context import Context, RunningCluster
from lab.operator.failures import ReconciliationError
from lab.operator.formatting import new_uuid
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.kafka_nodes import KafkaNodes, port_prefix
from lab.operator.kafka_status import kafka_fields, pool_fields, storage_warnings
from lab.operator.launching import remove_directory
from lab.operator.objects import CLUSTER_LABEL, is_paused
from lab.operator.status import not_ready, paused_status, ready, status_of
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK


class KafkaReconciler:
    """Keeps the brokers of Kafka clusters as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._certificates = CertificateKeeper(context)
        self._nodes = KafkaNodes(context)

    def reconcile(self, key: Key) -> None:
        """Make one cluster as declared, and say in its status how that went."""
        context = self._context
        kafka = context.site(key).store.get("Kafka", key.namespace, key.name)
        if kafka is None:
            self._tear_down(key)
            return
        if is_paused(kafka):
            context.write_status(key, kafka, paused_status(kafka, now=context.now()))
            return
        try:
            self._build(key, kafka)
        except ReconciliationError as failure:
            journal.warn("not ready", object=key, reason=failure.reason, message=failure.message)
            status = status_of(kafka, [not_ready(failure)], now=context.now())
            context.write_status(key, kafka, status)

    def _build(self, key: Key, kafka: JsonObject) -> None:
        store = self._context.site(key).store
        pools = store.find("KafkaNodePool", key.namespace, {CLUSTER_LABEL: key.name})
        model = model_of(kafka, pools)
        cluster_id = self._claim_directory(key, kafka)
        certificates = self._certificates.ensure(key, kafka, model)
        places = self._nodes.places(key, model)
        self._nodes.format(model, places, cluster_id=cluster_id)
        running = self._context.cluster(key, key.name)
        before = None if running is None else running.admin
        admin = self._nodes.serve(key, model, places, certificates, before=before)
        current = self._certificates.follow(key, kafka, model, certificates)
        if current != certificates:
            # An authority has a new key, which all nodes trust by now: they can show what it has signed.
            certificates = current
            admin = self._nodes.serve(key, model, places, certificates, before=admin)
        self._announce(key, model, admin, certificates)
        addresses = {
            listener.name: [
                (LOOPBACK, places[node.node_id].ports[listener.identifier])
                for node in model.brokers
            ]
            for listener in model.listeners
        }
        fields = kafka_fields(
            model,
            cluster_id=cluster_id,
            certificate=certificates.cluster.identity.certificate,
            addresses=addresses,
        )
        conditions = [*storage_warnings(model, pools), ready()]
        now = self._context.now()
        status = status_of(kafka, conditions, now=now, fields=fields)
        self._context.write_status(key, kafka, status)
        for pool in pools:
            fields = pool_fields(model, pool, cluster_id=cluster_id)
            self._context.write_status(key, pool, status_of(pool, [], now=now, fields=fields))

    def _announce(
        self, key: Key, model: ClusterModel, admin: KafkaAdmin, certificates: ClusterCertificates
    ) -> None:
        """Let the topics and users of the cluster be looked at once it serves."""
        running = RunningCluster(
            admin=admin,
            has_authorizer=model.has_authorizer,
            clients_authority=certificates.clients.identity,
        )
        place = (key.site, key.namespace, key.name)
        previous = self._context.clusters.get(place)
        self._context.clusters[place] = running
        if previous is None or previous.has_authorizer != running.has_authorizer:
            journal.note("serves", object=key)
            self._context.queue.add(Key(key.site, "UserSweep", key.namespace, key.name))
            store = self._context.site(key).store
            for kind in ("KafkaTopic", "KafkaUser"):
                for obj in store.find(kind, key.namespace, {CLUSTER_LABEL: key.name}):
                    name = obj["metadata"]["name"]
                    self._context.queue.add(Key(key.site, kind, key.namespace, name))

    def _claim_directory(self, key: Key, kafka: JsonObject) -> str:
        """Return the cluster's id; data of an earlier cluster of the same name is deleted."""
        root = self._context.directory(key, "kafka")
        owner = root / "owner.json"
        uid = kafka["metadata"]["uid"]
        content = json.loads(owner.read_text()) if owner.exists() else None
        if content is not None and content["uid"] == uid:
            return str(content["clusterId"])
        if root.exists():
            self._tear_down(key)
        private_directory(root)
        cluster_id = new_uuid()
        write_text(owner, json.dumps({"uid": uid, "clusterId": cluster_id}))
        return cluster_id

    def _tear_down(self, key: Key) -> None:
        context = self._context
        root = context.directory(key, "kafka")
        was_there = root.exists() or context.launcher.names_of(key)
        context.clusters.pop((key.site, key.namespace, key.name), None)
        for name in context.launcher.names_of(key):
            context.launcher.stop(name, at_once=True)
        for port in [
            name for name in context.ports.assigned() if name.startswith(port_prefix(key))
        ]:
            context.ports.release(port)
        # The last thing: as long as it is there, the next operator finds that there is something to tear down.
        remove_directory(root)
        if was_there:
            journal.note("torn down", object=key)
