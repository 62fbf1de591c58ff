"""What changed in the clusters behind the engine's back: shown, recorded, mended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import engine
from tests.engine.conftest import Sandbox, changed

TOPIC = "KafkaTopic shop/items"


def _widened(topic: dict[str, Any]) -> None:
    topic["spec"]["partitions"] = 9
    topic["metadata"]["managedFields"].append(
        {"manager": "kubectl-edit", "fieldsV1": {"f:spec": {"f:partitions": {}}}}
    )


def _refreshed_preview(deployed: Sandbox) -> engine.Outcome:
    deployed.options = replace(deployed.options, refresh=True)
    try:
        return deployed.preview()
    finally:
        deployed.options = replace(deployed.options, refresh=False)


def test_refresh_finds_drift_and_up_mends_it(deployed: Sandbox) -> None:
    deployed.cluster.change(TOPIC, _widened)
    assert changed(deployed.up()) == []
    (step,) = deployed.refresh().changed
    assert step.changes == (engine.PropertyChange("spec.partitions", "3", "9"),)
    assert step.reason == "changed by kubectl-edit"
    assert changed(deployed.preview()) == ["update items"]
    deployed.up(force_conflicts=True)
    assert deployed.cluster.objects[TOPIC]["spec"] == {"partitions": 3}


def test_a_refreshed_preview_shows_drift_and_records_nothing(deployed: Sandbox) -> None:
    deployed.cluster.change(TOPIC, _widened)
    before = deployed.state_file.read_text()
    (step,) = _refreshed_preview(deployed).changed
    assert step.changes == (engine.PropertyChange("spec.partitions", "9", "3"),)
    assert deployed.state_file.read_text() == before
    assert deployed.cluster.writes == []
    assert changed(deployed.preview()) == []


def test_a_preview_without_refresh_asks_no_cluster(deployed: Sandbox) -> None:
    deployed.preview()
    assert deployed.cluster.reads == []


def test_up_with_refresh_makes_again_what_was_deleted_by_hand(deployed: Sandbox) -> None:
    deployed.cluster.remove(TOPIC)
    assert changed(deployed.up(refresh=True)) == ["create items"]
    assert TOPIC in deployed.cluster.objects


def test_nothing_in_the_state_refers_to_what_is_gone(deployed: Sandbox) -> None:
    deployed.cluster.remove("Secret shop/user")
    assert changed(deployed.refresh()) == ["delete secret"]
    resources = deployed.resources()
    urns = {one["urn"] for one in resources.values()}
    referred = {
        urn
        for one in resources.values()
        for urn in [
            *one.get("dependencies", ()),
            *(urn for urns in one.get("propertyDependencies", {}).values() for urn in urns),
        ]
    }
    assert referred <= urns
    assert "create secret" in changed(deployed.up())


def test_a_field_that_somebody_else_has_set_is_taken_back_only_by_force(deployed: Sandbox) -> None:
    def take(topic: dict[str, Any]) -> None:
        topic["spec"]["partitions"] = 9
        topic["metadata"]["managedFields"] = [{"manager": "kubectl"}]

    deployed.cluster.change(TOPIC, take)
    with pytest.raises(engine.DeploymentError) as refused:
        deployed.up(refresh=True)
    assert str(refused.value) == (
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': changed by hand, or by another tool, and "
        "never overwritten unasked: spec.partitions by kubectl. Run it again with --force-conflicts to set what "
        "the stack declares, or write the new value into the stack's configuration; "
        "`kafka-mirror stack preview --refresh` shows both values"
    )
    assert deployed.cluster.objects[TOPIC]["spec"] == {"partitions": 9}
    assert changed(deployed.up(refresh=True, force_conflicts=True)) == ["update items"]
    assert deployed.cluster.objects[TOPIC]["spec"] == {"partitions": 3}


def test_a_changed_status_is_told_and_reaches_the_outputs_by_refresh_alone(
    deployed: Sandbox,
) -> None:
    deployed.cluster.change(TOPIC, lambda topic: topic["status"].update(topicName="things"))
    assert changed(deployed.up()) == []
    outcome = deployed.refresh()
    assert changed(outcome) == []
    assert [step.reason for step in outcome.steps if step.name == "items"] == [
        "status.topicName changed"
    ]
    done = deployed.up()
    assert done.outputs["names"] == ["things", "prices"]
    assert [change.path for change in done.changed_outputs] == ["names[0]"]
    assert deployed.up().changed_outputs == ()
