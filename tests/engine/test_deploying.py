"""A real Pulumi program through every operation, against a cluster that is played."""

from __future__ import annotations

import json

import pytest

import engine
from engine import Op
from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError
from tests.engine.conftest import PASSPHRASE, Sandbox, changed

EVERYTHING = [
    "create cluster",
    "create default",
    "create items",
    "create ns",
    "create password",
    "create prices",
    "create secret",
    "create site",
    "create small-dev",
]


def test_a_preview_before_the_first_deployment_touches_nothing(small: Sandbox) -> None:
    outcome = small.preview()
    assert changed(outcome) == EVERYTHING
    assert outcome.outputs == {
        "credentials": {"user": "user", "password": "[secret]"},
        "names": "[unknown]",
    }
    assert not small.state_file.parent.exists()
    assert (small.cluster.reads, small.cluster.writes) == ([], [])


def test_a_proxy_in_the_environment_is_not_between_engine_and_program(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert changed(small.preview()) == EVERYTHING


def test_a_preview_lists_its_steps_in_the_same_order_every_time(small: Sandbox) -> None:
    first, second = small.preview(), small.preview()
    assert [step.urn for step in first.steps] == [step.urn for step in second.steps]


def test_up_applies_everything_and_returns_the_live_status(small: Sandbox) -> None:
    outcome = small.up()
    assert changed(outcome) == EVERYTHING
    assert sorted(small.cluster.writes) == [
        "apply KafkaTopic items",
        "apply KafkaTopic prices",
        "apply Namespace shop",
        "apply Secret user",
    ]
    assert outcome.outputs["names"] == ["items", "prices"]
    topic = small.cluster.objects["KafkaTopic shop/items"]
    assert topic["spec"] == {"partitions": 3}
    assert topic["metadata"]["annotations"]["secret-version"] == "1"


def test_deploying_twice_changes_nothing_and_leaves_the_state_as_it_is(deployed: Sandbox) -> None:
    before = deployed.state_file.read_bytes()
    outcome = deployed.up()
    assert (outcome.changes, deployed.cluster.writes) == ({Op.SAME: 9}, [])
    assert deployed.state_file.read_bytes() == before


def test_a_preview_after_the_deployment_knows_the_outputs_without_a_cluster(
    deployed: Sandbox,
) -> None:
    outcome = deployed.preview()
    assert outcome.outputs["names"] == ["items", "prices"]
    assert (changed(outcome), deployed.cluster.reads) == ([], [])


def test_changing_partitions_changes_exactly_that_topic(deployed: Sandbox) -> None:
    deployed.configure(topics={"items": 6, "prices": 1})
    preview = deployed.preview()
    (step,) = preview.changed
    assert (step.op, step.name) == (Op.UPDATE, "items")
    assert step.changes == (engine.PropertyChange("spec.partitions", "3", "6"),)
    assert (step.before["spec"], step.after["spec"]) == ({"partitions": 3}, {"partitions": 6})
    (other,) = (one for one in preview.steps if one.name == "prices")
    assert (other.op, other.before) == (Op.SAME, other.after)
    assert preview.outputs["names"] == "[unknown]"
    assert changed(deployed.up()) == ["update items"]
    assert deployed.cluster.writes == ["apply KafkaTopic items"]
    assert deployed.cluster.objects["KafkaTopic shop/items"]["spec"] == {"partitions": 6}


def test_removing_a_topic_removes_exactly_its_object(deployed: Sandbox) -> None:
    deployed.configure(topics={"items": 3})
    assert changed(deployed.preview()) == ["delete prices"]
    assert changed(deployed.up()) == ["delete prices"]
    assert deployed.cluster.writes == ["delete KafkaTopic prices"]


def test_a_password_is_kept_until_its_generation_changes(deployed: Sandbox) -> None:
    first = deployed.cluster.password()
    deployed.up()
    assert deployed.cluster.password() == first
    deployed.configure(generation=2)
    outcome = deployed.up()
    assert changed(outcome) == [
        "replace password",
        "update items",
        "update prices",
        "update secret",
    ]
    assert deployed.cluster.password() != first
    assert deployed.outputs(show_secrets=True)["credentials"] == {
        "user": "user",
        "password": deployed.cluster.password(),
    }


def test_destroy_deletes_everything_in_reverse_and_leaves_an_empty_stack(
    deployed: Sandbox,
) -> None:
    outcome = deployed.destroy()
    assert outcome.changes == {Op.DELETE: 9}
    assert sorted(deployed.cluster.writes[:2]) == [
        "delete KafkaTopic items",
        "delete KafkaTopic prices",
    ]
    assert deployed.cluster.writes[-1] == "delete Namespace shop"
    assert deployed.cluster.objects == {}
    assert deployed.resources() == {}
    assert changed(deployed.up()) == EVERYTHING


def test_no_password_is_anywhere_but_in_its_secret(small: Sandbox) -> None:
    outcome = small.up()
    password = small.cluster.password()
    shown = [str(outcome), *map(str, small.events)]
    assert small.options.state_directory is not None
    stored = [
        file.read_text(errors="replace")
        for file in small.options.state_directory.rglob("*")
        if file.is_file()
    ]
    for text in shown + stored:
        assert password not in text
        assert PASSPHRASE not in text


def test_outputs_hide_secrets_unless_asked_and_need_no_passphrase_for_that(
    deployed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    assert deployed.outputs() == {
        "credentials": {"user": "user", "password": "[secret]"},
        "names": ["items", "prices"],
    }
    with pytest.raises(engine.PassphraseError) as refused:
        deployed.outputs(show_secrets=True)
    assert str(refused.value) == (
        "stack 'dev' needs a passphrase for its secrets. Set PULUMI_CONFIG_PASSPHRASE, "
        "or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it."
    )


def test_another_passphrase_is_told_before_anything_is_run(
    deployed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(engine.PassphraseError, match="is not the one its secrets"):
        deployed.up()
    assert deployed.cluster.writes == []


def test_what_is_not_ready_in_time_is_recorded_and_awaited_again(small: Sandbox) -> None:
    small.cluster.never_ready = {"items"}
    small.configure(timeout=1)
    with pytest.raises(engine.DeploymentError) as failed:
        small.up()
    assert str(failed.value) == (
        "KafkaTopic 'items': KafkaTopic shop/items is not ready after 1 s: "
        "waiting for condition Ready: Creating: brokers are starting"
    )
    progress = {e.message for e in small.events if isinstance(e, engine.StepProgress)}
    assert "waiting for condition Ready: Creating: brokers are starting" in progress
    assert "items" in small.resources()
    assert small.resources()["items"]["initErrors"]
    small.cluster.never_ready = set()
    assert "update items" in changed(small.up())
    assert "initErrors" not in small.resources()["items"]


def test_an_object_of_someone_else_is_an_error_that_names_it(small: Sandbox) -> None:
    theirs = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": "items", "namespace": "shop"},
        "spec": {"partitions": 12},
    }
    small.cluster.add(theirs, manager="kubectl")
    with pytest.raises(engine.DeploymentError) as failed:
        small.up()
    assert str(failed.value) == (
        "KafkaTopic 'items': KafkaTopic shop/items exists already on context 'dev' and is not in "
        "this stack's state: it is somebody else's, or was kept when the stack let go of it. Give this one "
        "another name; or take that one away, once you know what goes with it."
    )
    assert small.cluster.objects["KafkaTopic shop/items"]["spec"] == {"partitions": 12}
    small.cluster.remove("KafkaTopic shop/items")
    small.up()
    assert small.cluster.objects["KafkaTopic shop/items"]["spec"] == {"partitions": 3}


@pytest.mark.parametrize("status", [409, 422, 500])
def test_a_refusal_of_the_server_is_told_in_its_words_and_mended_by_the_next_up(
    small: Sandbox, status: int
) -> None:
    def refuse(moment: str, verb: str, name: str) -> None:
        if (moment, name) == ("before", "items"):
            raise ApiError(status, "Refused", "the server said no")

    small.cluster.around_write = refuse
    with pytest.raises(engine.DeploymentError) as failed:
        small.up()
    assert str(failed.value) == (
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': the server said no"
    )
    small.cluster.around_write = lambda moment, verb, name: None
    small.up()
    assert changed(small.up()) == []


def test_a_cluster_that_does_not_answer_is_unreachable_and_nothing_is_lost(
    small: Sandbox,
) -> None:
    def vanish(moment: str, verb: str, name: str) -> None:
        if (moment, name) == ("after", "items"):
            raise UnreachableError("context 'dev'", "https://127.0.0.1:1", "no answer in time")

    small.cluster.around_write = vanish
    with pytest.raises(UnreachableError) as failed:
        small.up()
    assert failed.value.exit_code == 3
    pending = json.loads(small.state_file.read_text())["deployment"]["pending_operations"]
    assert [item["type"] for item in pending] == ["creating"]
    small.cluster.around_write = lambda moment, verb, name: None
    assert "create items" in changed(small.up())
    assert "pending_operations" not in json.loads(small.state_file.read_text())["deployment"]


def test_an_interrupted_creation_that_is_no_longer_wanted_is_taken_away(small: Sandbox) -> None:
    def vanish(moment: str, verb: str, name: str) -> None:
        if (moment, name) == ("after", "items"):
            raise UnreachableError("context 'dev'", "https://127.0.0.1:1", "no answer in time")

    small.cluster.around_write = vanish
    with pytest.raises(UnreachableError):
        small.up()
    small.cluster.around_write = lambda moment, verb, name: None
    small.configure(topics={"prices": 1})
    small.up()
    assert "KafkaTopic shop/items" not in small.cluster.objects


def test_a_stack_never_deployed_says_what_to_run(small: Sandbox) -> None:
    for operation in (small.destroy, small.refresh, small.outputs):
        with pytest.raises(engine.StateError.__mro__[1]) as refused:
            operation()
        assert str(refused.value) == (
            "stack 'dev' was never deployed: run `kafka-mirror stack up dev` first"
        )


def test_a_run_error_is_its_message_and_nothing_is_changed(small: Sandbox) -> None:
    small.configure(broken="yes")
    with pytest.raises(engine.ProgramError) as stopped:
        small.up()
    assert (str(stopped.value), stopped.value.exit_code) == (
        "small:broken: is set. Leave it out.",
        2,
    )
    assert not small.state_file.exists()


def test_a_mistake_of_the_program_is_its_traceback(small: Sandbox) -> None:
    small.configure(topics=[1])
    with pytest.raises(engine.ProgramBugError) as broken:
        small.up()
    text = str(broken.value)
    assert "AttributeError: 'list' object has no attribute 'items'" in text
    assert "host.py" not in text
    assert broken.value.exit_code == 70
