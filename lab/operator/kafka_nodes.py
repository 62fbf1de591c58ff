"""The nodes of one Kafka cluster: where they live, what they are started from, and how they are started anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from lab.operator import journal
from lab.operator.broker_properties import REPLICATION, render_broker_properties
from lab.operator.cluster_certificates import ClusterCertificates
from lab.operator.cluster_model import ClusterModel, Node
from lab.operator.context import Context
from lab.operator.failures import pod_not_ready
from lab.operator.formatting import bootstrap_checkpoint, format_node, is_formatted
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.launching import Launch
from lab.operator.local import NodePlace, listener_names, localise_node
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK
from lab.settings import BROKER_HEAP

_READY_WITHIN = timedelta(seconds=120)

Places = Mapping[int, NodePlace]


class KafkaNodes:
    """Runs the nodes of Kafka clusters."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def places(self, key: Key, model: ClusterModel) -> Places:
        """Return where each node lives, by its id."""
        root = self._context.directory(key, "kafka")
        ports = self._context.ports
        return {
            node.node_id: NodePlace(
                directory=root / node.name,
                ports={
                    name: ports.port_for(f"{port_prefix(key)}{node.name}/{name}")
                    for name in listener_names(model, node)
                },
            )
            for node in model.nodes
        }

    def format(self, model: ClusterModel, places: Places, *, cluster_id: str) -> None:
        """Prepare the storage of nodes that have none yet."""
        checkpoint = bootstrap_checkpoint(self._context.jvm, model.metadata_version)
        for node in model.nodes:
            data = places[node.node_id].data
            if not is_formatted(data):
                format_node(
                    data, cluster_id=cluster_id, node_id=node.node_id, checkpoint=checkpoint
                )

    def serve(
        self,
        key: Key,
        model: ClusterModel,
        places: Places,
        certificates: ClusterCertificates,
        *,
        before: KafkaAdmin | None,
    ) -> KafkaAdmin:
        """Run the nodes with these certificates, and no others.

        Args:
            key: Of the cluster.
            model: The cluster.
            places: Where its nodes live.
            certificates: What the nodes show and trust.
            before: A client that trusts what the nodes trust that run by now; None if nothing is served.

        Returns:
            A client of the nodes; the one from before if it still fits.
        """
        launches = {
            node.node_id: _launch(key, model, node, places, certificates) for node in model.nodes
        }
        self._stop_others(key, launches)
        admin = _admin(model, places, certificates, before)
        are_strangers = before is None or not all(
            before.trusts(identity.certificate) for identity in certificates.nodes.values()
        )
        if are_strangers:
            # Nothing is served yet, or the nodes that run would not trust those to come: all at once, then.
            self._restart_outdated(launches)
        self._wait(key, model, launches, admin)
        self._roll(key, model, launches, admin)
        return admin

    def _restart_outdated(self, launches: Mapping[int, Launch]) -> None:
        launcher = self._context.launcher
        for launch in launches.values():
            if launcher.is_running(launch.name) and not launcher.is_current(launch):
                launcher.restart(launch)

    def _roll(
        self, key: Key, model: ClusterModel, launches: Mapping[int, Launch], admin: KafkaAdmin
    ) -> None:
        """Start those that run from older files anew, one after the other."""
        for launch in launches.values():
            if not self._context.launcher.is_current(launch):
                journal.note("rolling", object=key, process=launch.name)
                self._context.launcher.restart(launch)
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
        raise pod_not_ready(name, key.namespace, after=_READY_WITHIN)

    def _stop_others(self, key: Key, launches: Mapping[int, Launch]) -> None:
        wanted = {launch.name for launch in launches.values()}
        for name in self._context.launcher.names_of(key):
            if name not in wanted:
                self._context.launcher.stop(name)


def port_prefix(key: Key) -> str:
    """Return how the keys of a cluster's ports begin."""
    return f"{key.site}/kafka/{key.namespace}/{key.name}/"


def _admin(
    model: ClusterModel,
    places: Places,
    certificates: ClusterCertificates,
    before: KafkaAdmin | None,
) -> KafkaAdmin:
    bootstrap = ",".join(
        f"{LOOPBACK}:{places[node.node_id].ports[REPLICATION]}" for node in model.brokers
    )
    trusted, identity = certificates.cluster.trusted, certificates.operator
    if before is not None and before.connects_like(bootstrap, trusted, identity):
        return before
    return KafkaAdmin(bootstrap, trusted=trusted, identity=identity)


def _launch(
    key: Key,
    model: ClusterModel,
    node: Node,
    places: Places,
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
