"""Turns KafkaMirrorMaker2 objects into Connect workers and their connectors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from kafka_mirror.kubernetes_api import JsonObject
from lab.binaries.versions import KAFKA
from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.client_security import trust_secret_name
from lab.operator.cluster_model import DEFAULT_KAFKA_VERSION, check_version
from lab.operator.cluster_secrets import decode
from lab.operator.connect_rest import ConnectRest
from lab.operator.connector_sync import (
    check_not_failed,
    connector_statuses,
    is_settled,
    sync_connectors,
)
from lab.operator.connectors import Connector, connectors_of
from lab.operator.context import Context
from lab.operator.failures import InvalidResourceError, ReconciliationError
from lab.operator.launching import Launch, remove_directory
from lab.operator.local import localise_connector, localise_worker
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
from lab.ports import LOOPBACK
from lab.settings import WORKER_HEAP

_READY_WITHIN = timedelta(seconds=120)
_LOOK_AGAIN = timedelta(seconds=1)
# Then the periodic look is enough: a checkpoint connector without groups has no task for as long as there are none.
_LOOKS = 15


class MirrorMakerReconciler:
    """Keeps MirrorMaker 2 workers and their connectors as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looks: dict[Key, int] = {}

    def reconcile(self, key: Key) -> None:
        """Make one MirrorMaker 2 as declared, and say in its status how that went."""
        context = self._context
        resource = context.site(key).store.get("KafkaMirrorMaker2", key.namespace, key.name)
        if resource is None:
            self._tear_down(key)
            return
        fields = _fields(resource)
        if is_paused(resource):
            status = status_of(resource, [paused()], now=context.now(), fields=fields)
            context.write_status(key, resource, status)
            return
        statuses: list[JsonObject] = []
        try:
            statuses = self._build(key, resource)
            if spec_of(resource)["replicas"]:
                fields["connectors"] = statuses
            condition = ready()
        except InvalidResourceError as failure:
            fields, condition = {"replicas": 0}, not_ready(failure)
        except ReconciliationError as failure:
            condition = not_ready(failure)
        if condition["type"] == "NotReady":
            reason, message = condition["reason"], condition["message"]
            journal.warn("not ready", object=key, reason=reason, message=message)
        status = status_of(resource, [condition], now=context.now(), fields=fields)
        context.write_status(key, resource, status)
        self._look_again(key, is_settled=is_settled(statuses))

    def _look_again(self, key: Key, *, is_settled: bool) -> None:
        """Follow the tasks of connectors that have just been changed, less and less often."""
        looks = 0 if is_settled else self._looks.get(key, 0) + 1
        self._looks[key] = looks
        if 0 < looks <= _LOOKS:
            self._context.queue.add_after(key, _LOOK_AGAIN)

    def _build(self, key: Key, resource: JsonObject) -> list[JsonObject]:
        """Run the workers and connectors, and return what Connect says of them."""
        spec = spec_of(resource)
        check_version(str(spec.get("version") or DEFAULT_KAFKA_VERSION))
        text = render_worker_properties(resource)
        secrets = self._secrets(key, resource)
        self._write_config_map(key, resource, text)
        self._claim_directory(key, resource)
        launches = [
            self._launch(key, index, text, secrets) for index in range(int(spec["replicas"]))
        ]
        self._run(key, launches)
        connectors = _connectors(resource)
        if not launches:
            return []
        rest = ConnectRest(launches[0].ports[0])
        directory = launches[0].directory
        local = [
            replace(each, config=localise_connector(each.config, directory=directory))
            for each in connectors
        ]
        sync_connectors(rest, local)
        statuses = connector_statuses(rest, local)
        check_not_failed(statuses)
        return statuses

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

    def _run(self, key: Key, launches: Sequence[Launch]) -> None:
        """Start all workers; one that runs from older files is started anew, one after the other."""
        launcher = self._context.launcher
        wanted = {launch.name for launch in launches}
        for name in launcher.names_of(key):
            if name not in wanted:
                launcher.stop(name)
        self._wait(key, launches)
        for launch in launches:
            if not launcher.is_current(launch):
                journal.note("rolling", object=key, process=launch.name)
                launcher.restart(launch)
                self._wait(key, launches)

    def _wait(self, key: Key, launches: Sequence[Launch]) -> None:
        launcher = self._context.launcher

        def are_up() -> bool:
            for launch in launches:
                launcher.ensure(launch)
            return all(ConnectRest(launch.ports[0]).is_up() for launch in launches)

        if not self._context.wait(key, are_up, within=_READY_WITHIN):
            index = next(
                (
                    index
                    for index, launch in enumerate(launches)
                    if not ConnectRest(launch.ports[0]).is_up()
                ),
                0,
            )
            raise ReconciliationError(
                "StrimziTimeoutException",
                f"Exceeded timeout of {_READY_WITHIN // timedelta(milliseconds=1)}ms while waiting for Pods resource "
                f"{key.name}-mirrormaker2-{index} in namespace {key.namespace} to be ready",
            )

    def _launch(
        self, key: Key, index: int, text: str, secrets: Mapping[str, Mapping[str, str]]
    ) -> Launch:
        directory = self._context.directory(key, "mirrormaker2") / str(index)
        port = self._context.ports.port_for(f"{_prefix(key)}{index}")
        return Launch(
            owner=key,
            name=f"mirrormaker2-{key.site}-{key.namespace}-{key.name}-{index}",
            directory=directory,
            main="org.apache.kafka.connect.cli.ConnectDistributed",
            properties=localise_worker(text, directory=directory, port=port),
            secrets=secrets,
            heap=WORKER_HEAP,
            archive=f"kafka-{KAFKA}-worker",
            environment={"ADVERTISED_HOSTNAME": LOOPBACK},
            ports=(port,),
        )

    def _claim_directory(self, key: Key, resource: JsonObject) -> None:
        root = self._context.directory(key, "mirrormaker2")
        owner, uid = root / "owner.json", resource["metadata"]["uid"]
        if owner.exists() and json.loads(owner.read_text())["uid"] != uid:
            self._tear_down(key)
        if not owner.exists():
            private_directory(root)
            write_text(owner, json.dumps({"uid": uid}))

    def _tear_down(self, key: Key) -> None:
        context = self._context
        root = context.directory(key, "mirrormaker2")
        if root.exists() or context.launcher.names_of(key):
            journal.note("torn down", object=key)
        for name in context.launcher.names_of(key):
            context.launcher.stop(name)
        remove_directory(root)
        for port in [name for name in context.ports.assigned() if name.startswith(_prefix(key))]:
            context.ports.release(port)


def _connectors(resource: JsonObject) -> tuple[Connector, ...]:
    try:
        return connectors_of(resource)
    except InvalidResourceError as failure:
        # Found out late: by then the workers run and the status has its other fields.
        raise ReconciliationError(failure.reason, failure.message) from failure


def _prefix(key: Key) -> str:
    return f"{key.site}/mirrormaker2/{key.namespace}/{key.name}/"


def _fields(resource: JsonObject) -> JsonObject:
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
