"""What a checkpoint says: where a group of the source goes on at the target. Its bytes, and nothing that reads a cluster.

Key: STRING group, STRING topic, INT32 partition. Value: INT16 version, then in version 0 INT64 offset at the source,
INT64 offset at the target, STRING metadata. Big endian; a STRING is an INT16 length and that many bytes of UTF-8.

Source: ``org.apache.kafka.connect.mirror.Checkpoint`` and ``org.apache.kafka.common.protocol.types.Type`` (KIP-382),
Kafka 4.3; compared with them by ``tests/lab/stacks/test_offset_translation.py``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

VERSION: Final = 0
"""The only version there is."""


class MalformedCheckpointError(ValueError):
    """Bytes that end too early or claim a length below zero: Java's ``SchemaException``."""


class CheckpointVersionError(ValueError):
    """A version whose value may mean anything."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"a checkpoint of version {version}, where {VERSION} is known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a group stood in one partition, at both ends.

    Attributes:
        topic: As it is called at the target.
        upstream_offset: The group's next offset at the source.
        downstream_offset: Where it goes on at the target; no record after it was read at the source's place.
        metadata: What the group committed beside its offset.
    """

    group: str
    topic: str
    partition: int
    upstream_offset: int
    downstream_offset: int
    metadata: str


def decode_checkpoint(key: bytes, value: bytes) -> Checkpoint:
    """Return what a record of the checkpoints topic says. Bytes behind it are left alone, as Java leaves them.

    Raises:
        CheckpointVersionError: The value is of another version.
        MalformedCheckpointError: The bytes are none of a checkpoint.
    """
    said = _Reader(value)
    version = said.integer(">h")
    if version != VERSION:
        raise CheckpointVersionError(version)
    upstream, downstream, metadata = said.integer(">q"), said.integer(">q"), said.text()
    name = _Reader(key)
    return Checkpoint(
        group=name.text(),
        topic=name.text(),
        partition=name.integer(">i"),
        upstream_offset=upstream,
        downstream_offset=downstream,
        metadata=metadata,
    )


class _Reader:
    """Takes one thing after another off some bytes."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def integer(self, form: str) -> int:
        """Take a number, in the words of `struct`."""
        (number,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return int(number)

    def text(self) -> str:
        """Take a STRING."""
        length = self.integer(">h")
        if length < 0:
            raise MalformedCheckpointError(f"a text of {length} bytes at byte {self._at}")
        return self._take(length).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._content):
            raise MalformedCheckpointError(
                f"{count} bytes wanted at byte {self._at} of {len(self._content)}"
            )
        taken, self._at = self._content[self._at : end], end
        return taken
