"""What somebody asks of a connector through an annotation: restarts, and to list, alter or reset its offsets.

A request that was carried out is removed. One that cannot be carried out stays, is told as a warning and is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator.connect_rest import ConnectRest
from lab.operator.connectors import Connector
from lab.operator.failures import ReconciliationError
from lab.operator.java_json import pretty
from lab.operator.objects import annotations_of, component_labels, metadata, name_of, namespace_of
from lab.operator.status import warning

RESTART = "strimzi.io/restart-connector"
RESTART_TASK = "strimzi.io/restart-connector-task"
OFFSETS = "strimzi.io/connector-offsets"
CONNECTOR = "strimzi.io/mirrormaker-connector"
_KIND = "KafkaMirrorMaker2"
_DOING = {"list": "listing", "alter": "altering", "reset": "resetting"}


ReadConfigMap = Callable[[str], Mapping[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came of the requests.

    Attributes:
        carried_out: The annotations that are to be removed.
        objects: What is to be written beside the resource.
        warnings: One condition for each request that could not be carried out.
    """

    carried_out: tuple[str, ...] = ()
    objects: tuple[JsonObject, ...] = ()
    warnings: tuple[JsonObject, ...] = ()


class ConnectorRequests:
    """Carries out the requests of one resource; what is to be written to the API server is left to the caller.

    Args:
        resource: The KafkaMirrorMaker2.
        rest: Its Connect cluster.
        read_config_map: Returns the entries of a ConfigMap beside it, or None.
    """

    def __init__(
        self, resource: Mapping[str, Any], rest: ConnectRest, read_config_map: ReadConfigMap
    ) -> None:
        self._resource, self._rest, self._read_config_map = resource, rest, read_config_map

    def carry_out(self, connectors: Sequence[Connector]) -> Answers:
        """Carry out what is asked of these connectors."""
        by_name = {connector.name: connector for connector in connectors}
        asked = annotations_of(self._resource)
        done = []
        if RESTART in asked and self._restart(asked[RESTART], by_name):
            done.append(RESTART)
        if RESTART_TASK in asked and self._restart_task(asked[RESTART_TASK], by_name):
            done.append(RESTART_TASK)
        if OFFSETS not in asked:
            return Answers(carried_out=tuple(done))
        try:
            objects = self._offsets(asked, by_name)
        except ReconciliationError as failure:
            warnings = (warning(failure.reason, failure.message),)
            return Answers(carried_out=tuple(done), warnings=warnings)
        return Answers(carried_out=(*done, OFFSETS, CONNECTOR), objects=objects)

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

    def _offsets(
        self, asked: Mapping[str, str], by_name: Mapping[str, Connector]
    ) -> tuple[JsonObject, ...]:
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
            return (self._listed(connector),)
        self._change(connector, action)
        return ()

    def _listed(self, connector: Connector) -> JsonObject:
        name = (connector.section.get("listOffsets") or {}).get("toConfigMap", {}).get("name")
        if not name:
            raise _refused("ListOffsets", "listing connector offsets", "listOffsets is not set")
        text = pretty(self._rest.offsets(connector.name))
        labels = component_labels(
            self._resource,
            name=name_of(self._resource),
            component="kafka-connector",
            application="kafka-connector",
        )
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(self._resource, name=name, labels=labels),
            "data": {offsets_entry(connector.name): text},
        }

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
        text = (self._read_config_map(name) or {}).get(entry) if name else None
        if text is None:
            raise _refused(reason, doing, f"ConfigMap {name} has no entry {entry}")
        try:
            offsets: Any = json.loads(text)
        except ValueError as error:
            raise _refused(
                reason, doing, f"entry {entry} of ConfigMap {name} is not JSON"
            ) from error
        self._rest.alter_offsets(connector.name, offsets)


def still_asked(
    answers: Answers, resource: Mapping[str, Any], present: Mapping[str, Any]
) -> list[str]:
    """Return the annotations of requests that were carried out and are to be removed.

    What has been asked meanwhile is another request, and has its own turn.

    Args:
        answers: What came of the requests.
        resource: The resource they were read from.
        present: The resource as it is now.
    """
    asked, now = annotations_of(resource), annotations_of(present)
    # The connector belongs to what is asked of its offsets.
    decisive = {CONNECTOR: OFFSETS}
    return [
        name
        for name in answers.carried_out
        if name in now
        and all(now.get(one) == asked.get(one) for one in {name, decisive.get(name, name)})
    ]


def offsets_entry(connector: str) -> str:
    """Return the ConfigMap entry that holds a connector's offsets."""
    return f"{connector.replace('>', '-')}.json"


def _refused(reason: str, doing: str, why: str) -> ReconciliationError:
    return ReconciliationError(reason, f"Encountered error {doing}. {why}")
