"""Operations through the Pulumi CLI, whose place a prepared command takes: what it is told, and what is made of its answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

import engine
from engine import pulumi_cli
from kafka_mirror.cli.stack import app
from kafka_mirror.errors import UnreachableError, UsageError
from lab.waiting import wait_until
from tests.engine import fake_pulumi
from tests.engine.conftest import Sandbox

ROOT = "urn:pulumi:dev::small::pulumi:pulumi:Stack::small-dev"
TOPIC = "urn:pulumi:dev::small::small:index:Site$kubernetes:kafka.strimzi.io/v1:KafkaTopic::items"
CHECKOUT = Path(__file__).resolve().parents[2]
SOON = timedelta(seconds=60)
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
Json = dict[str, Any]


@dataclass
class Fake:
    """The stand-in on PATH, and a project to call it for."""

    room: Path
    sandbox: Sandbox

    def tell(self, command: str, **told: Any) -> None:
        (self.room / f"{command}.json").write_text(json.dumps(told))

    def run(self, operation: Callable[..., engine.Outcome]) -> engine.Outcome:
        return self.sandbox.run(operation)

    @property
    def calls(self) -> list[Json]:
        return [json.loads(line) for line in (self.room / "calls.jsonl").read_text().splitlines()]

    @property
    def commands(self) -> list[str]:
        return [call["command"] for call in self.calls]

    def call(self, command: str) -> Json:
        return next(call for call in self.calls if call["command"] == command)


@pytest.fixture
def fake(small: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    room, places = tmp_path / "room", tmp_path / "bin"
    room.mkdir()
    places.mkdir()
    command = places / "pulumi"
    # It needs nothing that is installed, and is started some ninety times.
    command.write_text(f"#!{sys.executable} -S\n" + Path(fake_pulumi.__file__).read_text())
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(places))
    monkeypatch.setenv("FAKE_PULUMI", str(room))
    return Fake(room, small)


def step(op: str, urn: str, event: str = "resOutputsEvent", **metadata: Any) -> Json:
    type_ = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    body = {"op": op, "urn": urn, "type": type_, "old": None, "new": None, **metadata}
    return {event: {"metadata": body}}


def says(severity: str, message: str, urn: str = "") -> Json:
    return {"diagnosticEvent": {"severity": severity, "message": message + "\n", "urn": urn}}


def state(**inputs: Any) -> Json:
    return {"inputs": inputs, "outputs": {}}


def test_without_the_command_it_says_what_to_install(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as refused:
        small.run(pulumi_cli.preview)
    assert str(refused.value) == (
        "--engine pulumi needs the command 'pulumi' on PATH. Install the Pulumi CLI, 3.257 or newer "
        "(https://www.pulumi.com/docs/install/), or leave --engine away: the embedded engine needs nothing else."
    )
    assert small.options.state_directory is not None
    assert not small.options.state_directory.exists()


def test_a_preview_runs_on_a_copy_with_a_home_and_a_backend_of_its_own(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://example.org")
    project = fake.sandbox.project.directory
    before = {file.name: file.read_text() for file in project.glob("Pulumi*")}

    fake.run(pulumi_cli.preview)

    call = fake.call("preview")
    state_directory = fake.sandbox.options.state_directory
    assert call["environment"]["PULUMI_BACKEND_URL"] == f"file://{state_directory}/pulumi/backend"
    assert call["environment"]["PULUMI_HOME"] == f"{state_directory}/pulumi/home"
    assert call["environment"]["PULUMI_PYTHON_CMD"] == sys.executable
    assert f"main: {project}\n" in call["files"]["Pulumi.yaml"]
    assert "generation: 1" in call["files"]["Pulumi.dev.yaml"]
    assert "--non-interactive" in call["arguments"]
    assert {file.name: file.read_text() for file in project.glob("Pulumi*")} == before
    copy = Path(call["arguments"][call["arguments"].index("--cwd") + 1])
    assert not copy.exists()


def test_a_stack_that_nothing_was_deployed_to_does_not_stay(fake: Fake) -> None:
    fake.run(pulumi_cli.preview)
    assert fake.commands == ["stack-init", "preview", "stack-rm"]


def test_up_previews_first_and_deploys_with_the_same_pack_and_settings(
    fake: Fake, tmp_path: Path
) -> None:
    fake.tell("up", resources=[{"urn": ROOT}])
    fake.sandbox.options = replace(
        fake.sandbox.options, policy_packs=(tmp_path,), policy_settings={"all": "advisory"}
    )
    fake.run(pulumi_cli.up)
    assert fake.commands == ["stack-init", "preview", "up"]
    preview, up = fake.call("preview"), fake.call("up")
    assert preview["arguments"][:3] == ["--policy-pack", str(tmp_path), "--policy-pack-config"]
    assert up["arguments"][:5] == ["--yes", "--skip-preview", *preview["arguments"][:3]]
    assert json.loads(up["files"]["policy-settings.json"]) == {"all": "advisory"}


def test_the_salt_of_the_state_is_used_again(fake: Fake) -> None:
    fake.tell("up", resources=[{"urn": ROOT}])
    fake.run(pulumi_cli.up)
    assert "encryptionsalt" not in fake.call("up")["files"]["Pulumi.dev.yaml"]
    fake.run(pulumi_cli.refresh)
    call = fake.call("refresh")
    assert call["arguments"][:2] == ["--yes", "--skip-preview"]
    assert "encryptionsalt: v1:c2FsdA==:proof" in call["files"]["Pulumi.dev.yaml"]
    assert fake.commands == ["stack-init", "preview", "up", "refresh"]


def test_its_events_become_steps_changes_and_outputs(fake: Fake) -> None:
    new = {**state(spec={"partitions": 6}, data={**SECRET, "ciphertext": "[secret]"})}
    old = {**state(spec={"partitions": 3}, data={**SECRET, "ciphertext": "[secret]"})}
    change: Json = {
        "old": old,
        "new": new,
        "detailedDiff": {"spec.partitions": {}, "data.password": {}},
    }
    outputs = {"names": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "credentials": SECRET}
    fake.tell(
        "preview",
        events=[
            {"preludeEvent": {"config": {}}},
            says("debug", "registering"),
            says("warning", "using a plugin from $PATH"),
            says("warning", "using a plugin from $PATH"),
            says("info#err", "printed by the program"),
            step("update", TOPIC, "resourcePreEvent", **change),
            step("update", TOPIC, **change),
            step("create-replacement", f"{TOPIC}2"),
            step("replace", f"{TOPIC}2", old=old, new=old),
            step("delete-replaced", f"{TOPIC}2"),
            step("same", ROOT, new={"inputs": {}, "outputs": outputs}),
        ],
    )

    outcome = fake.run(pulumi_cli.preview)

    assert [(str(one.op), one.name) for one in outcome.steps] == [
        ("update", "items"),
        ("replace", "items2"),
        ("same", "small-dev"),
    ]
    assert outcome.steps[0].changes == (
        engine.PropertyChange("spec.partitions", "3", "6"),
        engine.PropertyChange("data", "[secret]", "[secret]"),
    )
    assert outcome.steps[0].before["spec"] == {"partitions": 3}
    assert outcome.steps[0].after["spec"] == {"partitions": 6}
    assert outcome.steps[0].after["data"] == "[secret]"
    assert outcome.outputs == {"names": "[unknown]", "credentials": "[secret]"}
    assert [one.message for one in outcome.diagnostics] == [
        "using a plugin from $PATH",
        "printed by the program",
    ]
    started = [one for one in fake.sandbox.events if isinstance(one, engine.StepStarted)]
    assert [one.step.name for one in started] == ["items"]


VIOLATION = {
    "policyEvent": {
        "policyName": "few-partitions",
        "policyPackName": "names",
        "resourceUrn": TOPIC,
        "enforcementLevel": "mandatory",
        "message": "Few partitions.\n7 partitions, at most 6",
    }
}
FAILED = says("error", "preview failed")
REFUSED: list[Any] = [
    pytest.param(
        [VIOLATION, FAILED],
        "",
        engine.PolicyError,
        "few-partitions: KafkaTopic 'items': Few partitions.\n7 partitions, at most 6",
        id="a violated policy",
    ),
    pytest.param(
        [
            says("error", "small:broken: is set. Leave it out.", ROOT),
            says("error", "an unhandled error occurred: program exited with non-zero exit code: 1"),
        ],
        "",
        engine.ProgramError,
        "small:broken: is set. Leave it out.",
        id="a message of the program",
    ),
    pytest.param(
        [says("error", "Traceback (most recent call last):\nKeyError: 'x'", ROOT)],
        "",
        engine.ProgramBugError,
        "Traceback (most recent call last):\nKeyError: 'x'",
        id="a bug of the program",
    ),
    pytest.param(
        [says("error", 'Preview failed: unknown stack "organization/small/prod"', ROOT), FAILED],
        "",
        UsageError,
        "stack 'prod' was never deployed: run `kafka-mirror stack up prod --engine pulumi` first",
        id="another stack that was never deployed",
    ),
    pytest.param(
        [],
        "error: getting secrets manager: incorrect passphrase\n",
        engine.PassphraseError,
        "stack 'dev': getting secrets manager: incorrect passphrase",
        id="a wrong passphrase",
    ),
    pytest.param(
        [],
        "error: the stack is currently locked by 1 lock(s).\n",
        engine.LockedError,
        "stack 'dev': the stack is currently locked by 1 lock(s).",
        id="a stack in use",
    ),
    pytest.param(
        [],
        "error: unknown flag: --event-log\n",
        UsageError,
        "stack 'dev': pulumi says: unknown flag: --event-log",
        id="anything else before it begins",
    ),
]


@pytest.mark.parametrize(("events", "stderr", "error", "message"), REFUSED)
def test_what_it_refuses_is_told_as_the_embedded_engine_tells_it(
    fake: Fake, events: list[Json], stderr: str, error: type[Exception], message: str
) -> None:
    fake.tell("preview", events=events, stderr=stderr, code=1)
    with pytest.raises(error) as refused:
        fake.run(pulumi_cli.up)
    assert type(refused.value) is error
    assert str(refused.value) == message
    assert "up" not in fake.commands


def test_a_failed_step_is_told_with_its_resource_and_the_outcome_so_far(fake: Fake) -> None:
    traceback = says("info#err", "Traceback (most recent call last):")
    failed = step("create", TOPIC, "resOpFailedEvent")
    events = [says("error", "not ready", TOPIC), failed, says("error", "update failed"), traceback]
    fake.tell("up", events=events, code=1, resources=[{"urn": ROOT}])
    with pytest.raises(engine.DeploymentError) as refused:
        fake.run(pulumi_cli.up)
    assert str(refused.value) == "KafkaTopic 'items': not ready"
    assert [one.name for one in refused.value.outcome.steps] == ["items"]
    assert refused.value.outcome.phase is engine.Phase.UPDATE


def test_a_cluster_that_does_not_answer_is_one_message(fake: Fake) -> None:
    said = (
        'configured Kubernetes cluster is unreachable: Get "https://127.0.0.1:1/openapi": refused'
    )
    events = [says("error", said, TOPIC), says("error", f"{said}!", f"{TOPIC}2")]
    fake.tell("up", events=events, code=1)
    with pytest.raises(UnreachableError) as refused:
        fake.run(pulumi_cli.up)
    assert str(refused.value) == (
        f"a cluster of stack 'dev' at https://127.0.0.1:1: KafkaTopic 'items': {said}"
    )


def test_who_stops_it_lets_it_end_in_good_order(fake: Fake) -> None:
    fake.tell("up", events=[step("create", TOPIC, "resourcePreEvent")], waits=1, code=1)

    def stop(event: engine.Event) -> None:
        if isinstance(event, engine.StepStarted):
            fake.sandbox.options.cancelled.set()

    with pytest.raises(engine.DeploymentError, match="The run was stopped"):
        pulumi_cli.up(fake.sandbox.project, "dev", options=fake.sandbox.options, on_event=stop)


@pytest.mark.parametrize("operation", [pulumi_cli.refresh, pulumi_cli.destroy])
def test_a_stack_that_was_never_deployed_is_told(
    fake: Fake, operation: Callable[..., engine.Outcome]
) -> None:
    with pytest.raises(UsageError) as refused:
        fake.run(operation)
    assert str(refused.value) == (
        "stack 'dev' was never deployed: run `kafka-mirror stack up dev --engine pulumi` first"
    )


def test_the_command_uses_it_for_every_operation(fake: Fake) -> None:
    fake.tell("up", resources=[{"urn": ROOT}])
    fake.tell("stack-output", stdout='{"names": ["items"], "credentials": "[secret]"}')
    sandbox = fake.sandbox
    for command in ("up", "preview", "refresh", "output", "destroy"):
        result = CliRunner().invoke(
            app,
            [
                command,
                "dev",
                "--engine",
                "pulumi",
                "--project",
                str(sandbox.project.directory),
                "--state-dir",
                str(sandbox.options.state_directory),
            ],
        )
        assert result.exit_code == 0, result.output
        if command == "output":
            assert result.stdout == 'credentials  [secret]\nnames        ["items"]\n'
    assert fake.commands[-5:] == ["up", "preview", "refresh", "stack-output", "destroy"]


def test_refresh_and_force_reach_preview_and_up_alike(fake: Fake) -> None:
    fake.tell("up", resources=[{"urn": ROOT}])
    fake.sandbox.options = replace(fake.sandbox.options, refresh=True, force_conflicts=True)
    fake.run(pulumi_cli.preview)
    fake.run(pulumi_cli.up)
    for call in (fake.call("preview"), fake.call("up")):
        assert "--refresh" in call["arguments"]
        assert call["environment"]["PULUMI_K8S_ENABLE_PATCH_FORCE"] == "true"


def test_nothing_is_forced_unasked(fake: Fake) -> None:
    fake.run(pulumi_cli.preview)
    assert "PULUMI_K8S_ENABLE_PATCH_FORCE" not in fake.call("preview")["environment"]


def test_a_cli_that_is_too_old_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PULUMI_VERSION", "v3.200.1")
    with pytest.raises(UsageError) as refused:
        fake.run(pulumi_cli.preview)
    assert str(refused.value).endswith(
        "pulumi is version 3.200.1. Install the Pulumi CLI, 3.257 or newer "
        "(https://www.pulumi.com/docs/install/), or leave --engine away: the embedded engine needs nothing else."
    )


def test_one_that_does_not_know_its_version_is_taken(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PULUMI_VERSION", "unknown")
    fake.run(pulumi_cli.preview)


def test_a_missing_provider_is_told_with_the_command_that_installs_it(fake: Fake) -> None:
    said = (
        "Could not automatically download and install resource plugin 'pulumi-resource-kubernetes' at version v4.34.2, "
        "install the plugin using `pulumi plugin install resource kubernetes v4.34.2`: failed all 5 attempts"
    )
    fake.tell("preview", events=[says("error", said, TOPIC)], code=1)
    with pytest.raises(UsageError) as refused:
        fake.run(pulumi_cli.preview)
    home = f"{fake.sandbox.options.state_directory}/pulumi/home"
    assert str(refused.value) == (
        "--engine pulumi needs 'pulumi-resource-kubernetes' v4.34.2, which could not be downloaded. Put it on PATH, or "
        f"install it with `PULUMI_HOME={home} pulumi plugin install resource kubernetes v4.34.2`."
    )


def test_a_missing_language_host_is_told(fake: Fake) -> None:
    said = (
        "error: no language plugin 'pulumi-language-python' found in the workspace or on your $PATH"
    )
    fake.tell("preview", stderr=said, code=1)
    with pytest.raises(UsageError) as refused:
        fake.run(pulumi_cli.preview)
    assert str(refused.value) == (
        "--engine pulumi needs 'pulumi-language-python' beside the command 'pulumi', or on PATH. It comes with the "
        "Pulumi CLI (https://www.pulumi.com/docs/install/)."
    )


def test_a_stack_of_the_embedded_engine_is_not_made_a_second_time(fake: Fake) -> None:
    fake.sandbox.up()
    for operation in (pulumi_cli.preview, pulumi_cli.up, pulumi_cli.destroy):
        with pytest.raises(UsageError) as refused:
            fake.run(operation)
        assert str(refused.value) == (
            "stack 'dev' was deployed by the embedded engine, and the Pulumi CLI has no state of it. Leave --engine away, "
            f"or hand the state over: `pulumi stack import --file {fake.sandbox.state_file}` (docs/pulumi.md)."
        )


def _lock(fake: Fake, *, pid: int, host: str) -> Path:
    locks = _root(fake) / "backend" / ".pulumi" / "locks" / "organization" / "small" / "dev"
    locks.mkdir(parents=True)
    content = {"pid": pid, "hostname": host, "timestamp": "2026-11-21T10:00:00Z"}
    (locks / "1.json").write_text(json.dumps(content))
    return locks / "1.json"


def _root(fake: Fake) -> Path:
    assert fake.sandbox.options.state_directory is not None
    return fake.sandbox.options.state_directory / "pulumi"


def test_the_lock_of_a_killed_cli_is_taken_away(fake: Fake) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    _lock(fake, pid=ended.pid, host=socket.gethostname())
    fake.run(pulumi_cli.preview)
    assert fake.commands[:3] == ["cancel", "stack-init", "preview"]


@pytest.mark.parametrize("host", [socket.gethostname(), "elsewhere"])
def test_a_lock_of_one_that_may_still_run_is_respected(fake: Fake, host: str) -> None:
    file = _lock(fake, pid=os.getpid(), host=host)
    with pytest.raises(engine.LockedError) as refused:
        fake.run(pulumi_cli.preview)
    assert str(refused.value) == (
        f"stack 'dev' is in use by the Pulumi CLI, process {os.getpid()} on {host}, since 2026-11-21T10:00:00Z. "
        f"Wait for it, or stop it; if it is gone for good, delete {file}."
    )
    assert not (fake.room / "calls.jsonl").exists()


def test_two_runs_of_a_stack_do_not_meet(fake: Fake) -> None:
    fake.tell("up", events=[step("create", TOPIC, "resourcePreEvent")], resources=[{"urn": ROOT}])
    refused: list[str] = []

    def meddle(event: engine.Event) -> None:
        if isinstance(event, engine.StepStarted):
            with pytest.raises(engine.LockedError) as error:
                pulumi_cli.preview(fake.sandbox.project, "dev", options=fake.sandbox.options)
            refused.append(str(error.value))

    pulumi_cli.up(fake.sandbox.project, "dev", options=fake.sandbox.options, on_event=meddle)

    assert len(refused) == 1
    assert f"stack 'dev' is in use by process {os.getpid()}" in refused[0]
    assert "`up`" in refused[0]


def test_what_a_killed_run_has_created_is_put_into_the_state_first(fake: Fake) -> None:
    provider = "urn:pulumi:dev::small::pulumi:providers:kubernetes::cluster"
    metadata = {"name": "items", "namespace": "shop"}
    inputs = {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic", "metadata": metadata}
    topic = {
        "urn": TOPIC,
        "type": "kubernetes:kafka.strimzi.io/v1:KafkaTopic",
        "custom": True,
        "provider": f"{provider}::1",
        "inputs": inputs,
    }
    cluster = {"urn": provider, "type": "pulumi:providers:kubernetes", "custom": True, "id": "1"}
    pending = [{"type": "creating", "resource": topic}]
    fake.tell("up", resources=[cluster], pending=pending, dies=True)
    with pytest.raises(engine.DeploymentError) as killed:
        fake.run(pulumi_cli.up)
    assert str(killed.value) == (
        "the Pulumi CLI was ended by SIGKILL. The next `up` finds out what became of the steps that had begun."
    )
    assert "stack-rm" not in fake.commands
    fake.sandbox.cluster.add({**inputs, "spec": {}}, manager="pulumi-kubernetes")

    fake.tell("destroy")
    fake.run(pulumi_cli.destroy)

    assert fake.commands[-2:] == ["stack-import", "destroy"]
    kept = json.loads(
        (_root(fake) / "backend" / ".pulumi" / "stacks" / "small" / "dev.json").read_text()
    )
    latest = kept["checkpoint"]["latest"]
    assert "pending_operations" not in latest
    assert latest["secrets_providers"]["state"]["salt"] == "v1:c2FsdA==:proof"
    found = latest["resources"][-1]
    assert (found["urn"], found["id"]) == (TOPIC, "shop/items")
    assert found["initErrors"] == ["its creation was interrupted"]

    fake.run(pulumi_cli.destroy)
    assert fake.commands[-2:] == ["destroy", "destroy"]


def test_a_killed_cli_leaves_no_child_behind(fake: Fake) -> None:
    fake.tell("up", dies=True)
    with pytest.raises(engine.DeploymentError):
        fake.run(pulumi_cli.up)
    child = int((fake.room / "child").read_text())
    assert wait_until(lambda: _has_ended(child), within=SOON)


def _has_ended(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_who_asks_twice_does_not_wait(fake: Fake) -> None:
    fake.tell("up", events=[step("create", TOPIC, "resourcePreEvent")], waits=2, code=1)
    asked = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])

    def stop(event: engine.Event) -> None:
        if isinstance(event, engine.StepStarted):
            asked.start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pulumi_cli.up(fake.sandbox.project, "dev", options=fake.sandbox.options, on_event=stop)
    asked.join()
    assert fake.commands[-1] == "stack-rm"


def test_the_cli_is_told_to_end_when_this_process_is_killed(fake: Fake) -> None:
    fake.tell("up", waits=1, code=1)
    directory = fake.sandbox.project.directory
    program = (
        "import pathlib\nimport engine\nfrom engine import pulumi_cli\n"
        f"options = engine.Options(state_directory=pathlib.Path({str(fake.sandbox.options.state_directory)!r}))\n"
        f"pulumi_cli.up(engine.Project.load({str(directory)!r}), 'dev', options=options)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT) as process:
        calls = fake.room / "calls.jsonl"
        assert wait_until(lambda: calls.exists() and '"up"' in calls.read_text(), within=SOON)
        cli = next(one for one in psutil.Process(process.pid).children() if "up" in one.cmdline())
        process.kill()
    cli.wait(SOON.total_seconds())
