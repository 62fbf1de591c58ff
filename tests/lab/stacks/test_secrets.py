"""Looks for the passwords everywhere, and finds them only in what is meant to hold them."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from kafka_mirror.cli.stack import app
from lab.environment import environment
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

KINDS = [
    ("v1", "ConfigMap"),
    ("v1", "Event"),
    ("v1", "Namespace"),
    *(
        ("kafka.strimzi.io/v1", kind)
        for kind in ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2")
    ),
]


@pytest.fixture(scope="module")
def passwords(stacks: SmallStacks) -> Mapping[str, str]:
    own = {}
    for site, names in {"dev": (), "stg": ("mirror-writer",)}.items():
        for name in names:
            secret = stacks.api(site).get("v1", "Secret", f"{name}-password", f"kafka-{site}")
            own[name] = _decoded(secret["data"]["password"])
    return {**stacks.outputs("dev")["credentials"], **own}


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def _holding(text: bytes, passwords: Mapping[str, str]) -> set[str]:
    """Return the users whose password is in there, plainly or as Kubernetes writes it."""
    return {
        user
        for user, password in passwords.items()
        if password.encode() in text or base64.b64encode(password.encode()) in text
    }


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def test_every_user_has_a_password_to_look_for(passwords: Mapping[str, str]) -> None:
    assert set(passwords) == {
        "item-consumer", "item-producer", "mirror-reader", "mirror-writer", "stranger",
    }  # fmt: skip
    assert all(len(password) >= 32 for password in passwords.values())


def test_no_state_file_holds_a_password(stacks: SmallStacks, passwords: Mapping[str, str]) -> None:
    for file in _files(stacks.lab.state):
        assert not _holding(file.read_bytes(), passwords), file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_no_preview_or_output_shows_a_password(
    stacks: SmallStacks, passwords: Mapping[str, str], stack: str
) -> None:
    options = ["--project", str(stacks.directory)]
    for command in (["preview", stack], ["preview", stack, "--output", "json"], ["output", stack]):
        result = CliRunner().invoke(app, [*command, *options], env=dict(environment(stacks.lab)))
        assert result.exit_code == 0, result.output
        assert not _holding(result.output.encode(), passwords)


def test_no_log_holds_a_password(stacks: SmallStacks, passwords: Mapping[str, str]) -> None:
    for file in _files(stacks.lab.logs):
        assert not _holding(file.read_bytes(), passwords), file


def test_files_that_hold_a_password_are_for_their_owner_alone(
    stacks: SmallStacks, passwords: Mapping[str, str]
) -> None:
    for file in _files(stacks.lab.root):
        if _holding(file.read_bytes(), passwords):
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def test_no_process_argument_or_variable_holds_a_password(passwords: Mapping[str, str]) -> None:
    for process in psutil.process_iter():
        try:
            shown = json.dumps([process.cmdline(), process.environ()])
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        assert not _holding(shown.encode(), passwords), process


@pytest.mark.parametrize("site", ["dev", "stg"])
def test_no_object_but_the_secrets_meant_for_it_holds_a_password(
    stacks: SmallStacks, passwords: Mapping[str, str], site: str
) -> None:
    api = stacks.api(site)
    for api_version, kind in KINDS:
        for found in api.list_objects(api_version, kind)["items"]:
            assert not _holding(json.dumps(found).encode(), passwords), found["metadata"]["name"]
    holding: dict[str, Any] = {
        secret["metadata"]["name"]: _holding(json.dumps(secret.get("data")).encode(), passwords)
        for secret in api.list_objects("v1", "Secret")["items"]
    }
    users = {
        "dev": ["item-consumer", "item-producer", "mirror-reader", "stranger"],
        "stg": ["item-consumer", "item-producer", "mirror-writer", "stranger"],
    }[site]
    expected = {name: {user} for user in users for name in (user, f"{user}-password")}
    if site == "stg":
        expected["dev-to-stg-source-credential"] = {"mirror-reader"}
    assert {name: found for name, found in holding.items() if found} == expected


def test_a_user_at_stg_has_nothing_of_dev_but_its_own_password(stacks: SmallStacks) -> None:
    api = stacks.api("stg")
    for name in (
        "item-producer-password",
        "dev-to-stg-source-credential",
        "dev-to-stg-source-trust",
    ):
        secret = api.get("v1", "Secret", name, "kafka-stg")
        assert set(secret["data"]) <= {"password", "ca.crt"}
        assert "ownerReferences" not in secret["metadata"]
        assert not any(
            label.startswith("strimzi.io/") for label in secret["metadata"].get("labels", {})
        )
