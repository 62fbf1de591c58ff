"""A preview says what its updates restart."""

from __future__ import annotations

import engine
from kafka_mirror.cli.restart_impact import impact_text


def _step(
    kind: str, *paths: str, op: engine.Op = engine.Op.UPDATE, parent: str = ""
) -> engine.Step:
    type_ = f"kubernetes:kafka.strimzi.io/v1:{kind}"
    return engine.Step(
        op=op,
        urn=f"urn:pulumi:stg::kafka-mirror::{parent}{type_}::dev-to-stg",
        type=type_,
        name="dev-to-stg",
        changes=tuple(engine.PropertyChange(path, "1", "2") for path in paths),
    )


def test_an_update_of_a_connector_names_part_reason_and_cost() -> None:
    step = _step("KafkaMirrorMaker2", "spec.mirrors[0].checkpointConnector.tasksMax")

    assert impact_text([step]).plain == (
        " ! KafkaMirrorMaker2 dev-to-stg restarts the checkpoint connector "
        "(spec.mirrors[0].checkpointConnector.tasksMax): "
        "group offsets stand still for some seconds; no record is concerned\n"
    )


def test_another_credential_of_a_flow_rolls_its_workers() -> None:
    step = _step("Secret", "stringData", parent="kafka-mirror:index:MirrorFlow$")

    assert "restarts every worker of the flow" in impact_text([step]).plain


def test_what_is_created_restarts_nothing() -> None:
    step = _step("KafkaMirrorMaker2", "spec.target", op=engine.Op.CREATE)

    assert impact_text([step, _step("KafkaTopic", "spec.partitions")]).plain == ""
