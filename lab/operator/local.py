"""Every difference between a file that Strimzi writes and the one the lab starts, in one place.

A lab has no Pods, no cluster network and no Secret mounts. So addresses become loopback ports, directories become the lab's, and
Secrets are read from files: the placeholders stay what they are, only the class that resolves them is another one. A setting that
only the lab makes (`lab.settings`) never replaces one that the resource makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.operator.broker_properties import CONTROL_PLANE, REPLICATION
from lab.operator.cluster_model import ClusterModel, Node
from lab.operator.worker_properties import STRIMZI_REPORTER, TRACING_KEYS
from lab.ports import LOOPBACK
from lab.settings import BROKER_SETTINGS, WORKER_SETTINGS

_DIRECTORY_PROVIDER = "org.apache.kafka.common.config.provider.DirectoryConfigProvider"
_SECRETS_CLASS = "config.providers.strimzisecrets.class"
_ALLOWED_DIRECTORIES = "config.providers.strimzidir.param.allowed.paths"
_ALLOWED_FILES = "config.providers.strimzifile.param.allowed.paths"
_INIT_DIRECTORY = "/opt/kafka/init"
_CONNECT_FILE = "/tmp/strimzi-connect.properties"  # noqa: S108 - a path inside the real container
# Classes that are in Strimzi's image and nowhere else; what they would send has no receiver here anyway.
_CLASSES_OF_THE_IMAGE = frozenset({STRIMZI_REPORTER, *TRACING_KEYS.values()})


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """Where one Kafka node lives in the lab.

    Attributes:
        directory: Its own directory; holds what it reads and, under ``data``, what it writes.
        ports: The port of each of its listeners, by the listener's name inside Kafka.
    """

    directory: Path
    ports: Mapping[str, int]

    @property
    def data(self) -> Path:
        """Holds the node's log."""
        return self.directory / "data"


def localise_node(
    text: str, model: ClusterModel, node: Node, places: Mapping[int, NodePlace]
) -> str:
    """Return a node's configuration file for the lab.

    Args:
        text: What `render_broker_properties` returned.
        model: The cluster.
        node: Which of its nodes.
        places: Where every node of the cluster lives, by node id.
    """
    place = places[node.node_id]
    listeners = ",".join(
        f"{name}://{LOOPBACK}:{place.ports[name]}" for name in listener_names(model, node)
    )
    voters = ",".join(
        f"{voter.node_id}@{LOOPBACK}:{places[voter.node_id].ports[CONTROL_PLANE]}"
        for voter in model.controllers
    )
    entries = parse_properties(text)
    entries.update(
        {
            "controller.quorum.voters": voters,
            "listeners": listeners,
            "advertised.listeners": listeners,
            "log.dirs": str(place.data),
            "metadata.log.dir": str(place.data),
            _SECRETS_CLASS: _DIRECTORY_PROVIDER,
            _ALLOWED_DIRECTORIES: str(place.directory),
            _ALLOWED_FILES: str(place.directory),
        }
    )
    return render_properties({**BROKER_SETTINGS, **entries})


def listener_names(model: ClusterModel, node: Node) -> tuple[str, ...]:
    """Return the listeners a node has, by their names inside Kafka."""
    names = [CONTROL_PLANE] if node.is_controller else []
    if node.is_broker:
        names += [REPLICATION, *(listener.identifier for listener in model.listeners)]
    return tuple(names)


def localise_worker(text: str, *, directory: Path, port: int) -> str:
    """Return a worker's configuration file for the lab.

    Args:
        text: What `render_worker_properties` returned.
        directory: The worker's own directory.
        port: Where its REST interface listens.
    """
    entries = {
        key: _local_path(value, directory)
        for key, value in parse_properties(text).items()
        if not _needs_the_image(key, value)
    }
    entries.update(
        {
            "listeners": f"http://{LOOPBACK}:{port}",
            "rest.advertised.port": str(port),
            "plugin.path": str(directory / "plugins"),
            _SECRETS_CLASS: _DIRECTORY_PROVIDER,
            _ALLOWED_DIRECTORIES: str(directory),
        }
    )
    return render_properties({**WORKER_SETTINGS, **entries})


def localise_connector(config: Mapping[str, str | int], *, directory: Path) -> dict[str, str | int]:
    """Return a connector's configuration for the lab: the recorded one but for rack files and classes of the image."""
    return {
        key: _local_path(value, directory) if isinstance(value, str) else value
        for key, value in config.items()
        if not _needs_the_image(key, str(value))
    }


def parse_properties(text: str) -> dict[str, str]:
    """Return the entries of a properties file that the renderers wrote."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def render_properties(entries: Mapping[str, str]) -> str:
    """Return a properties file, by key."""
    return "".join(f"{key}={entries[key]}\n" for key in sorted(entries))


def _needs_the_image(key: str, value: str) -> bool:
    return value in _CLASSES_OF_THE_IMAGE or "prometheus.metrics.reporter." in key


def _local_path(value: str, directory: Path) -> str:
    return value.replace(_INIT_DIRECTORY, str(directory / "init")).replace(
        _CONNECT_FILE, str(directory / "connect.properties")
    )
