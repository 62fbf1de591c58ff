"""Runs the Connect workers of one resource, as many processes as it has replicas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from kafka_mirror.kubernetes_api import JsonObject
from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.cluster_secrets import decode
from lab.operator.connect_rest import ConnectRest
from lab.operator.connectors import ConnectorConfig
from lab.operator.context import Context
from lab.operator.failures import pod_not_ready
from lab.operator.launching import Launch, remove_directory
from lab.operator.local import localise_connector, localise_worker
from lab.operator.objects import name_of, spec_of
from lab.operator.work_queue import Key
from lab.operator.worker_kinds import WorkerKind
from lab.operator.worker_plan import WorkerPlan, plan_workers
from lab.ports import LOOPBACK
from lab.settings import WORKER_HEAP

READY_WITHIN = timedelta(seconds=60)


class ConnectWorkers:
    """The workers of all resources of one kind."""

    def __init__(self, context: Context, kind: WorkerKind) -> None:
        self._context, self._kind = context, kind
        # Holds the workers' directories, under a site's own.
        self._directory = kind.suffix

    def run(self, key: Key, resource: JsonObject) -> ConnectRest | None:
        """Run a resource's workers, and return their REST interface once they answer; None without replicas.

        Raises:
            ReconciliationError: Something is wrong with the resource or beside it, or a worker does not answer in time.
        """
        plan = self._plan(key, resource)
        for obj in plan.objects:
            self._write(key, resource, obj)
        if plan.failure is not None:
            raise plan.failure
        self._claim_directory(key, resource)
        replicas = int(spec_of(resource)["replicas"])
        launches = [self._launch(key, index, plan) for index in range(replicas)]
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
        return ConnectRest(launches[0].ports[0]) if launches else None

    def localiser(self, key: Key) -> Callable[[ConnectorConfig], ConnectorConfig]:
        """Return what makes a connector's configuration fit a resource's workers."""
        return partial(localise_connector, directory=self._root(key) / "0")

    def _plan(self, key: Key, resource: JsonObject) -> WorkerPlan:
        api = self._context.site(key).api

        def read(name: str) -> Mapping[str, str] | None:
            found = api.find("v1", "Secret", name, key.namespace)
            return None if found is None else decode(found)

        def has_config_map(name: str) -> bool:
            return api.find("v1", "ConfigMap", name, key.namespace) is not None

        return plan_workers(resource, read=read, has_config_map=has_config_map)

    def _write(self, key: Key, resource: JsonObject, obj: JsonObject) -> None:
        context = self._context
        found = context.site(key).api.find("v1", obj["kind"], name_of(obj), key.namespace)
        is_there = found is not None and context.is_owned_by(found, resource)
        if not (is_there and (found or {}).get("data") == obj["data"]):
            context.apply(key, obj)

    def _wait(self, key: Key, launches: Sequence[Launch]) -> None:
        launcher = self._context.launcher

        def are_up() -> bool:
            for launch in launches:
                launcher.ensure(launch)
            return all(ConnectRest(launch.ports[0]).is_up() for launch in launches)

        if not self._context.wait(key, are_up, within=READY_WITHIN):
            index = next(
                (
                    index
                    for index, launch in enumerate(launches)
                    if not ConnectRest(launch.ports[0]).is_up()
                ),
                0,
            )
            pod = f"{key.name}-{self._kind.suffix}-{index}"
            raise pod_not_ready(pod, key.namespace, after=READY_WITHIN)

    def _launch(self, key: Key, index: int, plan: WorkerPlan) -> Launch:
        directory = self._root(key) / str(index)
        port = self._context.ports.port_for(f"{self._prefix(key)}{index}")
        return Launch(
            owner=key,
            name=f"{self._kind.suffix}-{key.site}-{key.namespace}-{key.name}-{index}",
            directory=directory,
            main="org.apache.kafka.connect.cli.ConnectDistributed",
            properties=localise_worker(plan.properties, directory=directory, port=port),
            secrets=plan.secrets,
            heap=WORKER_HEAP,
            environment={"ADVERTISED_HOSTNAME": LOOPBACK},
            ports=(port,),
        )

    def _claim_directory(self, key: Key, resource: JsonObject) -> None:
        root = self._root(key)
        owner, uid = root / "owner.json", resource["metadata"]["uid"]
        if owner.exists() and json.loads(owner.read_text())["uid"] != uid:
            self.tear_down(key)
        if not owner.exists():
            private_directory(root)
            write_text(owner, json.dumps({"uid": uid}))

    def tear_down(self, key: Key) -> None:
        """End a resource's workers and delete their files; fine if there are none."""
        context = self._context
        root = self._root(key)
        if root.exists() or context.launcher.names_of(key):
            journal.note("torn down", object=key)
        for name in context.launcher.names_of(key):
            context.launcher.stop(name)
        for port in [
            name for name in context.ports.assigned() if name.startswith(self._prefix(key))
        ]:
            context.ports.release(port)
        # The last thing: as long as it is there, the next operator finds that there is something to tear down.
        remove_directory(root)

    def _prefix(self, key: Key) -> str:
        return f"{key.site}/{self._directory}/{key.namespace}/{key.name}/"

    def _root(self, key: Key) -> Path:
        return self._context.directory(key, self._directory)
