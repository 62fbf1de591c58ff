"""Turns Kafka and KafkaNodePool objects into broker processes that serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from kafka_mirror.kubernetes_api import JsonObject
from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.broker_properties import REPLICATION, render_broker_properties
from lab.operator.cluster_certificates import CertificateKeeper, ClusterCertificates
from lab.operator.cluster_model import ClusterModel, Node, model_of
from lab.operator.context import Context, RunningCluster
from lab.operator.failures import ReconciliationError
from lab.operator.formatting import bootstrap_checkpoint, format_node, is_formatted, new_uuid
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.kafka_status import kafka_fields, pool_fields, storage_warnings
from lab.operator.launching import Launch, remove_directory
from lab.operator.local import NodePlace, listener_names, localise_node
from lab.operator.objects import CLUSTER_LABEL, is_paused
from lab.operator.status import not_ready, paused, ready, status_of
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK
from lab.settings import BROKER_HEAP

_READY_WITHIN = timedelta(seconds=120)


class KafkaReconciler:
    """Keeps the brokers of Kafka clusters as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._certificates = CertificateKeeper(context)

    def reconcile(self, key: Key) -> None:
        """Make one cluster as declared, and say in its status how that went."""
        context = self._context
        kafka = context.site(key).store.get("Kafka", key.namespace, key.name)
        if kafka is None:
            self._tear_down(key)
            return
        if is_paused(kafka):
            context.write_status(key, kafka, status_of(kafka, [paused()], now=context.now()))
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
        places = self._places(key, model)
        launches = {
            node.node_id: _launch(key, model, node, places, certificates) for node in model.nodes
        }
        checkpoint = bootstrap_checkpoint(self._context.jvm, model.metadata_version)
        for node in model.nodes:
            data = places[node.node_id].data
            if not is_formatted(data):
                format_node(
                    data, cluster_id=cluster_id, node_id=node.node_id, checkpoint=checkpoint
                )
        self._stop_others(key, launches)
        admin = self._admin(key, model, places, certificates)
        self._run(key, model, launches, admin)
        self._announce(key, model, admin, certificates)
        addresses = {
            listener.name: [
                (LOOPBACK, places[node.node_id].ports[listener.identifier])
                for node in model.brokers
            ]
            for listener in model.listeners
        }
        trusted = certificates.cluster.trusted
        fields = kafka_fields(model, cluster_id=cluster_id, trusted=trusted, addresses=addresses)
        conditions = [*storage_warnings(model, pools), ready()]
        now = self._context.now()
        status = status_of(kafka, conditions, now=now, fields=fields)
        self._context.write_status(key, kafka, status)
        for pool in pools:
            fields = pool_fields(model, pool, cluster_id=cluster_id)
            self._context.write_status(key, pool, status_of(pool, [], now=now, fields=fields))

    def _run(
        self, key: Key, model: ClusterModel, launches: Mapping[int, Launch], admin: KafkaAdmin
    ) -> None:
        """Start all nodes; one that runs from older files is started anew, one after the other."""
        launcher = self._context.launcher
        running = self._context.cluster(key, key.name)
        if running is None or running.admin is not admin:
            # Nothing is served yet, or nodes would trust different authorities: all at once, then.
            for launch in launches.values():
                if launcher.is_running(launch.name) and not launcher.is_current(launch):
                    launcher.restart(launch)
        self._wait(key, model, launches, admin)
        for launch in launches.values():
            if not launcher.is_current(launch):
                journal.note("rolling", object=key, process=launch.name)
                launcher.restart(launch)
                self._wait(key, model, launches, admin)

    def _wait(
        self, key: Key, model: ClusterModel, launches: Mapping[int, Launch], admin: KafkaAdmin
    ) -> None:
        wanted = frozenset(node.node_id for node in model.brokers)
        launcher = self._context.launcher

        def serves() -> bool:
            for launch in launches.values():
                launcher.ensure(launch)
            return admin.broker_ids() >= wanted

        if self._context.wait(key, serves, within=_READY_WITHIN):
            return
        missing = sorted(wanted - admin.broker_ids()) or sorted(wanted)
        name = next(node.name for node in model.nodes if node.node_id == missing[0])
        raise ReconciliationError(
            "StrimziTimeoutException",
            f"Exceeded timeout of {_READY_WITHIN // timedelta(milliseconds=1)}ms while waiting for Pods resource "
            f"{name} in namespace {key.namespace} to be ready",
        )

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

    def _admin(
        self,
        key: Key,
        model: ClusterModel,
        places: Mapping[int, NodePlace],
        certificates: ClusterCertificates,
    ) -> KafkaAdmin:
        bootstrap = ",".join(
            f"{LOOPBACK}:{places[node.node_id].ports[REPLICATION]}" for node in model.brokers
        )
        running = self._context.cluster(key, key.name)
        trusted, identity = certificates.cluster.trusted, certificates.operator
        if running is not None and running.admin.connects_like(bootstrap, trusted, identity):
            return running.admin
        return KafkaAdmin(bootstrap, trusted=trusted, identity=identity)

    def _places(self, key: Key, model: ClusterModel) -> dict[int, NodePlace]:
        root = self._context.directory(key, "kafka")
        ports = self._context.ports
        return {
            node.node_id: NodePlace(
                directory=root / node.name,
                ports={
                    name: ports.port_for(f"{_prefix(key)}{node.name}/{name}")
                    for name in listener_names(model, node)
                },
            )
            for node in model.nodes
        }

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

    def _stop_others(self, key: Key, launches: Mapping[int, Launch]) -> None:
        wanted = {launch.name for launch in launches.values()}
        for name in self._context.launcher.names_of(key):
            if name not in wanted:
                self._context.launcher.stop(name)

    def _tear_down(self, key: Key) -> None:
        context = self._context
        root = context.directory(key, "kafka")
        was_there = root.exists() or context.launcher.names_of(key)
        context.clusters.pop((key.site, key.namespace, key.name), None)
        for name in context.launcher.names_of(key):
            context.launcher.stop(name, at_once=True)
        for port in [name for name in context.ports.assigned() if name.startswith(_prefix(key))]:
            context.ports.release(port)
        # The last thing: as long as it is there, the next operator finds that there is something to tear down.
        remove_directory(root)
        if was_there:
            journal.note("torn down", object=key)


def _prefix(key: Key) -> str:
    return f"{key.site}/kafka/{key.namespace}/{key.name}/"


def _launch(
    key: Key,
    model: ClusterModel,
    node: Node,
    places: Mapping[int, NodePlace],
    certificates: ClusterCertificates,
) -> Launch:
    place, identity = places[node.node_id], certificates.nodes[node.name]
    text = localise_node(render_broker_properties(model, node), model, node, places)
    return Launch(
        owner=key,
        name=f"kafka-{key.site}-{key.namespace}-{node.name}",
        directory=place.directory,
        main="kafka.Kafka",
        properties=text,
        secrets={
            f"{key.namespace}/{node.name}": {
                f"{node.name}.crt": identity.certificate,
                f"{node.name}.key": identity.key,
            },
            f"{key.namespace}/{key.name}-trustbundle": {
                "cluster-ca.crt": certificates.cluster.trusted,
                "clients-ca.crt": certificates.clients.trusted,
            },
        },
        heap=BROKER_HEAP,
        ports=tuple(place.ports.values()),
    )
