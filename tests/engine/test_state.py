"""The state on disk: whole after every kind of interruption, private, and honest about damage."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from engine.checkpoint import Deployment, ResourceState
from engine.encryption import PassphraseCrypter
from engine.properties import Secret
from engine.stack_state import StackState
from engine.state import StateDirectory, StateFile

STACK = ResourceState(urn="urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev")
TOPIC = ResourceState(
    urn="urn:pulumi:dev::p::kubernetes:kafka.strimzi.io/v1:KafkaTopic::items",
    custom=True,
    id="shop/items",
    inputs={"spec": {"password": Secret("hidden-value"), "partitions": 3}},
    parent=STACK.urn,
    property_dependencies={"spec": (STACK.urn,)},
    custom_timeouts={"create": 5.0},
    other={"sourcePosition": "project:///x.py#1"},
)


@pytest.fixture
def crypter() -> PassphraseCrypter:
    return PassphraseCrypter.create("p", stack="dev")


@pytest.fixture
def file(tmp_path: Path) -> StateFile:
    return StateDirectory(tmp_path / "state").stack("p", "dev")


def test_a_state_survives_being_written_and_read(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    written = Deployment(resources=(STACK, TOPIC), salt=crypter.salt)
    file.write(written, crypter)
    assert file.load(crypter) == written
    assert "hidden-value" not in file.file.read_text()


def test_only_the_owner_can_read_it(file: StateFile, crypter: PassphraseCrypter) -> None:
    with file.lock("up"):
        file.write(Deployment(resources=(TOPIC,)), crypter)
        file.open_journal().close()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.file.parent.iterdir()}
    assert modes == {"dev.json": 0o600, "dev.lock": 0o600, "dev.journal": 0o600}
    assert stat.S_IMODE(file.file.parent.stat().st_mode) == 0o700


def recorded(file: StateFile, crypter: PassphraseCrypter) -> StackState:
    file.write(Deployment(resources=(STACK,)), crypter)
    return StackState(file.load(crypter), journal=file.open_journal(), crypter=crypter)


def test_what_was_recorded_before_a_kill_is_read_back(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    state = recorded(file, crypter)
    number = state.begin("creating", TOPIC)
    assert [item.type for item in file.load(crypter).pending] == ["creating"]
    state.end(number, put=[TOPIC])
    state.begin("deleting", TOPIC)
    found = file.load(crypter)
    assert [item.urn for item in found.resources] == [STACK.urn, TOPIC.urn]
    assert [item.type for item in found.pending] == ["deleting"]
    assert "hidden-value" not in file.file.with_suffix(".journal").read_text()


def test_a_last_line_cut_short_never_happened(file: StateFile, crypter: PassphraseCrypter) -> None:
    state = recorded(file, crypter)
    state.end(None, put=[TOPIC])
    journal = file.file.with_suffix(".journal")
    journal.write_bytes(journal.read_bytes() + b'{"operation":2,"begi')
    assert len(file.load(crypter).resources) == 2


def test_a_journal_of_another_checkpoint_is_left_alone(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    state = recorded(file, crypter)
    state.end(None, put=[TOPIC])
    journal = file.file.with_suffix(".journal").read_bytes()
    file.write(Deployment(resources=(STACK, replace(TOPIC, id="new"))), crypter)
    file.file.with_suffix(".journal").write_bytes(journal)
    assert file.load(crypter).resources[1].id == "new"


def test_the_checkpoint_before_is_kept_as_private_as_the_last(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    file.write(Deployment(resources=(STACK,)), crypter)
    before = file.file.read_bytes()
    file.write(Deployment(resources=(STACK, TOPIC)), crypter)
    backup = file.file.with_name("dev.json.bak")
    assert backup.read_bytes() == before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_private_again_once_it_is_written(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    file.write(Deployment(resources=(STACK,)), crypter)
    file.file.chmod(0o644)
    file.write(file.load(crypter), crypter)
    assert stat.S_IMODE(file.file.stat().st_mode) == 0o600


def test_what_the_engine_does_not_know_is_kept(file: StateFile, crypter: PassphraseCrypter) -> None:
    file.write(
        Deployment(resources=(TOPIC,), other={"metadata": {"integrity_error": {"version": "1"}}}),
        crypter,
    )
    raw = json.loads(file.file.read_text())
    file.write(file.load(crypter), crypter)
    again = json.loads(file.file.read_text())
    assert again["deployment"]["metadata"] == {"integrity_error": {"version": "1"}}
    assert again["deployment"]["resources"] == raw["deployment"]["resources"]


def test_resources_are_written_after_what_they_need(
    file: StateFile, crypter: PassphraseCrypter
) -> None:
    state = StackState(Deployment())
    state.apply(put=[TOPIC, STACK])
    assert [item.urn for item in state.snapshot().resources] == [STACK.urn, TOPIC.urn]


def test_the_deployed_stacks_of_a_project_are_known(
    tmp_path: Path, crypter: PassphraseCrypter
) -> None:
    states = StateDirectory(tmp_path)
    for stack in ("stg", "dev"):
        states.stack("p", stack).write(Deployment(), crypter)
    assert states.stacks("p") == ("dev", "stg")
    assert states.stacks("other") == ()
