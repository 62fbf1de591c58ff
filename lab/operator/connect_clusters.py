"""Turns KafkaConnect and KafkaConnector objects into Connect workers and their connectors."""

from __future__ import annotations

from functools import partial

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import journal
from lab.operator.connect_round import ConnectRound, carry_out, failed_status, no_cluster
from lab.operator.connect_workers import ConnectWorkers
from lab.operator.connector_sync import is_settled
from lab.operator.context import Context
from lab.operator.objects import CLUSTER_LABEL, is_paused, name_of
from lab.operator.second_looks import SecondLooks
from lab.operator.work_queue import Key
from lab.operator.worker_kinds import CONNECT
from lab.operator.worker_status import paused_worker_status, worker_status


class ConnectReconciler:
    """Keeps Connect clusters and their connectors as declared; a KafkaConnector is looked at with its cluster."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._workers = ConnectWorkers(context, CONNECT)
        self._looks = SecondLooks(context.queue)

    def reconcile(self, key: Key) -> None:
        """Make one Connect cluster as declared, and say in the statuses how that went."""
        context = self._context
        store = context.site(key).store
        resource = store.get(CONNECT.kind, key.namespace, key.name)
        declared = store.find("KafkaConnector", key.namespace, {CLUSTER_LABEL: key.name})
        if resource is None:
            self._workers.tear_down(key)
            failure = no_cluster(key.name, key.namespace)
            for one in declared:
                context.write_status(key, one, failed_status(one, failure, now=context.now()))
            return
        if is_paused(resource):
            status = paused_worker_status(resource, now=context.now())
            context.write_status(key, resource, status)
            return
        done = self._carry_out(key, resource, declared)
        if done.outcome.failure is not None:
            reason, message = done.outcome.failure.reason, done.outcome.failure.message
            journal.warn("not ready", object=key, reason=reason, message=message)
        for one in declared:
            if name_of(one) in done.connectors:
                context.write_status(key, one, done.connectors[name_of(one)])
        status = worker_status(resource, done.outcome, now=context.now())
        context.write_status(key, resource, status)
        told = [
            one["connectorStatus"] for one in done.connectors.values() if "connectorStatus" in one
        ]
        self._looks.after(key, is_settled=is_settled(told))

    def _carry_out(
        self, key: Key, resource: JsonObject, declared: list[JsonObject]
    ) -> ConnectRound:
        return carry_out(
            resource,
            declared,
            run_workers=partial(self._workers.run, key, resource),
            localise=self._workers.localiser(key),
            now=self._context.now(),
        )
