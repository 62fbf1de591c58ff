"""The small stacks through the real Pulumi CLI in a lab of their own, from nothing to nothing.

In order: each test leaves the stacks to the next one, deployed and the CLI's, and the last one destroys them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

import engine
import lab
from engine import pulumi_cli
from engine.readiness import Condition
from lab.demo.applications import Application
from lab.demo.comparison import compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import send
from lab.deployment import engine_options
from lab.processes import ProcessTable
from lab.waiting import wait_until
from tests.lab.stacks import beside
from tests.lab.stacks.small import CHECKOUT, SmallStacks, changed
from tests.pulumi import States, assert_alike, needs_pulumi

pytestmark = [pytest.mark.lab, *needs_pulumi()]

SOON = timedelta(seconds=60)
LATER = timedelta(seconds=180)
STACKS = ("dev", "stg")
KAFKA = "kafka.strimzi.io/v1"
Configuration = dict[str, Any]


@pytest.fixture(scope="module")
def pulumi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStacks]:
    """Both stacks, deployed by the CLI into empty clusters."""
    root = tmp_path_factory.mktemp("pulumi")
    with lab.running(root / "lab", sites=STACKS) as directory:
        (root / "project").mkdir()
        small = SmallStacks.copied(root / "project", directory)
        for stack in STACKS:
            assert engine.Op.CREATE in small.run(pulumi_cli.up, stack).changes
        yield small


@pytest.fixture
def states(pulumi: SmallStacks) -> States:
    return States(pulumi.project(), engine_options(pulumi.lab))


def _outputs(pulumi: SmallStacks, stack: str) -> Any:
    options = engine_options(pulumi.lab)
    return pulumi_cli.outputs(pulumi.project(), stack, options=options, show_secrets=True)


def _generations(pulumi: SmallStacks, stack: str) -> dict[str, int]:
    """Return how often the specification of each object of a stack was changed; the operator writes the rest."""
    api = pulumi.api(stack)
    kinds = ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2")
    return {
        f"{kind} {found['metadata']['name']}": found["metadata"]["generation"]
        for kind in kinds
        for found in api.list_objects(KAFKA, kind, f"kafka-{stack}")["items"]
    }


def test_records_are_mirrored_exactly_as_they_were(pulumi: SmallStacks, tmp_path: Path) -> None:
    outputs = {stack: _outputs(pulumi, stack) for stack in STACKS}

    def application(site: str, user: str) -> Application:
        sites, passwords = outputs[site]["sites"], outputs["dev"]["credentials"]
        return Application.at(site, user, sites=sites, passwords=passwords, directory=tmp_path)

    source, target = (application(site, "item-consumer") for site in STACKS)
    send(application("dev", "item-producer"), "items", 200, start=0, printed=tmp_path / "sent.txt")
    expected = end_offsets(source, "items")
    assert wait_until(lambda: end_offsets(target, "dev.items") == expected, within=LATER)
    found = compare("items", read_topic(source, "items"), read_topic(target, "dev.items"))
    assert found.is_equal
    assert found.at_target >= 200


@pytest.mark.parametrize("stack", STACKS)
def test_deploying_again_changes_nothing(pulumi: SmallStacks, stack: str) -> None:
    before = _generations(pulumi, stack)
    assert changed(pulumi.run(pulumi_cli.up, stack)) == set()
    assert _generations(pulumi, stack) == before


def test_a_deployed_stack_previews_with_every_cluster_down(pulumi: SmallStacks) -> None:
    with pulumi.clusters_down():
        for stack in STACKS:
            assert changed(pulumi.run(pulumi_cli.preview, stack)) == set()


def test_a_violated_policy_ends_it_before_anything_is_applied(pulumi: SmallStacks) -> None:
    file = pulumi.directory / "Pulumi.stg.yaml"
    written, before = file.read_text(), _generations(pulumi, "stg")

    def weaken(configuration: Configuration) -> None:
        configuration["flows"]["dev-to-stg"]["tuning"] = {"replication.factor": 3}

    pulumi.edit("stg", weaken)
    try:
        with pytest.raises(engine.PolicyError) as refused:
            pulumi.run(pulumi_cli.up, "stg")
    finally:
        file.write_text(written)
    assert str(refused.value).startswith("replication-factor-fits-brokers: KafkaMirrorMaker2")
    assert refused.value.exit_code == 1
    assert refused.value.outcome.phase is engine.Phase.PREVIEW
    assert _generations(pulumi, "stg") == before


def test_no_password_is_in_the_files_of_the_cli(pulumi: SmallStacks) -> None:
    passwords = {value.encode() for value in _outputs(pulumi, "dev")["credentials"].values()}
    files = [file for file in (pulumi.lab.state / "pulumi").rglob("*") if file.is_file()]
    assert any(file.name == "dev.json" for file in files)
    for file in files:
        content = file.read_bytes()
        assert not any(password in content for password in passwords), file
        assert not file.stat().st_mode & 0o077, file


def test_a_state_handed_over_and_back_is_the_same_and_changes_nothing(
    pulumi: SmallStacks, states: States
) -> None:
    live = {stack: _generations(pulumi, stack) for stack in STACKS}
    for stack in STACKS:
        outputs = _outputs(pulumi, stack)
        states.to_embedded(stack)
        handed = states.opened(stack)

        assert changed(pulumi.preview(stack)) == set()
        assert changed(pulumi.up(stack)) == set()
        assert pulumi.outputs(stack) == outputs
        kept = states.opened(stack)
        assert kept == handed

    for stack in STACKS:
        kept = states.opened(stack)
        states.to_pulumi(stack)

        assert changed(pulumi.run(pulumi_cli.preview, stack)) == set()
        assert changed(pulumi.run(pulumi_cli.up, stack)) == set()
        states.to_embedded(stack)
        assert states.opened(stack) == kept
    assert {stack: _generations(pulumi, stack) for stack in STACKS} == live


def test_what_the_embedded_engine_changed_goes_on_with_the_cli(
    pulumi: SmallStacks, states: States
) -> None:
    def grow(configuration: Configuration) -> None:
        configuration["topics"]["items"]["partitions"] += 1
        configuration["users"]["guest"] = {"sites": ["dev"]}

    def leave(configuration: Configuration) -> None:
        del configuration["users"]["guest"]

    states.to_embedded("dev")
    pulumi.edit("dev", grow)
    pulumi.up("dev")
    states.to_pulumi("dev")
    assert changed(pulumi.run(pulumi_cli.up, "dev")) == set()

    pulumi.edit("dev", leave)

    own = {"Stash/guest-password", "Secret/dev-guest-password", "KafkaUser/dev-guest"}
    done = pulumi.run(pulumi_cli.up, "dev")
    assert changed(done) == {("delete", name) for name in own}
    assert [change.path for change in done.changed_outputs] == ["sites.dev.users.guest"]
    assert pulumi.api("dev").find(KAFKA, "KafkaUser", "guest", "kafka-dev") is None


def test_both_engines_find_and_mend_the_same_drift(pulumi: SmallStacks, states: States) -> None:
    api = pulumi.api("dev")
    api.patch(
        KAFKA,
        "KafkaTopic",
        "items",
        "kafka-dev",
        patch={"spec": {"config": {"retention.ms": 1000}}},
        field_manager="somebody",
    )
    api.delete("v1", "Secret", "stranger-password", "kafka-dev")
    states.to_embedded("dev")

    embedded = pulumi.run(engine.refresh, "dev")
    refreshed = pulumi.run(pulumi_cli.refresh, "dev")
    assert changed(embedded) == changed(refreshed) == {("delete", "Secret/dev-stranger-password")}
    assert_alike(pulumi.preview("dev"), pulumi.run(pulumi_cli.preview, "dev"))

    pulumi.run(pulumi_cli.up, "dev")
    assert api.find("v1", "Secret", "stranger-password", "kafka-dev")
    assert changed(pulumi.run(pulumi_cli.up, "dev")) == set()


def _add_guest(configuration: Configuration) -> None:
    configuration["users"]["guest"] = {"sites": ["dev"]}


def _remove_guest(configuration: Configuration) -> None:
    del configuration["users"]["guest"]


@contextmanager
def _nothing_becomes_ready(pulumi: SmallStacks) -> Iterator[None]:
    """Hold the operator, so that a deployment waits."""
    operator = _operator(pulumi)
    operator.suspend()
    try:
        yield
    finally:
        operator.resume()


def _operator(pulumi: SmallStacks) -> psutil.Process:
    records = ProcessTable(pulumi.lab.processes).records()
    return psutil.Process(next(one.pid for one in records if one.name == "operator"))


@pytest.fixture
def with_guest(pulumi: SmallStacks) -> Iterator[None]:
    """A user more in the configuration, whose creation a test does not let come to its end."""
    pulumi.edit("dev", _add_guest)
    yield
    pulumi.edit("dev", _remove_guest)
    pulumi.run(pulumi_cli.up, "dev")
    assert _guest(pulumi) is None


def _guest(pulumi: SmallStacks) -> Any:
    return pulumi.api("dev").find(KAFKA, "KafkaUser", "guest", "kafka-dev")


def _is_ready(live: Any) -> bool:
    return live is not None and Condition("Ready", "True").is_met(live)


def _cli() -> psutil.Process:
    """Return the CLI that this process runs."""
    (cli,) = (one for one in psutil.Process().children() if one.name() == "pulumi")
    return cli


def _kill_while_awaited(pulumi: SmallStacks) -> None:
    assert wait_until(lambda: _guest(pulumi) is not None, within=SOON)
    _cli().kill()


def _kill_when_it_is_ready_and_not_recorded(pulumi: SmallStacks) -> None:
    cli = _cli()
    assert wait_until(lambda: _guest(pulumi) is not None, within=SOON)
    cli.suspend()
    _operator(pulumi).resume()
    assert wait_until(lambda: _is_ready(_guest(pulumi)), within=SOON)
    cli.kill()


MOMENTS: list[Any] = [
    pytest.param("dev-guest-password", lambda _: _cli().kill(), id="as a Secret begins"),
    pytest.param("dev-guest", lambda _: _cli().kill(), id="as a user begins"),
    pytest.param("dev-guest", _kill_while_awaited, id="while a user is awaited"),
    pytest.param(
        "dev-guest", _kill_when_it_is_ready_and_not_recorded, id="when a user is ready, unrecorded"
    ),
]


@pytest.mark.usefixtures("with_guest")
@pytest.mark.parametrize(("name", "kill"), MOMENTS)
def test_a_killed_cli_is_gone_on_from(
    pulumi: SmallStacks, name: str, kill: Callable[[SmallStacks], None]
) -> None:
    _run_killed(pulumi, pulumi_cli.up, "dev", name, kill)

    pulumi.run(pulumi_cli.up, "dev")

    assert _is_ready(_guest(pulumi))
    assert changed(pulumi.run(pulumi_cli.up, "dev")) == set()


def test_an_update_by_a_killed_cli_is_made_again(pulumi: SmallStacks) -> None:
    def topic() -> Any:
        return pulumi.api("dev").find(KAFKA, "KafkaTopic", "items", "kafka-dev")

    def grow(configuration: Configuration) -> None:
        configuration["topics"]["items"]["partitions"] += 1

    def kill(_: SmallStacks) -> None:
        assert wait_until(lambda: topic()["spec"]["partitions"] == before + 1, within=SOON)
        _cli().kill()

    before = topic()["spec"]["partitions"]
    pulumi.edit("dev", grow)
    _run_killed(pulumi, pulumi_cli.up, "dev", "dev-items", kill)

    pulumi.run(pulumi_cli.up, "dev")

    assert _is_ready(topic())
    assert changed(pulumi.run(pulumi_cli.up, "dev")) == set()


def _run_killed(
    pulumi: SmallStacks,
    operation: Callable[..., engine.Outcome],
    stack: str,
    name: str,
    kill: Callable[[SmallStacks], None],
) -> None:
    """Run an operation, with the operator held, whose CLI is killed during the step on a resource."""

    def watch(event: engine.Event) -> None:
        if not isinstance(event, engine.StepStarted) or event.phase is engine.Phase.PREVIEW:
            return
        if event.step.name == name:
            kill(pulumi)

    options = engine_options(pulumi.lab)
    with (
        _nothing_becomes_ready(pulumi),
        pytest.raises(engine.DeploymentError, match="was ended by SIGKILL"),
    ):
        operation(pulumi.project(), stack, options=options, on_event=watch)
    assert _lonely_plugins() == []


def test_kafkas_of_others_are_read_and_left_as_they_are(pulumi: SmallStacks) -> None:
    before = beside.of_others(pulumi)
    with beside.written(pulumi):
        try:
            pulumi.run(pulumi_cli.up, beside.STACK)
            made = beside.of_the_stack(pulumi)
            again = changed(pulumi.run(pulumi_cli.up, beside.STACK))
        finally:
            pulumi.run(pulumi_cli.destroy, beside.STACK)

    assert len(made) == 4
    assert again == set()
    assert beside.of_the_stack(pulumi) == []
    assert beside.of_others(pulumi) == before


@pytest.mark.usefixtures("with_guest")
def test_an_interrupted_command_ends_in_good_order(pulumi: SmallStacks) -> None:
    with _nothing_becomes_ready(pulumi), _command(pulumi, "up", "dev") as process:
        assert wait_until(lambda: _guest(pulumi) is not None, within=LATER)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=LATER.total_seconds())
    assert process.returncode == 130, printed
    assert "Traceback" not in printed
    assert _lonely_plugins() == []

    pulumi.run(pulumi_cli.up, "dev")

    assert changed(pulumi.run(pulumi_cli.up, "dev")) == set()


def _command(pulumi: SmallStacks, command: str, stack: str) -> subprocess.Popen[str]:
    program = "from kafka_mirror.cli import main; main()"
    options = engine_options(pulumi.lab)
    arguments = ["--project", str(pulumi.directory), "--engine", "pulumi"]
    return subprocess.Popen(
        [sys.executable, "-c", program, "stack", command, stack, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **options.environment, "NO_COLOR": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _lonely_plugins() -> list[str]:
    """Return the parts of the CLI that still run and that this process, or nobody, is the parent of."""
    found = []
    for process in psutil.process_iter(["name", "ppid", "status", "cmdline"]):
        name, parent = process.info["name"] or "", process.info["ppid"]
        # One that is about to end has no command line any more, and after that waits for its parent.
        is_over = process.info["status"] == psutil.STATUS_ZOMBIE or not process.info["cmdline"]
        if name.startswith("pulumi") and parent in {1, os.getpid()} and not is_over:
            found.append(" ".join(process.info["cmdline"]))
    return found


def test_what_a_killed_cli_was_making_is_destroyed_with_the_rest(pulumi: SmallStacks) -> None:
    pulumi.edit("dev", _add_guest)
    _run_killed(pulumi, pulumi_cli.up, "dev", "dev-guest", _kill_while_awaited)
    _destroy(pulumi, "stg")

    _run_killed(pulumi, pulumi_cli.destroy, "dev", "dev-items", lambda _: _cli().kill())
    _destroy(pulumi, "dev")


def _destroy(pulumi: SmallStacks, stack: str) -> None:
    outcome = pulumi.run(pulumi_cli.destroy, stack)
    assert set(outcome.changes) == {engine.Op.DELETE}
    assert _generations(pulumi, stack) == {}
    assert pulumi.api(stack).find("v1", "Namespace", f"kafka-{stack}") is None
