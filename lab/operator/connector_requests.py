"""What somebody asks of a connector through an annotation: restarts, and to list, alter or reset its offsets.

A request that was carried out is removed. One that cannot be carried out stays, is told as a warning and is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import journal
from lab.operator.connect_rest import ConnectRest
from lab.operator.connectors import Connector
from lab.operator.context import Context
from lab.operator.failures import ReconciliationError
from lab.operator.objects import annotations_of, component_labels, metadata, name_of, namespace_of
from lab.operator.status import warning
from lab.operator.work_queue import Key

RESTART = "strimzi.io/restart-connector"
RESTART_TASK = "strimzi.io/restart-connector-task"
OFFSETS = "strimzi.io/connector-offsets"
CONNECTOR = "strimzi.io/mirrormaker-connector"
_KIND = "KafkaMirrorMaker2"
_DOING = {"list": "listing", "alter": "altering", "reset": "resetting"}


class ConnectorRequests:
    """Carries out the requests of one resource."""

    def __init__(self, context: Context, key: Key, resource: JsonObject, rest: ConnectRest) -> None:
        self._context, self._key, self._resource, self._rest = context, key, resource, rest

    def carry_out(self, connectors: Sequence[Connector]) -> list[JsonObject]:
        """Carry out what is asked, and return a warning for each request that could not be."""
        by_name = {connector.name: connector for connector in connectors}
        asked = annotations_of(self._resource)
        done: dict[str, str | None] = {}
        if RESTART in asked and self._restart(asked[RESTART], by_name):
            done[RESTART] = None
        if RESTART_TASK in asked and self._restart_task(asked[RESTART_TASK], by_name):
            done[RESTART_TASK] = None
        warnings = []
        if OFFSETS in asked:
            try:
                self._offsets(asked, by_name)
                done |= {OFFSETS: None, CONNECTOR: None}
            except ReconciliationError as failure:
                warnings.append(warning(failure.reason, failure.message))
        if done:
            self._context.annotate(self._key, _KIND, done)
            journal.note("requests carried out", object=self._key, which=",".join(sorted(done)))
        return warnings

    def _restart(self, value: str, by_name: Mapping[str, Connector]) -> bool:
        name, _, options = value.partition(":")
        if name not in by_name:
            return False
        flags = options.split(",")
        self._rest.restart(
            name, include_tasks="includeTasks" in flags, only_failed="onlyFailed" in flags
        )
        return True

    def _restart_task(self, value: str, by_name: Mapping[str, Connector]) -> bool:
        name, _, task = value.rpartition(":")
        if name not in by_name or not task.isdigit():
            return False
        self._rest.restart_task(name, int(task))
        return True

    def _offsets(self, asked: Mapping[str, str], by_name: Mapping[str, Connector]) -> None:
        place = f"{_KIND} resource {namespace_of(self._resource)}/{name_of(self._resource)}"
        if CONNECTOR not in asked:
            raise _refused(
                "ManageOffsets",
                "getting connector offsets annotation",
                f"{place} is missing annotation {CONNECTOR}",
            )
        connector, action = by_name.get(asked[CONNECTOR]), asked[OFFSETS]
        if connector is None or action not in _DOING:
            raise _refused(
                "ManageOffsets",
                "getting connector offsets annotation",
                f"{place} has no connector {asked[CONNECTOR]} to {action}",
            )
        if action == "list":
            self._list(connector)
        else:
            self._change(connector, action)

    def _list(self, connector: Connector) -> None:
        name = (connector.section.get("listOffsets") or {}).get("toConfigMap", {}).get("name")
        if not name:
            raise _refused("ListOffsets", "listing connector offsets", "listOffsets is not set")
        text = json.dumps(self._rest.offsets(connector.name), indent=2, separators=(",", " : "))
        labels = component_labels(
            self._resource,
            name=name_of(self._resource),
            component="kafka-connector",
            application="kafka-connector",
        )
        self._context.apply(
            self._key,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata(self._resource, name=name, labels=labels),
                "data": {offsets_entry(connector.name): text},
            },
        )

    def _change(self, connector: Connector, action: str) -> None:
        reason, doing = f"{action.capitalize()}Offsets", f"{_DOING[action]} connector offsets"
        status = self._rest.status(connector.name) or {}
        if status.get("connector", {}).get("state") != "STOPPED":
            raise _refused(reason, doing, "Connector is not in STOPPED state")
        if action == "reset":
            self._rest.reset_offsets(connector.name)
            return
        name = (connector.section.get("alterOffsets") or {}).get("fromConfigMap", {}).get("name")
        entry = offsets_entry(connector.name)
        found = self._context.site(self._key).api.find(
            "v1", "ConfigMap", name or "", self._key.namespace
        )
        text = ((found or {}).get("data") or {}).get(entry)
        if text is None:
            raise _refused(reason, doing, f"ConfigMap {name} has no entry {entry}")
        try:
            offsets: Any = json.loads(text)
        except ValueError as error:
            raise _refused(
                reason, doing, f"entry {entry} of ConfigMap {name} is not JSON"
            ) from error
        self._rest.alter_offsets(connector.name, offsets)


def offsets_entry(connector: str) -> str:
    """Return the ConfigMap entry that holds a connector's offsets."""
    return f"{connector.replace('>', '-')}.json"


def _refused(reason: str, doing: str, why: str) -> ReconciliationError:
    return ReconciliationError(reason, f"Encountered error {doing}. {why}")
