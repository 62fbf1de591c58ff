"""What the lab's processes are given in the end: the operator's files made to fit a machine without Pods, by their entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lab.operator.broker_properties import render_broker_properties
from lab.operator.cluster_model import ClusterModel
from lab.operator.local import (
    NodePlace,
    listener_names,
    localise_connector,
    localise_node,
    localise_worker,
    parse_properties,
)
from tests.lab.operator import normal_forms

_DIRECTORY, _PORT = Path("/lab/process"), 28083


def worker_as_run(properties: str) -> dict[str, str]:
    """Return what a worker is given, nothing if the operator does not get that far."""
    if not properties:
        return {}
    return parse_properties(localise_worker(properties, directory=_DIRECTORY, port=_PORT))


def connectors_as_run(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each connector is given."""
    return {
        name: localise_connector(entry["config"], directory=_DIRECTORY)
        for name, entry in normal_forms.connectors(sent).items()
    }


def node_as_run(model: ClusterModel) -> dict[str, str]:
    """Return what the first node of a cluster is given."""
    places = {
        node.node_id: NodePlace(
            directory=_DIRECTORY,
            ports={name: _PORT + index for index, name in enumerate(listener_names(model, node))},
        )
        for node in model.nodes
    }
    node = model.nodes[0]
    text = render_broker_properties(model, node)
    return parse_properties(localise_node(text, model, node, places))


def _configs(recorded: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry["config"] for name, entry in normal_forms.connectors(recorded).items()}


# Puts what was recorded into the form of the above, by the file it was recorded in.
RECORDED: Mapping[str, Callable[[Any], Any]] = {
    "worker.properties": parse_properties,
    "connectors.json": _configs,
    "server.properties": parse_properties,
}
