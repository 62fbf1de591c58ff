"""A preview says what its updates do to what runs, to a reader and to a program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import engine
from engine.diff import changes_between
from kafka_mirror.cli.restart_impact import impact_text, told_impacts

FLOW = "kafka-mirror:index:MirrorFlow$"
CREDENTIAL = 'metadata.annotations["kafka-mirror/credential-version"]'
TASKS = "spec.mirrors[0].sourceConnector.tasksMax"
FLUSH = 'spec.target.config["offset.flush.interval.ms"]'


def _step(
    kind: str,
    *paths: str,
    op: engine.Op = engine.Op.UPDATE,
    parent: str = "",
    name: str = "dev-to-stg",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> engine.Step:
    """Return a step with the changes between two sets of properties, or with those given."""
    type_ = f"kubernetes:kafka.strimzi.io/v1:{kind}"
    return engine.Step(
        op=op,
        urn=f"urn:pulumi:stg::kafka-mirror::{parent}{type_}::{name}",
        type=type_,
        name=name,
        changes=(
            *changes_between(before or {}, after or {}),
            *(engine.PropertyChange(path, "1", "2") for path in paths),
        ),
        before=before or {},
        after=after or {},
    )


def _flow(*, flush: int = 4000, tasks: int = 1) -> dict[str, Any]:
    settings = {"offset.flush.interval.ms": flush, "scheduled.rebalance.max.delay.ms": 0}
    connector = {"emit.checkpoints.interval.seconds": 4, "sync.group.offsets.interval.seconds": 4}
    return {
        "spec": {
            "replicas": 1,
            "target": {"config": settings},
            "mirrors": [
                {
                    "sourceConnector": {"tasksMax": tasks},
                    "checkpointConnector": {"config": connector},
                }
            ],
        }
    }


def _pool(kafka: str, *, replicas: int, op: engine.Op = engine.Op.SAME) -> engine.Step:
    pool = {
        "metadata": {"namespace": "n", "labels": {"strimzi.io/cluster": kafka}},
        "spec": {"replicas": replicas, "roles": ["controller", "broker"]},
    }
    return _step("KafkaNodePool", op=op, before=pool, after=pool)


def _kafka(name: str, version: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "n"},
        "spec": {
            "kafka": {
                "version": version,
                "config": {"default.replication.factor": 3, "min.insync.replicas": 2},
            }
        },
    }


def test_a_line_names_part_reason_and_cost() -> None:
    step = _step("KafkaMirrorMaker2", before=_flow(), after=_flow(tasks=2))

    assert impact_text([step]).plain == (
        f" ! KafkaMirrorMaker2 dev-to-stg restarts the source connector ({TASKS}): mirroring stands still for "
        "about 1 to 5 s; at most 4 s of traffic is mirrored again (offset.flush.interval.ms), and none after an "
        "orderly stop\n"
    )


def test_a_program_gets_the_same_with_its_numbers() -> None:
    step = _step("KafkaMirrorMaker2", before=_flow(), after=_flow(flush=1000))

    workers, window = (told.document() for told in told_impacts([step]))

    assert workers == {
        "object": "dev-to-stg",
        "kind": "KafkaMirrorMaker2",
        "what": "workers-restarted",
        "reason": FLUSH,
        "standsStillSeconds": 50,
        "mirroredAgainSeconds": 4,
        "duplicateWindowSeconds": None,
        "message": "KafkaMirrorMaker2 dev-to-stg restarts its worker, and with it both connectors "
        f"({FLUSH}): mirroring stands still for about 10 to 50 s; at most 4 s of traffic is mirrored again "
        "(offset.flush.interval.ms), and none after an orderly stop",
    }
    assert window["what"] == "duplicate-window-changed"
    assert window["duplicateWindowSeconds"] == {"before": 13.5, "after": 10.5}


def test_what_nobody_can_tell_is_no_number() -> None:
    (told,) = told_impacts([_step("KafkaTopic", "spec.partitions", name="items")])

    assert told.document()["standsStillSeconds"] is None
    assert told.document()["mirroredAgainSeconds"] is None


def test_a_secret_of_a_flow_that_stays_rolls_its_workers() -> None:
    secret = _step("Secret", "stringData", parent=FLOW, name="dev-to-stg-source-credential")
    flow = _step("KafkaMirrorMaker2", op=engine.Op.SAME, before=_flow(), after=_flow())

    assert impact_text([secret, flow]).plain == (
        " ! Secret dev-to-stg-source-credential restarts its worker, and with it both connectors (stringData): "
        "mirroring stands still for about 10 to 50 s; at most 4 s of traffic is mirrored again "
        "(offset.flush.interval.ms), and none after an orderly stop\n"
    )


def test_a_flow_that_follows_its_credential_is_told_once() -> None:
    secret = _step("Secret", "stringData", parent=FLOW, name="dev-to-stg-source-credential")
    other = _step("Secret", "stringData", parent=FLOW, name="a-to-b-source-trust")
    flow = _step("KafkaMirrorMaker2", CREDENTIAL, parent=FLOW)

    told = impact_text([secret, other, flow]).plain.splitlines()

    assert [line.split(" restarts ")[0] for line in told] == [
        " ! Secret a-to-b-source-trust",
        " ! KafkaMirrorMaker2 dev-to-stg",
    ]


def test_a_kafka_restarts_as_many_nodes_as_its_pools_have() -> None:
    kafka = _step("Kafka", name="dev", before=_kafka("dev", "4.2.0"), after=_kafka("dev", "4.3.0"))

    assert impact_text([kafka, _pool("dev", replicas=3), _pool("stg", replicas=1)]).plain == (
        " ! Kafka dev restarts its 3 nodes, one after another (spec.kafka.version): clients reconnect; topics "
        "with 3 copies, 2 of them in sync, are read and written\n"
    )


def test_a_user_with_another_password_is_told_with_what_to_do_next() -> None:
    step = _step("KafkaUser", CREDENTIAL, name="dev-mirror-reader")

    assert impact_text([step]).plain == (
        " ! KafkaUser dev-mirror-reader gets another password "
        '(metadata.annotations["kafka-mirror/credential-version"]): clients that are connected go on until '
        "they reconnect, and are refused from then on; a flow then says RUNNING, mirrors nothing and floods its "
        "log. Deploy the stacks that read it right after this one, then restart the applications that use it\n"
    )


def test_a_user_that_is_deleted_may_be_missed_elsewhere() -> None:
    step = _step("KafkaUser", op=engine.Op.DELETE, name="dev-mirror-reader")

    assert impact_text([step]).plain == (
        " ! KafkaUser dev-mirror-reader is gone for whoever still logs in as it (deleted): applications, and "
        "flows of other stacks, are refused at once. Let them use another user first\n"
    )


def test_a_flow_that_seems_renamed_is_told_how_to_keep_its_place() -> None:
    steps = [
        _step("KafkaMirrorMaker2", op=engine.Op.CREATE, name="dev-to-staging"),
        _step("KafkaMirrorMaker2", op=engine.Op.DELETE),
    ]

    assert impact_text(steps).plain == (
        " ! KafkaMirrorMaker2 dev-to-stg is deleted and dev-to-staging created: if that is a flow with another "
        "name, everything the source still holds is mirrored again. To keep its place, give the flow names: "
        "{resource: dev-to-stg}\n"
    )
    (told,) = told_impacts(steps)
    assert (told.what, told.reason) == ("flow-renamed", "deleted")


def test_what_is_created_does_nothing_to_what_runs() -> None:
    step = _step("KafkaMirrorMaker2", "spec.target", op=engine.Op.CREATE)

    assert impact_text([step, _step("KafkaTopic", "spec.config")]).plain == ""


def test_a_flow_that_moves_stands_still_until_it_is_up_again() -> None:
    step = replace(
        _step("KafkaMirrorMaker2", op=engine.Op.REPLACE, before=_flow()),
        reason="it has another provider",
    )

    assert impact_text([step]).plain == (
        " ! KafkaMirrorMaker2 dev-to-stg stops where it runs and starts anew where it is to run (it has another "
        "provider): mirroring stands still until the new workers are up; at most 4 s of traffic is mirrored again "
        "(offset.flush.interval.ms), and none after an orderly stop\n"
    )
    assert impact_text([_step("KafkaConnector", op=engine.Op.REPLACE)]).plain == ""
