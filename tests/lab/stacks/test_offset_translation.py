"""Translated offsets are those of Kafka's own RemoteClusterUtils: of the real flow, and of records nobody should write."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_mirror.errors import KafkaMirrorError, RefusedError, UnreachableError, UsageError
from kafka_mirror.live import translate_offsets
from lab.demo.applications import GROUP, Application
from lab.demo.reading import end_offsets, group_positions
from lab.demo.samples import receive, send
from lab.waiting import wait_until
from tests.lab.stacks.java_translation import Translated, translated_by_java
from tests.lab.stacks.load import application
from tests.lab.stacks.small import CHECKOUT, SmallStacks
from tests.mirrormaker.checkpoint_bytes import key_of, make_checkpoint, value_of

pytestmark = pytest.mark.lab

WITHIN = timedelta(seconds=60)
SETTLED_WITHIN = timedelta(seconds=180)
PAGE = CHECKOUT / "docs" / "client-side-translation.md"
COPIES = ("dev.items", "dev.Orders_EU")
CHECKPOINTS = "dev.checkpoints.internal"
ALIASES = ("plain", "malformed", "nothing", "tombstone", "version", "below-zero")
"""Of sites that are not there; their checkpoints are written by the tests."""
NOWHERE = "nowhere"
"""A site without checkpoints."""

Configuration = dict[str, Any]


def _topic(alias: str) -> str:
    return f"{alias}.checkpoints.internal"


@pytest.fixture(scope="module")
def users(
    stacks: SmallStacks, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Application]]:
    """A user that may read checkpoints, and one that may make them up."""
    topics = [_topic(alias) for alias in ALIASES]
    may_read = [{"pattern": r"dev\..*"}, *topics, _topic(NOWHERE)]
    made: dict[str, Any] = {
        "translator": [{"role": "consumer", "topics": may_read, "groups": [GROUP]}],
        "forger": [
            {"role": "admin", "topics": topics, "groups": []},
            {"role": "producer", "topics": topics},
        ],
    }

    def add(configuration: Configuration) -> None:
        for name, access in made.items():
            configuration["users"][name] = {"sites": ["stg"], "shared": True, "access": access}

    def remove(configuration: Configuration) -> None:
        for name in made:
            configuration["users"].pop(name, None)

    directory = tmp_path_factory.mktemp("translation")
    stacks.edit("stg", add)
    try:
        stacks.up("stg")
        outputs = stacks.outputs("stg")
        found = {
            name: Application.at(
                "stg",
                name,
                sites=outputs["sites"],
                passwords=outputs["credentials"],
                directory=directory,
            )
            for name in made
        }
        yield found
        for deleted in AdminClient(found["forger"].client()).delete_topics(topics).values():
            deleted.exception(15)  # of a test that did not run there is none
    finally:
        stacks.edit("stg", remove)
        stacks.up("stg")


def _ours(translator: Application, alias: str, group: str) -> Translated:
    try:
        found = translate_offsets(translator.client(), alias, group, timeout=WITHIN)
    except KafkaMirrorError as error:
        return Translated(type(error).__name__)
    return Translated(
        "translated", {(key.topic, key.partition, *value) for key, value in found.items()}
    )


def test_a_group_goes_on_where_kafka_itself_says(
    stacks: SmallStacks, users: dict[str, Application], tmp_path: Path
) -> None:
    translator = users["translator"]
    producer = application(stacks, "dev", "item-producer", tmp_path)
    reader = application(stacks, "dev", "item-consumer", tmp_path)
    successor = application(stacks, "stg", "item-consumer", tmp_path)
    for topic, count in (("items", 300), ("Orders_EU", 40)):
        send(producer, topic, count, start=0, printed=tmp_path / f"sent-{topic}.txt")
        receive(reader, topic, printed=tmp_path / f"received-{topic}.txt")
    send(producer, "items", 25, start=300, printed=tmp_path / "sent-later.txt")

    def partitions() -> set[str]:
        return {topic for topic, *_ in _ours(translator, "dev", GROUP).offsets}

    # The group may have read further topics, of other tests.
    assert wait_until(lambda: partitions() >= set(COPIES), within=SETTLED_WITHIN)
    assert wait_until(lambda: _is_at_rest(translator), within=SETTLED_WITHIN)
    pairs = [("dev", GROUP), ("dev", "nobody")]
    java = translated_by_java(translator, pairs, tmp_path, within=WITHIN)

    assert java == {pair: _ours(translator, *pair) for pair in pairs}
    assert java["dev", "nobody"] == Translated("translated")

    printed = _run_the_page(translator, tmp_path)

    offsets = sorted(java["dev", GROUP].offsets)
    assert printed.splitlines() == [
        f"{topic}[{partition}] goes on at {offset}" for topic, partition, offset, _ in offsets
    ]
    count = len(end_offsets(successor, "dev.items"))
    assert group_positions(successor, GROUP, "dev.items", count) == {
        partition: offset for topic, partition, offset, _ in offsets if topic == "dev.items"
    }
    read = receive(successor, "dev.items", printed=tmp_path / "received-at-stg.txt")
    assert {*range(300, 325)} <= set(read)


def _is_at_rest(translator: Application) -> bool:
    """Whether no checkpoint is written for a while: both readings must see the same ones."""
    before = end_offsets(translator, CHECKPOINTS)
    return not wait_until(
        lambda: end_offsets(translator, CHECKPOINTS) != before, within=timedelta(seconds=8)
    )


def _run_the_page(translator: Application, directory: Path) -> str:
    """Run the program of the documentation."""
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    file = directory / "move_group.py"
    file.write_text(program)
    done = subprocess.run(
        [sys.executable, str(file), "dev", GROUP],
        env={**os.environ, **translator.environment("items")},
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN.total_seconds(),
    )
    # The library may note there that a connection was opened once more.
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_records_that_nobody_should_write_are_read_as_kafka_reads_them(
    users: dict[str, Application], tmp_path: Path
) -> None:
    _forge(users["forger"])
    pairs = [(alias, "app") for alias in ALIASES]

    java = translated_by_java(users["translator"], pairs, tmp_path, within=WITHIN)
    ours = {pair: _ours(users["translator"], *pair) for pair in pairs}

    assert {alias: (java[alias, "app"].ended, ours[alias, "app"].ended) for alias in ALIASES} == {
        "plain": ("translated", "translated"),
        "malformed": ("translated", "translated"),
        "nothing": ("translated", "translated"),
        "tombstone": ("NullPointerException", "UsageError"),
        # The one difference on purpose: Kafka takes any version for version 0.
        "version": ("translated", "UsageError"),
        "below-zero": ("IllegalArgumentException", "UsageError"),
    }
    for alias in ("plain", "malformed", "nothing"):
        assert java[alias, "app"] == ours[alias, "app"]
    assert java["plain", "app"].offsets == {
        ("plain.items", 0, 60, "by hand"),
        ("plain.items", 1, 5, ""),
        ("plain.ä", -1, 0, "ü"),
    }


def _forge(forger: Application) -> None:
    """Write checkpoints of sites that are not there."""
    admin = AdminClient(forger.client())
    compacted = {"cleanup.policy": "compact"}
    topics = [NewTopic(_topic(alias), 1, 1, config=compacted) for alias in ALIASES]
    for made in admin.create_topics(topics).values():
        made.result(15)
    one = make_checkpoint(downstream=3)
    _put(
        forger,
        "plain",
        *(
            (key_of(each), value_of(each))
            for each in (
                make_checkpoint("app", "plain.items", 0, upstream=7, downstream=70),
                make_checkpoint("other", "plain.items", 1, upstream=7, downstream=70),
                make_checkpoint("app", "plain.items", 1, upstream=5, downstream=5),
                make_checkpoint("app", "plain.items", 0, downstream=60, metadata="by hand"),
                make_checkpoint("app", "plain.ä", -1, metadata="ü"),
            )
        ),
    )
    _put(
        forger,
        "malformed",
        (key_of(one), value_of(one)),
        (key_of(one), b""),
        (key_of(one), value_of(one)[:-1]),
        (key_of(one)[:-1], value_of(one)),
        (b"\xff\xff", value_of(one)),
        (key_of(one) + b"more", value_of(make_checkpoint(downstream=4)) + b"more"),
    )
    _put(forger, "tombstone", (key_of(one), value_of(one)), (key_of(one), None))
    _put(forger, "version", (key_of(one), value_of(one, version=1)))
    below = make_checkpoint(downstream=-1)
    _put(forger, "below-zero", (key_of(below), value_of(below)))


def _put(forger: Application, alias: str, *records: tuple[bytes, bytes | None]) -> None:
    producer = Producer(forger.client())
    refused: list[Any] = []
    for key, value in records:
        producer.produce(
            _topic(alias), value, key, on_delivery=lambda error, _: refused.append(error)
        )
    assert producer.flush(30) == 0
    assert refused == [None] * len(records)


def test_whoever_may_not_read_checkpoints_is_told(
    stacks: SmallStacks, users: dict[str, Application], tmp_path: Path
) -> None:
    stranger = application(stacks, "stg", "stranger", tmp_path)

    with pytest.raises(RefusedError) as told:
        translate_offsets(stranger.client(), "dev", GROUP, timeout=WITHIN)

    assert str(told.value) == (
        f"topic {CHECKPOINTS} at {stranger.bootstrap_servers}: the user may not read it. Give it Read on this topic "
        "at the target"
    )


def test_a_group_that_the_user_may_not_read_does_not_matter(users: dict[str, Application]) -> None:
    assert _ours(users["translator"], "dev", "a-group-of-others") == Translated("translated")


def test_an_alias_that_is_no_site_is_told(users: dict[str, Application]) -> None:
    translator = users["translator"]

    with pytest.raises(UsageError) as told:
        translate_offsets(translator.client(), NOWHERE, "app", timeout=WITHIN)

    assert str(told.value) == (
        f"there is no topic {_topic(NOWHERE)} at {translator.bootstrap_servers}: the source's alias is the "
        "name of its site, and the topic is there once the flow runs"
    )


@pytest.mark.soak
def test_kafka_itself_waits_for_an_alias_that_is_no_site(
    users: dict[str, Application], tmp_path: Path
) -> None:
    pairs = [(NOWHERE, "app")]

    java = translated_by_java(users["translator"], pairs, tmp_path, within=WITHIN)

    assert java == {(NOWHERE, "app"): Translated("TimeoutException")}


def test_a_wrong_password_is_told_at_once_and_not_shown(users: dict[str, Application]) -> None:
    wrong = {**users["translator"].client(), "sasl.password": "made-up-and-wrong"}

    with pytest.raises(UnreachableError) as told:
        translate_offsets(wrong, "dev", GROUP, timeout=timedelta(hours=1))

    assert "uthentication failed" in str(told.value)
    assert "made-up-and-wrong" not in str(told.value)
