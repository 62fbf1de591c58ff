"""Runs the Connect workers of one resource, as many processes as it has replicas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.connect_rest import ConnectRest
from lab.operator.context import Context
from lab.operator.failures import ReconciliationError
from lab.operator.launching import Launch, remove_directory
from lab.operator.local import localise_worker
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK
from lab.settings import WORKER_HEAP

_READY_WITHIN = timedelta(seconds=60)


class ConnectWorkers:
    """The workers of all resources of one kind.

    Args:
        context: The surroundings.
        directory: Under a site's own, holds the workers' directories.
        pod: What Strimzi puts between a resource's name and a worker's number.
    """

    def __init__(self, context: Context, *, directory: str, pod: str) -> None:
        self._context, self._directory, self._pod = context, directory, pod

    def run(
        self,
        key: Key,
        resource: Mapping[str, Any],
        *,
        replicas: int,
        properties: str,
        secrets: Mapping[str, Mapping[str, str]],
    ) -> list[Launch]:
        """Run a resource's workers, and return what they were started from once they answer.

        Args:
            key: The resource's key.
            resource: The resource.
            replicas: How many workers.
            properties: Their configuration file as Strimzi writes it.
            secrets: What they read, ``{"<namespace>/<secret>": {key: value}}``.

        Raises:
            ReconciliationError: A worker does not answer in time.
        """
        self._claim_directory(key, resource)
        launches = [self._launch(key, index, properties, secrets) for index in range(replicas)]
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
        return launches

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
                f"{key.name}-{self._pod}-{index} in namespace {key.namespace} to be ready",
            )

    def _launch(
        self, key: Key, index: int, text: str, secrets: Mapping[str, Mapping[str, str]]
    ) -> Launch:
        directory = self._context.directory(key, self._directory) / str(index)
        port = self._context.ports.port_for(f"{self._prefix(key)}{index}")
        return Launch(
            owner=key,
            name=f"{self._pod}-{key.site}-{key.namespace}-{key.name}-{index}",
            directory=directory,
            main="org.apache.kafka.connect.cli.ConnectDistributed",
            properties=localise_worker(text, directory=directory, port=port),
            secrets=secrets,
            heap=WORKER_HEAP,
            environment={"ADVERTISED_HOSTNAME": LOOPBACK},
            ports=(port,),
        )

    def _claim_directory(self, key: Key, resource: Mapping[str, Any]) -> None:
        root = self._context.directory(key, self._directory)
        owner, uid = root / "owner.json", resource["metadata"]["uid"]
        if owner.exists() and json.loads(owner.read_text())["uid"] != uid:
            self.tear_down(key)
        if not owner.exists():
            private_directory(root)
            write_text(owner, json.dumps({"uid": uid}))

    def tear_down(self, key: Key) -> None:
        """End a resource's workers and delete their files; fine if there are none."""
        context = self._context
        root = context.directory(key, self._directory)
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
