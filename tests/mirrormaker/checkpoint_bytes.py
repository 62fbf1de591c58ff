"""Checkpoints as Kafka writes them; the library only reads them."""

from __future__ import annotations

import struct

from kafka_mirror.mirrormaker.checkpoints import Checkpoint


def text(value: str) -> bytes:
    content = value.encode()
    return struct.pack(">h", len(content)) + content


def key_of(checkpoint: Checkpoint) -> bytes:
    names = text(checkpoint.group) + text(checkpoint.topic)
    return names + struct.pack(">i", checkpoint.partition)


def value_of(checkpoint: Checkpoint, *, version: int = 0) -> bytes:
    offsets = struct.pack(">hqq", version, checkpoint.upstream_offset, checkpoint.downstream_offset)
    return offsets + text(checkpoint.metadata)


def make_checkpoint(
    group: str = "app",
    topic: str = "dev.items",
    partition: int = 0,
    *,
    upstream: int = 0,
    downstream: int = 0,
    metadata: str = "",
) -> Checkpoint:
    return Checkpoint(
        group=group,
        topic=topic,
        partition=partition,
        upstream_offset=upstream,
        downstream_offset=downstream,
        metadata=metadata,
    )
