"""What a change does to what runs, told before the change is made.

Which property does what is the operator's doing: it rolls pods when the worker's file, the trusted certificates or a
password change (``KafkaMirrorMaker2AssemblyOperator``: configuration hash and ``strimzi.io/auth-hash``), sends a
connector's configuration when it differs (``AbstractConnectOperator.needsReconfiguring``), keeps a connector's offsets
under its name, which is made of both aliases, and restarts nodes for whatever the Admin API cannot set
(``KafkaConfigurationDiff``). Strimzi 1.2. What it costs is in `restart_costs` and `site_costs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import restart_costs, site_costs
from kafka_mirror.planning.broker_settings import WITHOUT_RESTART
from kafka_mirror.planning.restart_costs import NOTHING, Change, Cost
from kafka_mirror.planning.worker_settings import worker_settings


class Effect(StrEnum):
    """What an object goes through, weightiest first. The values are for programs and stay as they are."""

    FORGETS = "place-forgotten"
    MOVES = "flow-moves"
    CONTROLLERS = "nodes-scaled"
    BROKERS = "nodes-restarted"
    WORKERS = "workers-restarted"
    SOURCE = "source-connector-restarted"
    CHECKPOINT = "checkpoint-connector-restarted"
    GROUPS_STAY = "groups-stay"
    GROUPS_MOVE = "groups-move"
    STANDS_STILL = "flow-stands-still"
    GOES_ON = "flow-goes-on"
    SCALED = "workers-scaled"
    WINDOW = "duplicate-window-changed"
    REFUSED = "user-deleted"
    PASSWORD = "password-changed"  # noqa: S105 - what happens, not a password
    RIGHTS = "rights-lost"
    PARTITIONS = "partitions-changed"
    VOLUMES = "volumes-changed"
    STORAGE = "storage-change-ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a change does to an object, the changed property that is the reason, and what it costs."""

    effect: Effect
    because: str
    cost: Cost

    def __str__(self) -> str:
        """As one line, to be read after the object."""
        return f"{self.cost.what} ({self.because}): {self.cost.cost}"


_Rules = tuple[tuple[str, tuple[Effect, ...]], ...]

KAFKA_KINDS: Final = frozenset({"Kafka", "EventStreams"})
"""What a cluster is declared as, by operator API."""

_CREDENTIAL: Final = 'metadata.annotations["kafka-mirror/credential-version"]'
_SOURCE: Final = "spec.mirrors[*].sourceConnector"
_CHECKPOINT: Final = "spec.mirrors[*].checkpointConnector"
_CONNECTORS: Final = (_SOURCE, _CHECKPOINT)
_STATES: Final = tuple(f"{connector}.state" for connector in _CONNECTORS)
_BROKER_SETTING: Final = re.compile(
    r'spec\.(?:strimziOverrides\.)?kafka\.config(?:\.([\w-]+)|\["([^"]+)"\])'
)
# The worker's settings: since Strimzi 0.49, and in the layout before.
_WORKER_CONFIGS: Final = ("spec.target.config", "spec.clusters[*].config")
_INTERVALS: Final = (
    *(
        (f'{config}["{keys.OFFSET_FLUSH_INTERVAL}"]', (Effect.WORKERS, Effect.WINDOW))
        for config in _WORKER_CONFIGS
    ),
    *(
        (f'{_CHECKPOINT}.config["{key}"]', (Effect.CHECKPOINT, Effect.WINDOW))
        for key in (keys.EMIT_CHECKPOINTS_INTERVAL, keys.SYNC_GROUP_OFFSETS_INTERVAL)
    ),
)
# What becomes of no pod: other objects, and the settings of loggers, which are read anew.
_NO_POD: Final = (
    *(f"{connector}.autoRestart" for connector in _CONNECTORS),
    *(f"{connector}.listOffsets" for connector in _CONNECTORS),
    *(f"{connector}.alterOffsets" for connector in _CONNECTORS),
    "spec.logging",
    "spec.template.apiService",
    "spec.template.clusterRoleBinding",
    "spec.template.headlessService",
    "spec.template.podDisruptionBudget",
    "spec.template.podSet",
    "spec.template.serviceAccount",
)
_MIRROR_MAKER: Final[_Rules] = (
    (_CREDENTIAL, (Effect.WORKERS,)),
    ("spec.replicas", (Effect.SCALED,)),
    *((path, ()) for path in _NO_POD),
    *_INTERVALS,
    (_SOURCE, (Effect.SOURCE,)),
    (_CHECKPOINT, (Effect.CHECKPOINT,)),
    ("spec.mirrors[*].source.alias", (Effect.FORGETS,)),
    ("spec.target.alias", (Effect.FORGETS,)),
    ("spec.clusters[*].alias", (Effect.FORGETS,)),
    ("spec.mirrors[*].source.tls", (Effect.WORKERS,)),
    ("spec.mirrors[*].source.authentication.username", (Effect.SOURCE, Effect.CHECKPOINT)),
    ("spec.mirrors[*].source.authentication", (Effect.WORKERS,)),
    ("spec.mirrors", (Effect.SOURCE, Effect.CHECKPOINT)),
    ("spec.target.offsetStorageTopic", (Effect.FORGETS, Effect.WORKERS)),
    ('spec.clusters[*].config["offset.storage.topic"]', (Effect.FORGETS, Effect.WORKERS)),
    ("spec", (Effect.WORKERS,)),
)


def _of_pool(spec: str) -> _Rules:
    """Return the rules of a node pool whose specification stands at a path."""
    return (
        (f"{spec}.replicas", (Effect.CONTROLLERS,)),
        (f"{spec}.storage.volumes[*].deleteClaim", ()),
        (f"{spec}.storage.volumes[*].size", (Effect.VOLUMES,)),
        (f"{spec}.storage.volumes[*].class", (Effect.STORAGE,)),
        (f"{spec}.storage.volumes[*].type", (Effect.STORAGE,)),
        (f"{spec}.storage.volumes", (Effect.BROKERS,)),
        (f"{spec}.storage", (Effect.STORAGE,)),
        (spec, (Effect.BROKERS,)),
    )


_KINDS: Final[Mapping[str, _Rules]] = {
    "KafkaMirrorMaker2": _MIRROR_MAKER,
    "Kafka": (
        ("spec.kafka.metadataVersion", ()),
        ("spec.kafka", (Effect.BROKERS,)),
    ),
    "KafkaNodePool": _of_pool("spec"),
    "KafkaUser": (
        (_CREDENTIAL, (Effect.PASSWORD,)),
        ("spec.authentication", (Effect.PASSWORD,)),
        ("spec.authorization", (Effect.RIGHTS,)),
    ),
    "EventStreams": (
        *_of_pool("spec.strimziOverrides.nodePools[*]"),
        ("spec.strimziOverrides.entityOperator", ()),
        ("spec.strimziOverrides.kafka.metadataVersion", ()),
        ("spec.strimziOverrides", (Effect.BROKERS,)),
        ("spec.version", (Effect.BROKERS,)),
    ),
    "KafkaTopic": (("spec.partitions", (Effect.PARTITIONS,)),),
}
_COMPUTED: Final[Mapping[Effect, Callable[[Change], Cost | None]]] = {
    Effect.MOVES: restart_costs.move_cost,
    Effect.CONTROLLERS: site_costs.pool_size_cost,
    Effect.BROKERS: site_costs.nodes_cost,
    Effect.WORKERS: restart_costs.workers_cost,
    Effect.SOURCE: restart_costs.source_cost,
    Effect.CHECKPOINT: restart_costs.checkpoint_cost,
    Effect.SCALED: restart_costs.scaling_cost,
    Effect.WINDOW: restart_costs.window_cost,
    Effect.RIGHTS: site_costs.lost_rights,
}
_FIXED: Final[Mapping[Effect, Cost]] = {
    Effect.FORGETS: Cost(
        what="forgets its place",
        cost="everything the source still holds is mirrored again",
    ),
    Effect.GROUPS_STAY: Cost(
        what="moves no groups any more",
        cost="the offsets that groups have at the target stay as they are: a group that moves later begins there and "
        "reads again what has come since, or begins where its auto.offset.reset says",
        stands_still=NOTHING,
        mirrored_again=NOTHING,
    ),
    Effect.GROUPS_MOVE: Cost(
        what="moves groups from now on",
        cost="a group that keeps up at the source has its place at the target within the duplicate window",
        stands_still=NOTHING,
        mirrored_again=NOTHING,
    ),
    Effect.STANDS_STILL: Cost(
        what="stands still",
        cost="records wait at the source, and what its retention deletes meanwhile is never mirrored; "
        "group offsets stand still too",
        mirrored_again=NOTHING,
    ),
    Effect.GOES_ON: Cost(
        what="goes on where it stood",
        cost="what was written meanwhile is mirrored now; no record is lost or mirrored twice",
        stands_still=NOTHING,
        mirrored_again=NOTHING,
    ),
    Effect.REFUSED: Cost(
        what="is gone for whoever still logs in as it",
        cost="applications, and flows of other stacks, are refused at once. Let them use another user first",
    ),
    Effect.PASSWORD: Cost(
        what="gets another password",
        cost="clients that are connected go on until they reconnect, and are refused from then on; a flow then says "
        "RUNNING, mirrors nothing and floods its log. Deploy the stacks that read it right after this one, then "
        "restart the applications that use it",
    ),
    Effect.PARTITIONS: Cost(
        what="gets another number of partitions",
        cost="with more, a key may go to another one from now on, and flows take the new ones in within their "
        "objectives.discovery, from their first record; fewer are refused by the operator",
    ),
    Effect.VOLUMES: Cost(
        what="gets volumes of another size",
        cost="they grow if their storage class allows it, and a node restarts only where its file system cannot "
        "grow while it is in use; for a smaller size the operator keeps the old one and says so in its status",
    ),
    Effect.STORAGE: Cost(
        what="keeps the storage it has",
        cost="the operator ignores another type or class of volumes, with all other changes of the storage, and "
        "says so in the status of the Kafka",
        stands_still=NOTHING,
    ),
}


def impacts(change: Change) -> tuple[Impact, ...]:
    """Return what an update does, one entry per effect, weightiest first."""
    found: dict[Effect, str] = {}
    for path in change.paths:
        for effect in _effects(change, path):
            found.setdefault(effect, path)
    if found.keys() & {Effect.WORKERS, Effect.FORGETS}:
        # A worker takes its connectors along, and a connector with another name is another connector.
        found.pop(Effect.SOURCE, None)
        found.pop(Effect.CHECKPOINT, None)
    if found.keys() & {Effect.GROUPS_STAY, Effect.GROUPS_MOVE}:
        found.pop(Effect.CHECKPOINT, None)
    if Effect.STORAGE in found:
        found.pop(Effect.VOLUMES, None)
    costs = ((effect, _cost(effect, change)) for effect in Effect if effect in found)
    return tuple(
        Impact(effect=effect, because=found[effect], cost=cost)
        for effect, cost in costs
        if cost is not None
    )


def impact_of_replacement(change: Change, because: str) -> Impact | None:
    """Return what it does to others that an object is taken away and made again under its name.

    Args:
        change: The object before and after.
        because: Why it cannot be changed where it is.
    """
    if change.kind != "KafkaMirrorMaker2":
        return None
    return Impact(effect=Effect.MOVES, because=because, cost=restart_costs.move_cost(change))


def impact_of_deletion(kind: str) -> Impact | None:
    """Return what the deletion of an object does to others, if they may still depend on it."""
    if kind != "KafkaUser":
        return None
    return Impact(effect=Effect.REFUSED, because="deleted", cost=_FIXED[Effect.REFUSED])


def _cost(effect: Effect, change: Change) -> Cost | None:
    computed = _COMPUTED.get(effect)
    return computed(change) if computed else _FIXED[effect]


def _effects(change: Change, path: str) -> tuple[Effect, ...]:
    plain = _without_indexes(path)
    if change.kind == "KafkaMirrorMaker2" and plain in _STATES:
        return _effects_of_state(change)
    if change.kind == "KafkaMirrorMaker2" and plain == _CHECKPOINT:
        return _effects_of_checkpoints(change)
    setting = _BROKER_SETTING.match(path) if change.kind in KAFKA_KINDS else None
    if setting and (setting[1] or setting[2]) in WITHOUT_RESTART:
        return ()
    for start, effects in _KINDS.get(change.kind, ()):
        if plain == start or plain.startswith((f"{start}.", f"{start}[")):
            return effects
    return ()


def _effects_of_state(change: Change) -> tuple[Effect, ...]:
    was, is_ = worker_settings(change.before).is_running, worker_settings(change.after).is_running
    if was == is_:
        return ()
    return (Effect.GOES_ON if is_ else Effect.STANDS_STILL,)


def _effects_of_checkpoints(change: Change) -> tuple[Effect, ...]:
    """Return what it means that the connector as a whole is another, or comes or goes."""
    was, is_ = (worker_settings(one).moves_groups for one in (change.before, change.after))
    if was == is_:
        return (Effect.CHECKPOINT,)
    return (Effect.GROUPS_MOVE if is_ else Effect.GROUPS_STAY,)


def _without_indexes(path: str) -> str:
    return re.sub(r"\[\d+\]", "[*]", path)
