"""Turns KafkaMirrorMaker2 objects into Connect workers and their connectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import journal
from lab.operator.auto_restart import after_restart, is_restart_due, previous_of, still_counts
from lab.operator.client_security import trust_secret_name
from lab.operator.cluster_model import DEFAULT_KAFKA_VERSION, check_version
from lab.operator.cluster_secrets import decode
from lab.operator.connect_rest import ConnectRest
from lab.operator.connect_workers import ConnectWorkers
from lab.operator.connector_requests import ConnectorRequests
from lab.operator.connector_sync import (
    check_not_failed,
    connector_statuses,
    is_settled,
    sync_connectors,
)
from lab.operator.connectors import Connector, connectors_of
from lab.operator.context import Context
from lab.operator.failures import InvalidResourceError, ReconciliationError
from lab.operator.launching import Launch
from lab.operator.local import localise_connector
from lab.operator.objects import is_paused, metadata, name_of, spec_of
from lab.operator.status import not_ready, paused, ready, status_of
from lab.operator.work_queue import Key
from lab.operator.worker_properties import render_worker_properties
from lab.operator.worker_secrets import (
    credential_values,
    mirror_maker_labels,
    trust_secret,
    trusted_certificates,
)

_LOOK_AGAIN = timedelta(seconds=1)
# Then the periodic look is enough: a checkpoint connector without groups has no task for as long as there are none.
_LOOKS = 15


class MirrorMakerReconciler:
    """Keeps MirrorMaker 2 workers and their connectors as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._workers = ConnectWorkers(context, directory="mirrormaker2", pod="mirrormaker2")
        self._looks: dict[Key, int] = {}

    def reconcile(self, key: Key) -> None:
        """Make one MirrorMaker 2 as declared, and say in its status how that went."""
        context = self._context
        resource = context.site(key).store.get("KafkaMirrorMaker2", key.namespace, key.name)
        if resource is None:
            self._workers.tear_down(key)
            return
        fields = status_fields(resource)
        if is_paused(resource):
            status = status_of(resource, [paused()], now=context.now(), fields=fields)
            context.write_status(key, resource, status)
            return
        statuses: list[JsonObject] = []
        warnings: list[JsonObject] = []
        try:
            launches = self._run_workers(key, resource)
            connectors = _connectors(resource)
            if launches:
                statuses, warnings = self._run_connectors(
                    key, resource, launches[0], connectors, fields
                )
                fields["connectors"] = statuses
            condition = ready()
        except InvalidResourceError as failure:
            fields, condition = {"replicas": 0}, not_ready(failure)
        except ReconciliationError as failure:
            condition = not_ready(failure)
        if condition["type"] == "NotReady":
            reason, message = condition["reason"], condition["message"]
            journal.warn("not ready", object=key, reason=reason, message=message)
        status = status_of(resource, [condition, *warnings], now=context.now(), fields=fields)
        context.write_status(key, resource, status)
        self._look_again(key, is_settled=is_settled(statuses))

    def _look_again(self, key: Key, *, is_settled: bool) -> None:
        """Follow the tasks of connectors that have just been changed, less and less often."""
        looks = 0 if is_settled else self._looks.get(key, 0) + 1
        self._looks[key] = looks
        if 0 < looks <= _LOOKS:
            self._context.queue.add_after(key, _LOOK_AGAIN)

    def _run_workers(self, key: Key, resource: JsonObject) -> list[Launch]:
        """Run the workers, and return what they were started from once they answer."""
        spec = spec_of(resource)
        check_version(str(spec.get("version") or DEFAULT_KAFKA_VERSION))
        text = render_worker_properties(resource)
        self._check_metrics(key, spec)
        secrets = self._secrets(key, resource)
        self._write_config_map(key, resource, text)
        return self._workers.run(
            key, resource, replicas=int(spec["replicas"]), properties=text, secrets=secrets
        )

    def _run_connectors(
        self,
        key: Key,
        resource: JsonObject,
        launch: Launch,
        connectors: Sequence[Connector],
        fields: JsonObject,
    ) -> tuple[list[JsonObject], list[JsonObject]]:
        """Bring the connectors in line; return what Connect says of them, and warnings about requests."""
        rest = ConnectRest(launch.ports[0])
        local = [
            replace(each, config=localise_connector(each.config, directory=launch.directory))
            for each in connectors
        ]
        sync_connectors(rest, local)
        warnings = ConnectorRequests(self._context, key, resource, rest).carry_out(local)
        statuses = connector_statuses(rest, local)
        restarts = self._restart_failed(resource, rest, local, statuses)
        if restarts:
            fields["autoRestartStatuses"] = restarts
        check_not_failed(statuses)
        return statuses, warnings

    def _restart_failed(
        self,
        resource: JsonObject,
        rest: ConnectRest,
        connectors: Sequence[Connector],
        statuses: Sequence[JsonObject],
    ) -> list[JsonObject]:
        """Restart what has failed and may be restarted; return what is to be told of restarts."""
        now = self._context.now()
        told = (resource.get("status") or {}).get("autoRestartStatuses") or []
        entries = []
        for connector, status in zip(connectors, statuses, strict=True):
            previous = previous_of(connector.name, told)
            if is_restart_due(connector.section, status, previous, now=now):
                journal.note("connector restarted", connector=connector.name)
                rest.restart(connector.name, include_tasks=True, only_failed=True)
                previous = after_restart(connector.name, previous, now=now)
            if previous is not None and still_counts(previous, status, now=now):
                entries.append(dict(previous))
        return entries

    def _check_metrics(self, key: Key, spec: Mapping[str, Any]) -> None:
        """Refuse metrics whose rules are missing, as the real operator; the lab itself exports none."""
        metrics = spec.get("metricsConfig") or {}
        name = ((metrics.get("valueFrom") or {}).get("configMapKeyRef") or {}).get("name")
        if name and not self._context.site(key).api.find("v1", "ConfigMap", name, key.namespace):
            raise ReconciliationError(
                "InvalidConfigurationException", f"ConfigMap {name} does not exist"
            )

    def _secrets(self, key: Key, resource: JsonObject) -> dict[str, dict[str, str]]:
        """Return what the workers read, and put the joined trust into its Secret."""
        api = self._context.site(key).api

        def read(name: str) -> Mapping[str, str] | None:
            found = api.find("v1", "Secret", name, key.namespace)
            return None if found is None else decode(found)

        trusted = trusted_certificates(resource, read)
        values = credential_values(resource, read)
        if trusted:
            name = trust_secret_name(key.name)
            if read(name) != trusted:
                self._context.apply(
                    key, trust_secret(resource, trusted, mirror_maker_labels(resource))
                )
            values[name] = trusted
        return {f"{key.namespace}/{name}": keys for name, keys in values.items()}

    def _write_config_map(self, key: Key, resource: JsonObject, text: str) -> None:
        name = f"{name_of(resource)}-mirrormaker2-config"
        found = self._context.site(key).api.find("v1", "ConfigMap", name, key.namespace)
        data = {"kafka-connect.properties": text}
        if found is not None and (found.get("data") or {}).items() >= data.items():
            return
        labels = mirror_maker_labels(resource)
        self._context.apply(
            key,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata(resource, name=name, labels=labels),
                "data": data,
            },
        )


def _connectors(resource: JsonObject) -> tuple[Connector, ...]:
    try:
        return connectors_of(resource)
    except InvalidResourceError as failure:
        # Found out late: by then the workers run and the status has its other fields.
        raise ReconciliationError(failure.reason, failure.message) from failure


def status_fields(resource: JsonObject) -> JsonObject:
    """Return the status of a KafkaMirrorMaker2 but for its conditions and connectors."""
    name, namespace = name_of(resource), resource["metadata"]["namespace"]
    replicas = int(spec_of(resource)["replicas"])
    fields: JsonObject = {
        "labelSelector": f"strimzi.io/cluster={name},strimzi.io/name={name}-mirrormaker2,"
        "strimzi.io/kind=KafkaMirrorMaker2",
        "replicas": replicas,
    }
    if replicas:
        fields["url"] = f"http://{name}-mirrormaker2-api.{namespace}.svc:8083"
    return fields
