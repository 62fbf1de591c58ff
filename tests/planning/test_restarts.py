"""What a change does is told by the object as it was deployed and as it is declared: one whole line per effect."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any, Final

import pytest

from engine.diff import changes_between, parse_path
from kafka_mirror.planning.restart_costs import Change
from kafka_mirror.planning.restarts import Impact, impact_of_deletion, impacts

Properties = dict[str, Any]

FLOW: Final[Properties] = {
    "metadata": {
        "name": "dev-to-stg",
        "annotations": {"kafka-mirror/credential-version": "1-1-1"},
        "labels": {"app": "mirror"},
    },
    "spec": {
        "replicas": 1,
        "template": {"pod": "a pod", "podDisruptionBudget": "a budget"},
        "target": {
            "alias": "stg",
            "bootstrapServers": "stg:9093",
            "groupId": "mm2-dev-to-stg",
            "configStorageTopic": "__mm2-dev-to-stg-configs",
            "offsetStorageTopic": "__mm2-dev-to-stg-offsets",
            "statusStorageTopic": "__mm2-dev-to-stg-status",
            "config": {"offset.flush.interval.ms": 4000, "scheduled.rebalance.max.delay.ms": 0},
        },
        "mirrors": [
            {
                "source": {
                    "alias": "dev",
                    "bootstrapServers": "dev:443",
                    "authentication": {
                        "username": "reader",
                        "passwordSecret": {"secretName": "dev-to-stg-source-credential"},
                    },
                    "tls": {"trustedCertificates": [{"secretName": "dev-to-stg-source-trust"}]},
                },
                "topicsPattern": "items",
                "sourceConnector": {
                    "tasksMax": 1,
                    "state": "running",
                    "autoRestart": {"enabled": True},
                    "listOffsets": {"toConfigMap": {"name": "dev-to-stg-source-offsets"}},
                    "config": {"refresh.topics.interval.seconds": 10},
                },
                "checkpointConnector": {
                    "tasksMax": 1,
                    "state": "running",
                    "config": {
                        "emit.checkpoints.interval.seconds": 4,
                        "sync.group.offsets.interval.seconds": 4,
                    },
                },
            }
        ],
    },
}
OLDER_FLOW: Final[Properties] = {
    "spec": {
        "replicas": 1,
        "connectCluster": "stg",
        "clusters": [
            {"alias": "dev", "bootstrapServers": "dev:443"},
            {
                "alias": "stg",
                "bootstrapServers": "stg:9093",
                "config": {
                    "offset.storage.topic": "__mm2-dev-to-stg-offsets",
                    **FLOW["spec"]["target"]["config"],
                },
            },
        ],
        "mirrors": FLOW["spec"]["mirrors"],
    },
}
"""As Strimzi before 0.49 has it."""

KAFKA: Final[Properties] = {
    "metadata": {"name": "dev"},
    "spec": {
        "kafka": {
            "version": "4.2.0",
            "listeners": [{"name": "tls", "port": 9093, "type": "internal", "tls": True}],
            "config": {"default.replication.factor": 3, "min.insync.replicas": 2},
        },
        "entityOperator": {"userOperator": {}},
    },
}
POOL: Final[Properties] = {
    "metadata": {"name": "dual-role"},
    "spec": {
        "replicas": 3,
        "roles": ["controller", "broker"],
        "storage": {
            "type": "jbod",
            "volumes": [{"id": 0, "type": "persistent-claim", "size": "20Gi", "deleteClaim": True}],
        },
    },
}
RULE: Final = {
    "operations": ["Describe", "Read", "Write"],
    "resource": {"type": "topic", "name": "items", "patternType": "literal"},
}
USER: Final[Properties] = {
    "metadata": {"annotations": {"kafka-mirror/credential-version": "1"}},
    "spec": {"authentication": {"type": "scram-sha-512"}, "authorization": {"acls": [RULE]}},
}

CREDENTIAL: Final = 'metadata.annotations["kafka-mirror/credential-version"]'
MIRROR: Final = "spec.mirrors[0]"
SOURCE: Final = f"{MIRROR}.sourceConnector"
CHECKPOINT: Final = f"{MIRROR}.checkpointConnector"
FLUSH: Final = 'spec.target.config["offset.flush.interval.ms"]'
AGAIN: Final = "at most 4 s of traffic is mirrored again (offset.flush.interval.ms), and none after an orderly stop"
WORKER: Final = "restarts its worker, and with it both connectors"
STILL: Final = "mirroring stands still for about 10 to 50 s"
SOURCE_STILL: Final = f"mirroring stands still for about 1 to 5 s; {AGAIN}"
GROUPS_STILL: Final = "group offsets stand still for about 3 to 20 s; no record is concerned"


def _with(properties: Properties, path: str, value: Any) -> Properties:
    """Return a copy with another value at a path; None takes it away."""
    result = copy.deepcopy(properties)
    *parents, last = parse_path(path)
    place: Any = result
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


def _impacts(
    kind: str, before: Properties, after: Properties, *, nodes: int | None = None
) -> tuple[Impact, ...]:
    paths = tuple(change.path for change in changes_between(before, after))
    return impacts(Change(kind=kind, paths=paths, before=before, after=after, nodes=nodes))


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        pytest.param(
            CREDENTIAL,
            "1-2-1",
            [f"{WORKER} ({CREDENTIAL}): {STILL}; {AGAIN}"],
            id="another password, of either end: its hash is an annotation of the pods",
        ),
        pytest.param(
            f"{MIRROR}.source.tls.trustedCertificates[0].secretName",
            "other",
            [f"{WORKER} ({MIRROR}.source.tls.trustedCertificates[0].secretName): {STILL}; {AGAIN}"],
            id="other certificates are trusted at the source",
        ),
        pytest.param(
            f"{MIRROR}.source.authentication.passwordSecret.secretName",
            "other",
            [
                f"{WORKER} ({MIRROR}.source.authentication.passwordSecret.secretName): {STILL}; {AGAIN}"
            ],
            id="another credential of the source",
        ),
        pytest.param(
            f"{MIRROR}.source.authentication.username",
            "reader-b",
            [
                f"restarts the source connector ({MIRROR}.source.authentication.username): {SOURCE_STILL}",
                f"restarts the checkpoint connector ({MIRROR}.source.authentication.username): {GROUPS_STILL}",
            ],
            id="the hash is over passwords, so that another name alone restarts no pod",
        ),
        pytest.param(
            "spec.target.bootstrapServers",
            "stg:9094",
            [f"{WORKER} (spec.target.bootstrapServers): {STILL}; {AGAIN}"],
            id="the worker itself connects to the target",
        ),
        pytest.param(
            f"{MIRROR}.source.bootstrapServers",
            "dev:9094",
            [
                f"restarts the source connector ({MIRROR}.source.bootstrapServers): {SOURCE_STILL}",
                f"restarts the checkpoint connector ({MIRROR}.source.bootstrapServers): {GROUPS_STILL}",
            ],
            id="only the connectors connect to the source",
        ),
        pytest.param(
            'spec.target.config["config.storage.replication.factor"]',
            3,
            [
                f'{WORKER} (spec.target.config["config.storage.replication.factor"]): {STILL}; {AGAIN}'
            ],
            id="a setting of the worker",
        ),
        pytest.param(
            FLUSH,
            1000,
            [
                f"{WORKER} ({FLUSH}): {STILL}; {AGAIN}",
                (
                    f"gets another duplicate window ({FLUSH}): a group that keeps up re-reads at most 13.5 s of "
                    "traffic when it moves, 10.5 s from then on (flush 4 s -> 1 s, checkpoint 4 s, "
                    "sync 4 s)"
                ),
            ],
            id="the worker that stops still has the old interval",
        ),
        pytest.param(
            FLUSH,
            None,
            [
                f"{WORKER} ({FLUSH}): {STILL}; {AGAIN}",
                (
                    f"gets another duplicate window ({FLUSH}): a group that keeps up re-reads at most 13.5 s of "
                    "traffic when it moves, 69.5 s from then on (flush 4 s -> 60 s, checkpoint 4 s, "
                    "sync 4 s)"
                ),
            ],
            id="Kafka's own interval where none is set",
        ),
        pytest.param(
            'spec.target.config["scheduled.rebalance.max.delay.ms"]',
            300000,
            [
                (
                    f'{WORKER} (spec.target.config["scheduled.rebalance.max.delay.ms"]): {STILL}, and up to 300 s '
                    f"more (scheduled.rebalance.max.delay.ms); {AGAIN}"
                )
            ],
            id="a delay of rebalances",
        ),
        *(
            pytest.param(
                f"spec.{path}", value, [f"{WORKER} (spec.{path}): {STILL}; {AGAIN}"], id=path
            )
            for path, value in (
                ("version", "4.3.0"),
                ("image", "mirror:2"),
                ("resources", "2Gi"),
                ("jvmOptions", "-Xmx1g"),
                ("template.pod", "other"),
                ("target.groupId", "other"),
            )
        ),
        pytest.param(
            f"{SOURCE}.tasksMax",
            2,
            [f"restarts the source connector ({SOURCE}.tasksMax): {SOURCE_STILL}"],
            id="more tasks",
        ),
        pytest.param(
            f'{SOURCE}.config["refresh.topics.interval.seconds"]',
            60,
            [
                (
                    f'restarts the source connector ({SOURCE}.config["refresh.topics.interval.seconds"]): '
                    f"{SOURCE_STILL}"
                )
            ],
            id="a setting of the source connector",
        ),
        pytest.param(
            f'{CHECKPOINT}.config["emit.checkpoints.interval.seconds"]',
            1,
            [
                (
                    f'restarts the checkpoint connector ({CHECKPOINT}.config["emit.checkpoints.interval.seconds"]): '
                    f"{GROUPS_STILL}"
                ),
                (
                    "gets another duplicate window "
                    f'({CHECKPOINT}.config["emit.checkpoints.interval.seconds"]): a group that keeps up re-reads at '
                    "most 13.5 s of traffic when it moves, 10.5 s from then on (flush 4 s, checkpoint "
                    "4 s -> 1 s, sync 4 s)"
                ),
            ],
            id="an interval of the checkpoint connector",
        ),
        pytest.param(
            f"{MIRROR}.topicsPattern",
            "items|stores",
            [
                f"restarts the source connector ({MIRROR}.topicsPattern): {SOURCE_STILL}",
                f"restarts the checkpoint connector ({MIRROR}.topicsPattern): {GROUPS_STILL}",
            ],
            id="both connectors read the patterns",
        ),
        pytest.param(
            "spec.target.offsetStorageTopic",
            "other",
            [
                (
                    "forgets its place (spec.target.offsetStorageTopic): everything the source still holds is "
                    "mirrored again"
                ),
                f"{WORKER} (spec.target.offsetStorageTopic): {STILL}; {AGAIN}",
            ],
            id="another offset topic holds no position",
        ),
        *(
            pytest.param(
                path,
                "other",
                [
                    f"forgets its place ({path}): everything the source still holds is mirrored again"
                ],
                id=f"offsets are kept under the connector's name: {path}",
            )
            for path in ("spec.target.alias", f"{MIRROR}.source.alias")
        ),
        *(
            pytest.param(
                path,
                value,
                [f"{WORKER} ({path}): {STILL}; {AGAIN}"],
                id=f"what the pods are: {path}",
            )
            for path, value in (
                ("spec.resources", {"limits": {"memory": "2Gi"}}),
                ("spec.jvmOptions", {"-Xmx": "1g"}),
                ("spec.image", "registry.example.com/workers:7"),
                ("spec.version", "4.3.1"),
                ("spec.tracing", {"type": "opentelemetry"}),
                ("spec.template.connectContainer", {"env": []}),
                ("spec.metricsConfig", {"type": "jmxPrometheusExporter"}),
                ('spec.target.config["exactly.once.source.support"]', "enabled"),
            )
        ),
        pytest.param(
            f'{SOURCE}.config["consumer.auto.offset.reset"]',
            "latest",
            [
                f'restarts the source connector ({SOURCE}.config["consumer.auto.offset.reset"]): {SOURCE_STILL}'
            ],
            id="another start concerns the source connector alone",
        ),
        pytest.param(
            "spec.replicas",
            3,
            [
                (
                    "gets 3 workers instead of 1 (spec.replicas): a task that moves to another worker stands still "
                    f"for about 1 to 5 s; {AGAIN}"
                )
            ],
            id="more workers restart none that runs",
        ),
        pytest.param(
            "spec.replicas",
            0,
            [
                (
                    "gets 0 workers instead of 1 (spec.replicas): the flow stands still until it has one again; "
                    f"{AGAIN}"
                )
            ],
            id="no worker",
        ),
        *(
            pytest.param(path, value, [], id=f"restarts nothing: {path}")
            for path, value in (
                ("metadata.labels.app", "other"),
                ("spec.logging", "other"),
                ("spec.template.podDisruptionBudget", "other"),
                (f"{SOURCE}.autoRestart.enabled", False),
                (f"{SOURCE}.listOffsets.toConfigMap.name", "other"),
                (f"{CHECKPOINT}.alterOffsets", "other"),
            )
        ),
    ],
)
def test_a_change_of_a_running_flow_is_told_with_its_cost(
    path: str, value: Any, lines: list[str]
) -> None:
    found = _impacts("KafkaMirrorMaker2", FLOW, _with(FLOW, path, value))

    assert [str(one) for one in found] == lines


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        pytest.param(
            'spec.clusters[1].config["offset.storage.topic"]',
            "other",
            [
                (
                    'forgets its place (spec.clusters[1].config["offset.storage.topic"]): everything the source still '
                    "holds is mirrored again"
                ),
                f'{WORKER} (spec.clusters[1].config["offset.storage.topic"]): {STILL}; {AGAIN}',
            ],
            id="another offset topic",
        ),
        pytest.param(
            "spec.clusters[0].alias",
            "other",
            [
                "forgets its place (spec.clusters[0].alias): everything the source still holds is mirrored again"
            ],
            id="another alias",
        ),
        pytest.param(
            'spec.clusters[1].config["offset.flush.interval.ms"]',
            1000,
            [
                f'{WORKER} (spec.clusters[1].config["offset.flush.interval.ms"]): {STILL}; {AGAIN}',
                (
                    'gets another duplicate window (spec.clusters[1].config["offset.flush.interval.ms"]): a group that '
                    "keeps up re-reads at most 13.5 s of traffic when it moves, 10.5 s from then on (flush 4 s -> 1 s, "
                    "checkpoint 4 s, sync 4 s)"
                ),
            ],
            id="another interval",
        ),
    ],
)
def test_a_flow_of_the_older_layout_is_told_alike(path: str, value: Any, lines: list[str]) -> None:
    found = _impacts("KafkaMirrorMaker2", OLDER_FLOW, _with(OLDER_FLOW, path, value))

    assert [str(one) for one in found] == lines


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param(
            "running",
            "paused",
            [
                (
                    f"stands still ({SOURCE}.state): records wait at the source, and what its retention deletes "
                    "meanwhile is never mirrored; group offsets stand still too"
                )
            ],
            id="paused",
        ),
        pytest.param("paused", "stopped", [], id="what stands still lets go of its tasks"),
        pytest.param(
            "stopped",
            "running",
            [
                (
                    f"goes on where it stood ({SOURCE}.state): what was written meanwhile is mirrored now; no "
                    "record is lost or mirrored twice"
                )
            ],
            id="goes on",
        ),
    ],
)
def test_another_state_restarts_nothing(before: str, after: str, lines: list[str]) -> None:
    was, is_ = (_with(FLOW, f"{SOURCE}.state", state) for state in (before, after))

    assert [str(one) for one in _impacts("KafkaMirrorMaker2", was, is_)] == lines


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        pytest.param(CREDENTIAL, "2", WORKER, id="workers"),
        pytest.param(f"{SOURCE}.tasksMax", 2, "restarts the source connector", id="source"),
        pytest.param(
            f"{CHECKPOINT}.tasksMax", 2, "restarts the checkpoint connector", id="checkpoint"
        ),
        pytest.param("spec.replicas", 2, "gets 2 workers instead of 1", id="scaling"),
    ],
)
def test_a_stopped_flow_pays_nothing_for_a_restart(path: str, value: Any, what: str) -> None:
    stopped = _with(FLOW, f"{SOURCE}.state", "stopped")

    (found,) = _impacts("KafkaMirrorMaker2", stopped, _with(stopped, path, value))

    assert str(found) == (
        f"{what} ({path}): the flow is stopped: nothing stands still for it, and nothing is mirrored again"
    )
    assert (found.cost.stands_still, found.cost.mirrored_again) == (timedelta(), timedelta())


def test_several_workers_restart_one_after_another() -> None:
    three = _with(FLOW, "spec.replicas", 3)

    (found,) = _impacts("KafkaMirrorMaker2", three, _with(three, CREDENTIAL, "2"))

    assert str(found) == (
        f"restarts its 3 workers one after another, and with them both connectors ({CREDENTIAL}): "
        f"{STILL} for each; {AGAIN}"
    )
    assert found.cost.stands_still == timedelta(seconds=150)


def test_a_worker_takes_its_connectors_along() -> None:
    after = _with(_with(FLOW, FLUSH, 4001), f"{SOURCE}.tasksMax", 2)

    found = _impacts("KafkaMirrorMaker2", FLOW, after)

    assert [one.effect.value for one in found] == ["workers-restarted", "duplicate-window-changed"]


def test_a_flow_that_moves_no_groups_any_more_says_so_and_so_does_one_that_moves_them_again() -> (
    None
):
    without = _with(FLOW, f"{MIRROR}.groupsPattern", "")
    del without["spec"]["mirrors"][0]["checkpointConnector"]

    ends, begins = (
        _impacts("KafkaMirrorMaker2", *two) for two in ((FLOW, without), (without, FLOW))
    )

    restart = f"restarts the source connector ({MIRROR}.groupsPattern): {SOURCE_STILL}"
    assert [str(one) for one in ends] == [
        restart,
        (
            f"moves no groups any more ({CHECKPOINT}): the offsets that groups have at the target stay as they are: a "
            "group that moves later begins there and reads again what has come since, or begins where its "
            "auto.offset.reset says"
        ),
    ]
    assert [str(one) for one in begins] == [
        restart,
        (
            f"moves groups from now on ({CHECKPOINT}): a group that keeps up at the source has its place at the target "
            "within the duplicate window"
        ),
    ]


def test_numbers_are_there_as_numbers() -> None:
    workers, window = _impacts("KafkaMirrorMaker2", FLOW, _with(FLOW, FLUSH, "1000"))

    assert workers.cost.stands_still == timedelta(seconds=50)
    assert workers.cost.mirrored_again == timedelta(seconds=4)
    assert window.cost.duplicate_windows == (timedelta(seconds=13.5), timedelta(seconds=10.5))


def test_a_flow_that_hardly_says_anything_has_the_defaults_of_kafka() -> None:
    """Such as one of another version of this program, or with values that are not known yet."""
    before: Properties = {"spec": {"target": {"config": "[unknown]"}, "mirrors": ["[unknown]"]}}

    (found,) = _impacts("KafkaMirrorMaker2", before, _with(before, "spec.image", "other"))

    assert str(found) == (
        f"{WORKER} (spec.image): {STILL}, and up to 300 s more (scheduled.rebalance.max.delay.ms); at most 60 s of "
        "traffic is mirrored again (offset.flush.interval.ms), and none after an orderly stop"
    )


ROLLED: Final = "restarts its 3 nodes, one after another"
WRITTEN: Final = "clients reconnect; topics with 3 copies, 2 of them in sync, are read and written"


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        *(
            pytest.param(path, value, [f"{ROLLED} ({path}): {WRITTEN}"], id=path)
            for path, value in (
                ("spec.kafka.version", "4.3.0"),
                ("spec.kafka.listeners[0].type", "route"),
                ("spec.kafka.authorization", "simple"),
                ('spec.kafka.config["default.replication.factor"]', 2),
                ('spec.kafka.config["auto.create.topics.enable"]', True),
                ('spec.kafka.config["a.plugin.of.ours"]', 1),
            )
        ),
        *(
            pytest.param(path, value, [], id=f"restarts nothing: {path}")
            for path, value in (
                ('spec.kafka.config["min.insync.replicas"]', 1),
                ('spec.kafka.config["log.retention.ms"]', 1),
                ('spec.kafka.config["message.max.bytes"]', 1),
                ("spec.kafka.metadataVersion", "4.3"),
                ("spec.entityOperator.userOperator.image", "other"),
            )
        ),
    ],
)
def test_a_kafka_restarts_for_what_the_admin_api_cannot_set(
    path: str, value: Any, lines: list[str]
) -> None:
    found = _impacts("Kafka", KAFKA, _with(KAFKA, path, value), nodes=3)

    assert [str(one) for one in found] == lines


@pytest.mark.parametrize(
    ("setting", "lines"),
    [
        pytest.param(
            "default.replication.factor",
            [
                (
                    f'{ROLLED} (spec.strimziOverrides.kafka.config["default.replication.factor"]): {WRITTEN}'
                )
            ],
            id="rolled",
        ),
        pytest.param("min.insync.replicas", [], id="set while it runs"),
    ],
)
def test_the_kafka_of_an_event_streams_restarts_for_the_same(
    setting: str, lines: list[str]
) -> None:
    before: Properties = {"spec": {"strimziOverrides": KAFKA["spec"]}}
    after = _with(before, f'spec.strimziOverrides.kafka.config["{setting}"]', 1)

    found = _impacts("EventStreams", before, after, nodes=3)

    assert [str(one) for one in found] == lines


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replicas", 5),
        ("storage.volumes[0].size", "40Gi"),
        ("storage.volumes[0].class", "fast"),
        ("storage.volumes[0].deleteClaim", False),
        ("resources", {"limits": {"memory": "8Gi"}}),
    ],
)
def test_a_pool_inside_an_event_streams_changes_as_any_other(path: str, value: Any) -> None:
    before: Properties = {"spec": {"strimziOverrides": {"nodePools": [POOL["spec"]]}}}
    after = _with(before, f"spec.strimziOverrides.nodePools[0].{path}", value)

    inside = _impacts("EventStreams", before, after, nodes=3)
    outside = _impacts("KafkaNodePool", POOL, _with(POOL, f"spec.{path}", value), nodes=3)

    said = [str(one).replace("spec.strimziOverrides.nodePools[0]", "spec") for one in inside]
    assert said == [str(one) for one in outside]


@pytest.mark.parametrize(
    ("nodes", "copies", "line"),
    [
        pytest.param(
            1,
            1,
            "restarts its only node (spec.kafka.version): the site does not answer meanwhile; clients and "
            "flows wait, and go on when it is back",
            id="one node",
        ),
        pytest.param(
            2,
            2,
            "restarts its 2 nodes, one after another (spec.kafka.version): clients reconnect; topics with 2 "
            "copies that need 2 in sync take no writes while one of their nodes is away",
            id="no copy to spare",
        ),
        pytest.param(
            None,
            "[unknown]",
            "restarts every Kafka node, one after another (spec.kafka.version): clients reconnect; what has no "
            "copy elsewhere does not answer meanwhile",
            id="nothing known",
        ),
    ],
)
def test_what_rolled_nodes_cost_depends_on_their_copies(
    nodes: int | None, copies: Any, line: str
) -> None:
    before = _with(KAFKA, 'spec.kafka.config["default.replication.factor"]', copies)

    (found,) = _impacts("Kafka", before, _with(before, "spec.kafka.version", "4.3.0"), nodes=nodes)

    assert str(found) == line


VOLUME: Final = "spec.storage.volumes[0]"
KEPT: Final = (
    "the operator ignores another type or class of volumes, with all other changes of the storage, and says so in "
    "the status of the Kafka"
)


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        pytest.param(
            "spec.replicas",
            5,
            [
                (
                    "gets 5 nodes instead of 3 (spec.replicas): they are controllers too, and another number of "
                    "controllers is not supported in a cluster that runs: every node restarts, and the quorum may "
                    "be lost"
                )
            ],
            id="controllers cannot be scaled",
        ),
        pytest.param(
            f"{VOLUME}.size",
            "40Gi",
            [
                (
                    f"gets volumes of another size ({VOLUME}.size): they grow if their storage class allows it, and "
                    "a node restarts only where its file system cannot grow while it is in use; for a smaller size "
                    "the operator keeps the old one and says so in its status"
                )
            ],
            id="size",
        ),
        pytest.param(
            f"{VOLUME}.class",
            "fast",
            [f"keeps the storage it has ({VOLUME}.class): {KEPT}"],
            id="class",
        ),
        pytest.param(
            VOLUME,
            {"id": 0, "type": "ephemeral"},
            [f"keeps the storage it has ({VOLUME}.type): {KEPT}"],
            id="type",
        ),
        pytest.param(
            "spec.resources",
            "4Gi",
            [
                (
                    "restarts its 3 nodes, one after another (spec.resources): clients reconnect; what has no copy "
                    "elsewhere does not answer meanwhile"
                )
            ],
            id="resources",
        ),
        pytest.param(f"{VOLUME}.deleteClaim", False, [], id="who keeps the volumes"),
    ],
)
def test_a_node_pool(path: str, value: Any, lines: list[str]) -> None:
    found = _impacts("KafkaNodePool", POOL, _with(POOL, path, value), nodes=3)

    assert [str(one) for one in found] == lines


def test_brokers_alone_can_be_more() -> None:
    brokers = _with(POOL, "spec.roles", ["broker"])

    (found,) = _impacts("KafkaNodePool", brokers, _with(brokers, "spec.replicas", 4))

    assert str(found) == (
        "gets 4 nodes instead of 3 (spec.replicas): no node restarts; topics stay where they are until their "
        "partitions are reassigned"
    )


ACLS: Final = "spec.authorization.acls"


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        pytest.param(
            ACLS,
            [RULE | {"operations": ["Describe", "Read"]}],
            [
                (
                    f"loses rights ({ACLS}[0].operations[2]): whoever uses it is refused at once: Write on topic "
                    "items"
                )
            ],
            id="a fence",
        ),
        pytest.param(
            ACLS,
            [
                {
                    "operations": ["Read"],
                    "resource": {"type": "topic", "name": "items", "patternType": "prefix"},
                }
            ],
            [
                (
                    f"loses rights ({ACLS}[0].operations[0]): whoever uses it is refused at once: Write on topic "
                    "items"
                )
            ],
            id="a right for more names covers one of them, and reading implies describing",
        ),
        pytest.param(
            ACLS,
            [
                {"operations": ["Read"], "resource": {"type": "group", "name": "g"}},
                RULE,
            ],
            [],
            id="more rights, in another order",
        ),
        pytest.param(
            ACLS,
            [{"operations": ["All"], "resource": {"type": "topic", "name": "*"}}],
            [],
            id="all of it",
        ),
        pytest.param(
            ACLS,
            [RULE, {**RULE, "type": "deny", "operations": ["Write"]}],
            [
                (
                    f"loses rights ({ACLS}[1]): whoever uses it is refused at once: Write on topic items"
                )
            ],
            id="a denial beside a right",
        ),
        pytest.param(ACLS, "[unknown]", [], id="rights that are not known yet"),
    ],
)
def test_a_user_that_loses_rights(path: str, value: Any, lines: list[str]) -> None:
    found = _impacts("KafkaUser", USER, _with(USER, path, value))

    assert [str(one) for one in found] == lines


def test_many_lost_rights_stay_one_line() -> None:
    many = _with(USER, f"{ACLS}[0].operations", ["Alter", "Create", "Delete", "Read", "Write"])

    (found,) = _impacts("KafkaUser", many, _with(many, ACLS, []))

    assert str(found) == (
        f"loses rights ({ACLS}[0]): whoever uses it is refused at once: Alter on topic items, Create on topic "
        "items, Delete on topic items and 2 more"
    )


@pytest.mark.parametrize(
    ("path", "value"), [(CREDENTIAL, "2"), ("spec.authentication.type", "tls")]
)
def test_a_user_with_another_credential(path: str, value: str) -> None:
    (found,) = _impacts("KafkaUser", USER, _with(USER, path, value))

    assert str(found) == (
        f"gets another password ({path}): clients that are connected go on until they reconnect, and are refused "
        "from then on; a flow then says RUNNING, mirrors nothing and floods its log. Deploy the stacks that read "
        "it right after this one, then restart the applications that use it"
    )


def test_a_topic_that_grows() -> None:
    topic = {"spec": {"partitions": 3, "config": {"retention.ms": 1}}}

    (found,) = _impacts("KafkaTopic", topic, _with(topic, "spec.partitions", 6))

    assert str(found) == (
        "gets another number of partitions (spec.partitions): with more, a key may go to another one from now on, "
        "and flows take the new ones in within their objectives.discovery, from their first record; fewer are "
        "refused by the operator"
    )
    assert _impacts("KafkaTopic", topic, _with(topic, "spec.config", {})) == ()


def test_only_a_user_is_missed_by_others_when_it_is_deleted() -> None:
    assert str(impact_of_deletion("KafkaUser")) == (
        "is gone for whoever still logs in as it (deleted): applications, and flows of other stacks, are refused at "
        "once. Let them use another user first"
    )
    assert impact_of_deletion("KafkaTopic") is None
