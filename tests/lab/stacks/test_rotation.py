"""Passwords rotated under load: by generation, and by two users in turn. Nothing is lost, nothing doubled."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.errors import KafkaMirrorError
from lab.demo.samples import send
from lab.errors import LabError
from lab.processes import ProcessTable
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import (
    TOPIC,
    WITHIN,
    application,
    assert_nothing_lost,
    deployed,
    flow_status,
    loaded,
    noted,
    worker,
    written_bytes,
)
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
FOLLOWED = {
    ("update", "Secret/dev-to-stg-source-credential"),
    ("update", "KafkaMirrorMaker2/dev-to-stg"),
}
WORKERS_TOLD = " ! KafkaMirrorMaker2 dev-to-stg restarts its worker, and with it both connectors "
PASSWORD_TOLD = " ! KafkaUser {} gets another password "
SECOND_READER = "mirror-reader-b"
SECOND_PRODUCER = "item-producer-b"
ONCE_OR_OFTEN = [1, pytest.param(10, marks=pytest.mark.soak)]


def _rotate(stacks: SmallStacks, stack: str, *users: str) -> None:
    """Ask for new passwords."""

    def raise_generations(configuration: Configuration) -> None:
        for user in users:
            one = configuration["users"][user]
            one["generation"] = one.get("generation", 1) + 1

    stacks.edit(stack, raise_generations)


def _new_password(stack: str, user: str) -> set[tuple[str, str]]:
    return {
        ("replace", f"Stash/{user}-password"),
        ("update", f"Secret/{stack}-{user}-password"),
        ("update", f"KafkaUser/{stack}-{user}"),
    }


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_another_password_of_the_source_user_costs_a_restart_and_no_record(
    stacks: SmallStacks, tmp_path: Path, figures: Figures, times: int
) -> None:
    with loaded(stacks, tmp_path) as load:
        for _ in range(times):
            _rotate(stacks, "dev", "mirror-reader")
            with load.watching() as stale:
                owner = deployed(stacks, "dev")
            with load.watching_a_restart() as followed:
                reader = deployed(stacks, "stg")
            assert owner.changes == _new_password("dev", "mirror-reader")
            assert owner.told.startswith(PASSWORD_TOLD.format("dev-mirror-reader"))
            assert not stale.is_restarted
            assert reader.changes == FOLLOWED
            assert reader.told.startswith(WORKERS_TOLD)
            assert followed.is_restarted
        found = load.compared()

    noted(figures, f"source user's password, {times} time(s)", followed, found)
    assert_nothing_lost(found)


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_another_password_of_the_target_user_costs_a_restart_and_no_record(
    stacks: SmallStacks, tmp_path: Path, figures: Figures, times: int
) -> None:
    with loaded(stacks, tmp_path) as load:
        for _ in range(times):
            _rotate(stacks, "stg", "mirror-writer")
            with load.watching_a_restart() as followed:
                done = deployed(stacks, "stg")
            assert done.changes == _new_password("stg", "mirror-writer") | {
                ("update", "KafkaMirrorMaker2/dev-to-stg")
            }
            assert PASSWORD_TOLD.format("stg-mirror-writer") in done.told
            assert WORKERS_TOLD in done.told
            assert followed.is_restarted
        found = load.compared()

    noted(figures, f"target user's password, {times} time(s)", followed, found)
    assert_nothing_lost(found)


def test_applications_change_to_another_password_one_by_one(
    stacks: SmallStacks, tmp_path: Path
) -> None:
    before = application(stacks, "dev", "item-producer", tmp_path)
    with loaded(stacks, tmp_path) as load:
        _rotate(stacks, "dev", "item-producer", "item-consumer")
        owner, reader = deployed(stacks, "dev"), deployed(stacks, "stg")

        # The sender and the consumer at stg are connected with the old passwords, and go on.
        assert load.flows_on()
        with pytest.raises(LabError, match="uthentication"):
            send(before, TOPIC, 1, start=0, printed=tmp_path / "refused.txt")
        load.send_as("item-producer")
        found = load.compared()

    users = ("item-producer", "item-consumer")
    assert owner.changes == set().union(*(_new_password("dev", user) for user in users))
    assert reader.changes == {
        ("update", f"{kind}/stg-{user}{end}")
        for user in users
        for kind, end in (("Secret", "-password"), ("KafkaUser", ""))
    }
    assert {line.split(" gets ")[0] for line in reader.told.splitlines()} == {
        " ! KafkaUser stg-item-producer",
        " ! KafkaUser stg-item-consumer",
    }
    assert found.is_equal


def _in_turn(stacks: SmallStacks, user: str) -> None:
    def use(configuration: Configuration) -> None:
        configuration["flows"]["dev-to-stg"]["source"]["user"] = user

    stacks.edit("stg", use)


@contextmanager
def _second_users(stacks: SmallStacks) -> Iterator[None]:
    """Let dev have a second user beside each of two, with the same rights; take them away at the end."""
    first = {"mirror-reader": SECOND_READER, "item-producer": SECOND_PRODUCER}

    def add(configuration: Configuration) -> None:
        for one, second in first.items():
            configuration["users"][second] = {**configuration["users"][one]}
            configuration["users"][second].pop("generation", None)

    def remove(configuration: Configuration) -> None:
        for second in first.values():
            configuration["users"].pop(second, None)

    stacks.edit("dev", add)
    try:
        deployed(stacks, "dev")
        yield
    except BaseException:
        _in_turn(stacks, "mirror-reader")
        stacks.up("stg")
        raise
    finally:
        stacks.edit("dev", remove)
        done = deployed(stacks, "dev")
    for second in first.values():
        assert f" ! KafkaUser dev-{second} is gone for whoever still logs in as it " in done.told


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_two_users_in_turn_never_have_a_stale_password(
    stacks: SmallStacks, tmp_path: Path, figures: Figures, times: int
) -> None:
    written = (stacks.directory / "Pulumi.stg.yaml").read_text()
    with loaded(stacks, tmp_path) as load:
        try:
            with _second_users(stacks):
                load.send_as(SECOND_PRODUCER)
                for _ in range(times):
                    for user in (SECOND_READER, "mirror-reader"):
                        _in_turn(stacks, user)
                        with load.watching_a_restart() as watch:
                            done = deployed(stacks, "stg")
                        assert done.changes == FOLLOWED
                        assert done.told.startswith(WORKERS_TOLD)
                        assert watch.is_restarted
                load.send_as("item-producer")
                before = worker(stacks)
            # The second ones are gone now, and nothing that still uses one has been left.
            assert load.flows_on()
            assert worker(stacks) == before
            found = load.compared()
            _in_turn(stacks, SECOND_READER)
            with pytest.raises(KafkaMirrorError) as refused:
                stacks.preview("stg")
        finally:
            (stacks.directory / "Pulumi.stg.yaml").write_text(written)

    noted(figures, f"two source users in turn, {2 * times} time(s)", watch, found)
    assert_nothing_lost(found)
    assert str(refused.value).endswith(
        f"""flows["dev-to-stg"].source.user: site 'dev' has no user '{SECOND_READER}' """
        "(has item-consumer, item-producer, mirror-reader, stranger). Did you mean 'mirror-reader'?"
    )


@pytest.mark.soak
def test_a_stale_password_is_told_by_the_log_alone_until_the_reader_is_deployed(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    with loaded(stacks, tmp_path) as load:
        _rotate(stacks, "dev", "mirror-reader")
        deployed(stacks, "dev")
        with load.watching() as stale:
            flood = _reconnect(stacks)
            states = {one["connector"]["state"] for one in flow_status(stacks)["connectors"]}
            deployed(stacks, "stg")
        found = load.compared()

    noted(
        figures, "source user's password, and a reconnect before the reader follows", stale, found
    )
    figures("A stale password", **{"worker writes (MB/s)": f"{flood:.1f}", "connectors": states})
    assert states == {"RUNNING"}
    assert_nothing_lost(found)


def _reconnect(stacks: SmallStacks) -> float:
    """Break every connection to dev, and return how much the worker then writes, in MB a second."""
    broker = ProcessTable(stacks.lab.processes).find("kafka-dev-kafka-dev-dev-dual-role-0")
    assert broker is not None
    before = written_bytes(stacks)
    broker.signal(signal.SIGKILL)
    # More than it takes to say that a broker is away, which it says at most every second.
    assert wait_until(lambda: written_bytes(stacks) - before > 5_000_000, within=WITHIN)
    before, began = written_bytes(stacks), time.monotonic()
    assert wait_until(lambda: written_bytes(stacks) - before > 20_000_000, within=WITHIN)
    return (written_bytes(stacks) - before) / 1e6 / (time.monotonic() - began)
