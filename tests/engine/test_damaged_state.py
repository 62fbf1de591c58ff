"""A state that cannot be used: one message that says where and why, and everything is left as it was found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import engine
from engine import PassphraseError, StateError
from kafka_mirror.errors import KafkaMirrorError
from tests.engine.conftest import Sandbox, changed

Spoil = Callable[[Path], None]
PUT_BACK = (
    "Nothing was changed. Put back a copy of it ({file}.bak is the one before the last change)."
)
# The journal of a run that was cut off, in an engine that goes by the same checkpoint.
BEGUN = '{"operation":1,"put":[],"drop":["urn:pulumi:dev::small::x::y"],"dropReplaced":[]}'


def _text(text: str) -> Spoil:
    return lambda file: _overwrite(file, text.encode())


def _overwrite(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: len('{\n  "version": 3,\n  "depl')])


def _change(change: Callable[[dict[str, Any]], None]) -> Spoil:
    def spoil(file: Path) -> None:
        raw = json.loads(file.read_text())
        change(raw)
        file.write_text(json.dumps(raw, indent=2))

    return spoil


def _version(number: int) -> Spoil:
    return _change(lambda raw: raw.update(version=number))


def _without_urn(raw: dict[str, Any]) -> None:
    del raw["deployment"]["resources"][1]["urn"]


def _provider(raw: dict[str, Any]) -> None:
    raw["deployment"]["secrets_providers"]["type"] = "service"


def _salt(raw: dict[str, Any]) -> None:
    raw["deployment"]["secrets_providers"]["state"]["salt"] = "v2:x"


def _of_another(stack: str, project: str) -> Spoil:
    return lambda file: _overwrite(
        file,
        re.sub(
            r"urn:pulumi:dev::small", f"urn:pulumi:{stack}::{project}", file.read_text()
        ).encode(),
    )


def _ciphertext(file: Path) -> None:
    text = file.read_text()
    at = text.index('"ciphertext": "v1:', text.index('"resources"')) + 40
    file.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])


def _directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _journal(content: str) -> Spoil:
    return lambda file: _overwrite(file.with_suffix(".journal"), content.encode())


def _journal_alone(file: Path) -> None:
    file.unlink()
    _overwrite(file.with_suffix(".journal"), f'{{"version":1,"base":"x"}}\n{BEGUN}\n'.encode())


DAMAGED: list[Any] = [
    pytest.param(
        _cut,
        "{file} is not a Pulumi checkpoint (line 3, column 3: Unterminated string starting at). "
        + PUT_BACK,
        id="cut short",
    ),
    pytest.param(
        _text(""),
        "{file} is not a Pulumi checkpoint (line 1, column 1: Expecting value). " + PUT_BACK,
        id="empty",
    ),
    pytest.param(
        lambda file: _overwrite(file, b'{"version": "\xff"}'),
        "{file} is not a Pulumi checkpoint (it is not text in UTF-8). " + PUT_BACK,
        id="no text",
    ),
    pytest.param(
        _text("[]"),
        "{file} is not a Pulumi checkpoint (it is not a JSON object). " + PUT_BACK,
        id="another kind of JSON",
    ),
    pytest.param(
        _version(2),
        "{file} is not a Pulumi checkpoint of version 3 (has version 2). " + PUT_BACK,
        id="an older version",
    ),
    pytest.param(
        _version(4),
        "{file} was written by a newer version (checkpoint version 4, this one reads 3). "
        "Nothing was changed. Use that version, or put back a copy of the file.",
        id="a newer version",
    ),
    pytest.param(
        _change(_without_urn),
        "{file} is damaged (KeyError). " + PUT_BACK,
        id="a resource without its name",
    ),
    pytest.param(
        _of_another("prod", "small"),
        "{file} holds stack 'prod' of project 'small', not stack 'dev' of project 'small'. "
        + PUT_BACK,
        id="another stack's",
    ),
    pytest.param(
        _of_another("dev", "shop"),
        "{file} holds stack 'dev' of project 'shop', not stack 'dev' of project 'small'. "
        + PUT_BACK,
        id="another project's",
    ),
    pytest.param(
        _change(_provider),
        "{file}: its secrets are under 'service'; this engine reads the passphrase provider only. "
        "Change it with `pulumi stack change-secrets-provider passphrase`.",
        id="another secrets provider",
    ),
    pytest.param(
        _change(_salt),
        "stack 'dev': its encryption salt is not in the passphrase provider's format.",
        id="a salt of another kind",
    ),
    pytest.param(
        _ciphertext,
        "stack 'dev': a secret of it is damaged. Put back a copy of what holds it.",
        id="a damaged secret",
    ),
    pytest.param(
        _directory, "{file} cannot be read (Is a directory). Nothing was changed.", id="a directory"
    ),
    pytest.param(
        _journal('{"version":1,"base":"x"}\nwhat\n{}\n'),
        "{journal} is damaged at line 2. Nothing was changed. Put back a copy of it. If it is deleted instead, "
        "the stack is taken for what it was before its last run, and objects made since are told as foreign.",
        id="a damaged journal",
    ),
    pytest.param(
        _journal('{"version":7,"base":"x"}\n'),
        "{journal} was written by a newer version (journal version 7, this one reads 1). "
        "Nothing was changed. Use that version to finish its run.",
        id="a newer journal",
    ),
    pytest.param(
        _journal_alone,
        "{journal} tells of a run on a state that is not there any more (dev.json). Nothing was changed. "
        "Put back a copy of the state; if nothing of the stack is left in any cluster, delete the journal instead.",
        id="a journal alone",
    ),
]


def _content(directory: Path) -> dict[str, bytes | None]:
    return {
        path.name: None if path.is_dir() else path.read_bytes()
        for path in directory.iterdir()
        if path.suffix != ".lock"
    }


@pytest.mark.parametrize(("spoil", "message"), DAMAGED)
def test_a_state_that_cannot_be_used_is_told_and_left_alone(
    deployed: Sandbox, spoil: Spoil, message: str
) -> None:
    file = deployed.state_file
    spoil(file)
    before, objects = _content(file.parent), deployed.cluster.objects
    deployed.configure(topics={"items": 6})
    with pytest.raises(StateError) as refused:
        deployed.up()
    assert str(refused.value) == message.format(file=file, journal=file.with_suffix(".journal"))
    assert refused.value.exit_code == 2
    assert _content(file.parent) == before
    assert deployed.cluster.objects == objects
    with pytest.raises(engine.StateError if file.exists() else KafkaMirrorError):
        deployed.destroy()
    assert deployed.cluster.objects == objects


def test_another_passphrase_is_told_and_changes_nothing(
    deployed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _content(deployed.state_file.parent)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another one")
    with pytest.raises(PassphraseError, match="the passphrase is not the one its secrets were"):
        deployed.up()
    assert _content(deployed.state_file.parent) == before


def test_a_journal_whose_last_line_was_cut_is_read_up_to_it(deployed: Sandbox) -> None:
    base = '{"version":1,"base":"of another checkpoint"}\n'
    _overwrite(deployed.state_file.with_suffix(".journal"), (base + '{"operation":2,"beg').encode())
    assert changed(deployed.up()) == []


@pytest.mark.parametrize("content", ["", '{"version":1,"base":"x"}\n'])
def test_a_journal_that_tells_nothing_does_not_stop_a_first_up(
    small: Sandbox, content: str
) -> None:
    small.state_file.parent.mkdir(parents=True)
    _overwrite(small.state_file.with_suffix(".journal"), content.encode())
    small.up()
    assert changed(small.up()) == []


def test_a_place_that_cannot_be_written_is_told(small: Sandbox) -> None:
    file = small.state_file
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("a file")
    with pytest.raises(StateError) as refused:
        small.up()
    assert str(refused.value) == (
        f"the state of stack 'dev' cannot be written to {file.with_suffix('.lock')}: Not a directory. "
        "Nothing was changed. Make that place writable and run the same command again."
    )
    assert small.cluster.objects == {}
