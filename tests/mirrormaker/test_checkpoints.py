"""Checkpoints are read as Kafka writes them, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.mirrormaker.checkpoints import (
    Checkpoint,
    CheckpointVersionError,
    MalformedCheckpointError,
    decode_checkpoint,
)
from tests.mirrormaker.checkpoint_bytes import key_of, make_checkpoint, value_of

KEY = bytes.fromhex("0003 617070  0009 6465762e6974656d73  00000002")
VALUE = bytes.fromhex("0000  0000000000000102  00000000000000ff  0002 c3bc")

offsets = st.integers(-(2**63), 2**63 - 1)
texts = st.text(max_size=300)
checkpoints = st.builds(
    Checkpoint,
    group=texts,
    topic=texts,
    partition=st.integers(-(2**31), 2**31 - 1),
    upstream_offset=offsets,
    downstream_offset=offsets,
    metadata=texts,
)


def test_a_checkpoint_is_its_bytes() -> None:
    assert decode_checkpoint(KEY, VALUE) == Checkpoint(
        group="app",
        topic="dev.items",
        partition=2,
        upstream_offset=258,
        downstream_offset=255,
        metadata="ü",
    )


@given(checkpoint=checkpoints, rest=st.binary(max_size=5))
def test_what_was_written_is_read_whatever_stands_behind_it(
    checkpoint: Checkpoint, rest: bytes
) -> None:
    assert decode_checkpoint(key_of(checkpoint) + rest, value_of(checkpoint) + rest) == checkpoint


@pytest.mark.parametrize("end", range(len(KEY)))
def test_a_key_that_ends_early_is_none(end: int) -> None:
    with pytest.raises(MalformedCheckpointError):
        decode_checkpoint(KEY[:end], VALUE)


@pytest.mark.parametrize("end", range(len(VALUE)))
def test_a_value_that_ends_early_is_none(end: int) -> None:
    with pytest.raises(MalformedCheckpointError):
        decode_checkpoint(KEY, VALUE[:end])


def test_a_text_of_less_than_nothing_is_none() -> None:
    with pytest.raises(MalformedCheckpointError, match="a text of -1 bytes at byte 2"):
        decode_checkpoint(bytes.fromhex("ffff"), VALUE)


@pytest.mark.parametrize("version", [1, 2, -1, 2**15 - 1])
def test_another_version_is_told_even_if_nothing_else_can_be_read(version: int) -> None:
    value = value_of(make_checkpoint(), version=version)

    with pytest.raises(
        CheckpointVersionError, match=f"^a checkpoint of version {version}, where 0 is known$"
    ):
        decode_checkpoint(b"", value[:2])


def test_a_text_that_is_no_utf_8_is_read_with_marks_as_java_does() -> None:
    value = VALUE[:18] + bytes.fromhex("0002 ff41")

    assert decode_checkpoint(KEY, value).metadata == "\ufffdA"
