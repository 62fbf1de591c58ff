"""A flow as plain Kafka Connect takes it: what its worker must be set to, and its connectors for the REST interface."""

from __future__ import annotations

from typing import Any, Final

from kafka_mirror.errors import DialectError
from kafka_mirror.manifests.files import SiteFiles, client_settings, provider_settings
from kafka_mirror.manifests.outside import unsayable_outside
from kafka_mirror.manifests.settings import (
    CHECKPOINT_TASKS,
    Settings,
    as_text,
    checkpoint_settings,
    filters,
    source_settings,
    worker_place,
    worker_settings,
)
from kafka_mirror.mirrormaker import internal_topics, keys
from kafka_mirror.planning import FlowPlan

DIALECT: Final = "connect"

_CLIENTS: Final = ("", "producer.", "consumer.", "admin.")
_CLASSES: Final = "org.apache.kafka.connect.mirror"


def connect(plan: FlowPlan, *, source: SiteFiles, target: SiteFiles) -> dict[str, Any]:
    """Return a flow for Connect.

    Args:
        plan: Of the flow.
        source: How the worker reaches the source.
        target: How it reaches the target.

    Returns:
        ``workers``, how many to start; ``worker``, the settings of each, to which only its own addresses must be added; and
        ``connectors``, each a body for ``POST /connectors``.

    Raises:
        DialectError: What Connect is not told by its settings.
    """
    problems = list(unsayable_outside(plan, DIALECT))
    if problems:
        raise DialectError(problems)
    ends = {
        **_prefixed("source.cluster.", client_settings(plan.source, source)),
        "source.cluster.alias": plan.source.site,
        **_prefixed("target.cluster.", client_settings(plan.target, target)),
        "target.cluster.alias": plan.target.site,
        **filters(plan),
    }
    here, there = plan.target.site, plan.source.site
    connectors = [
        _connector(
            internal_topics.source_connector(there, here),
            "MirrorSourceConnector",
            {**ends, "tasks.max": plan.tasks, **source_settings(plan)},
            state=plan.state,
        )
    ]
    if plan.moves_groups:
        connectors.append(
            _connector(
                internal_topics.checkpoint_connector(there, here),
                "MirrorCheckpointConnector",
                {**ends, "tasks.max": CHECKPOINT_TASKS, **checkpoint_settings(plan)},
                state=plan.state,
            )
        )
    return {
        "flow": plan.name,
        "workers": plan.workers.replicas,
        "worker": _texts(_worker(plan, target)),
        "connectors": connectors,
    }


def _worker(plan: FlowPlan, target: SiteFiles) -> Settings:
    settings = client_settings(plan.target, target)
    bootstrap = settings.pop("bootstrap.servers")
    return {
        "bootstrap.servers": bootstrap,
        **worker_place(plan),
        **worker_settings(plan),
        "key.converter": keys.BYTES_CONVERTER,
        "value.converter": keys.BYTES_CONVERTER,
        "header.converter": keys.BYTES_CONVERTER,
        **provider_settings(target),
        **{f"{client}{key}": value for client in _CLIENTS for key, value in settings.items()},
    }


def _connector(name: str, java_class: str, settings: Settings, *, state: str) -> dict[str, Any]:
    config = {"connector.class": f"{_CLASSES}.{java_class}", **settings}
    return {"name": name, "initial_state": state.upper(), "config": _texts(config)}


def _prefixed(prefix: str, settings: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}{key}": value for key, value in settings.items()}


def _texts(settings: Settings) -> dict[str, str]:
    return {key: as_text(value) for key, value in settings.items()}
