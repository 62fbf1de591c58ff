"""The connectors of a KafkaMirrorMaker2, as the operator sends them to Connect's REST interface."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator.client_security import authentication_keys, security_protocol, truststore
from lab.operator.objects import name_of, namespace_of, spec_of
from lab.operator.worker_properties import STRIMZI_REPORTER, TRACING_KEYS, as_text

_SECTIONS = {
    "sourceConnector": "MirrorSourceConnector",
    "checkpointConnector": "MirrorCheckpointConnector",
}
_FORBIDDEN = frozenset({"name", "connector.class", "tasks.max", "connector.plugin.version"})
_PATTERNS = {
    "topicsPattern": "topics",
    "topicsExcludePattern": "topics.exclude",
    "groupsPattern": "groups",
    "groupsExcludePattern": "groups.exclude",
}
_JAAS_PAIR = re.compile(r"^(\S+ required) (password=\"[^\"]*\") (username=\"[^\"]*\");$")

ConnectorConfig = dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One connector as the custom resource declares it.

    Attributes:
        name: ``<source alias>-><target alias>.<class>``.
        config: What Connect is to be given; `tasks.max` is a number, everything else a string.
        state: ``running``, ``paused`` or ``stopped``; None when the resource does not say (then running).
        section: The declaration itself, for offsets and restarts.
    """

    name: str
    config: ConnectorConfig
    state: str | None
    section: Mapping[str, Any]

    @property
    def initial_state(self) -> str | None:
        """Return the state to create the connector in, or None to leave it to Connect."""
        return None if self.state is None else self.state.upper()


def connectors_of(resource: Mapping[str, Any]) -> tuple[Connector, ...]:
    """Return the connectors a KafkaMirrorMaker2 asks for, by name.

    A connector exists only if its section is present, an empty one included.

    Raises:
        ReconciliationError: A configuration value is a list or a map.
    """
    made = [
        _connector(resource, mirror, field, java_class)
        for mirror in spec_of(resource).get("mirrors") or []
        for field, java_class in _SECTIONS.items()
        if mirror.get(field) is not None
    ]
    return tuple(sorted(made, key=lambda connector: connector.name))


def declared_connector(
    resource: Mapping[str, Any], localise: Callable[[ConnectorConfig], ConnectorConfig]
) -> Connector:
    """Return the connector that a KafkaConnector asks for, its configuration made to fit where it runs.

    Raises:
        ReconciliationError: A configuration value is a list or a map.
    """
    spec = spec_of(resource)
    own = spec.get("config") or {}
    config: ConnectorConfig = {
        key: as_text(key, own[key]) for key in own if key not in _FORBIDDEN and own[key] is not None
    }
    config["connector.class"] = str(spec["class"])
    if spec.get("tasksMax") is not None:
        config["tasks.max"] = int(spec["tasksMax"])
    if spec.get("version") is not None:
        config["connector.plugin.version"] = str(spec["version"])
    return Connector(
        name=name_of(resource), config=localise(config), state=spec.get("state"), section=spec
    )


def normalised(config: Mapping[str, Any]) -> dict[str, str]:
    """Return a connector's configuration in the one form that can be compared.

    The real operator writes user name and password of a login module in random order, and a number is a string once
    Connect has stored it.
    """
    return {
        key: _JAAS_PAIR.sub(r"\1 \3 \2;", str(value))
        for key, value in config.items()
        if key != "name"
    }


def _connector(
    resource: Mapping[str, Any], mirror: Mapping[str, Any], field: str, java_class: str
) -> Connector:
    spec = spec_of(resource)
    target, source, section = spec["target"], mirror["source"], mirror[field]
    entries: dict[str, Any] = {
        **_cluster_keys(resource, target, side="target"),
        **_cluster_keys(resource, source, side="source"),
    }
    own = section.get("config") or {}
    entries.update({key: own[key] for key in own if key not in _FORBIDDEN})
    entries.update(
        {_PATTERNS[key]: mirror[key] for key in _PATTERNS if mirror.get(key) is not None}
    )
    entries.update(_cross_cutting_keys(spec))
    config: ConnectorConfig = {
        key: as_text(key, value) for key, value in entries.items() if value is not None
    }
    config["connector.class"] = f"org.apache.kafka.connect.mirror.{java_class}"
    if section.get("tasksMax") is not None:
        config["tasks.max"] = int(section["tasksMax"])
    if section.get("version") is not None:
        config["connector.plugin.version"] = str(section["version"])
    return Connector(
        name=f"{source['alias']}->{target['alias']}.{java_class}",
        config=config,
        state=section.get("state"),
        section=section,
    )


def _cluster_keys(
    resource: Mapping[str, Any], cluster: Mapping[str, Any], *, side: str
) -> dict[str, Any]:
    """Return one side's connection under its prefix; the side's own `config` wins, unfiltered."""
    namespace = namespace_of(resource)
    alias = cluster["alias"]
    keys = {
        "alias": alias,
        "bootstrap.servers": cluster["bootstrapServers"],
        **truststore(cluster, owner=name_of(resource), namespace=namespace, key=f"{alias}-ca.crt"),
        **authentication_keys(cluster, namespace=namespace),
        "security.protocol": security_protocol(cluster),
        **(cluster.get("config") or {}),
    }
    return {f"{side}.cluster.{key}": value for key, value in keys.items()}


def _cross_cutting_keys(spec: Mapping[str, Any]) -> dict[str, str]:
    keys: dict[str, str] = {}
    if (spec.get("tracing") or {}).get("type") == "opentelemetry":
        keys.update(TRACING_KEYS)
    if spec.get("rack"):
        source = "${strimzifile:/tmp/strimzi-connect.properties:consumer.client.rack}"
        keys["consumer.client.rack"] = source
    if (spec.get("metricsConfig") or {}).get("type") == "strimziMetricsReporter":
        keys["metric.reporters"] = STRIMZI_REPORTER
        keys["prometheus.metrics.reporter.listener.enable"] = "false"
    return keys
