"""Where a group of one site goes on at another, for clients that are not written in Java.

Equal to ``org.apache.kafka.connect.mirror.RemoteClusterUtils.translateOffsets`` (KIP-382), but for what that leaves
unsaid: it hands out what it has when its time is up, and reads a value of any version as one of version 0.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from kafka_mirror.errors import RefusedError, UnreachableError, UsageError
from kafka_mirror.mirrormaker.checkpoints import (
    Checkpoint,
    CheckpointVersionError,
    MalformedCheckpointError,
    decode_checkpoint,
)
from kafka_mirror.mirrormaker.internal_topics import checkpoints_topic

_LOG = logging.getLogger(__name__)
_POLL: Final = 0.5
_REQUEST: Final = 2.0
_PAUSE: Final = 0.1
_REFUSED: Final = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED})
_ABSENT: Final = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})  # noqa: SLF001 - no public name
# The library looks up the group it is given, although nothing here joins one.
_OF_THE_GROUP: Final = frozenset({KafkaError.GROUP_AUTHORIZATION_FAILED})
_PASSING: Final = frozenset({KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN})  # noqa: SLF001


class OffsetAndMetadata(NamedTuple):
    """Where a group goes on in a partition, and what it had committed beside that."""

    offset: int
    metadata: str


def translate_offsets(
    consumer_config: Mapping[str, Any], source_alias: str, group: str, *, timeout: timedelta
) -> dict[TopicPartition, OffsetAndMetadata]:
    """Return the offsets of a consumer group of the source, as they are at the target.

    Reads the checkpoints that the flow has written at the target, and changes nothing there. The keys hold their offset
    and metadata too, so a list of them is what ``Consumer.assign`` and ``Consumer.commit`` take.

    Args:
        consumer_config: How a `confluent_kafka.Consumer` reaches the target. Without a ``group.id`` it is `group`; no
            group is joined. Its user needs Read on the topic ``<source_alias>.checkpoints.internal``.
        source_alias: The name of the source site in the flow.
        group: The group, as it is called at the source.
        timeout: For all of it.

    Returns:
        By partition of the target's topics, sorted; empty for a group that has no checkpoint yet.

    Raises:
        UsageError: There is no such topic, or it holds what MirrorMaker of a known version does not write.
        RefusedError: The user may not read it.
        UnreachableError: The target did not answer, or the topic's end was not reached in time.
    """
    reading = _Reading(consumer_config, checkpoints_topic(source_alias), group, timeout)
    try:
        reading.require_topic()
        found = {
            (one.topic, one.partition): one for one in reading.checkpoints() if one.group == group
        }
    finally:
        reading.close()
    for one in found.values():
        if one.downstream_offset < 0:
            raise UsageError(
                f"topic {checkpoints_topic(source_alias)}: group {group} has offset {one.downstream_offset} in "
                f"{one.topic}[{one.partition}], and no partition begins below 0. Translate again once the flow has "
                "written another checkpoint"
            )
    return {
        TopicPartition(
            one.topic, one.partition, one.downstream_offset, one.metadata
        ): OffsetAndMetadata(one.downstream_offset, one.metadata)
        for _, one in sorted(found.items())
    }


class _Reading:
    """Reads a checkpoints topic once, from its beginning to its end."""

    def __init__(
        self, config: Mapping[str, Any], topic: str, group: str, timeout: timedelta
    ) -> None:
        self._topic, self._timeout = topic, timeout
        self._deadline = time.monotonic() + timeout.total_seconds()
        self._trouble: KafkaError | None = None
        self._endpoint = str(config.get("bootstrap.servers", config.get("metadata.broker.list")))
        self._theirs = config.get("error_cb")
        settings = {
            "group.id": group,
            # For so long a broker waits for more before it tells that this is the end.
            "fetch.wait.max.ms": 50,
            **config,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            # As MirrorClientConfig has it, which takes no other from anybody.
            "isolation.level": "read_uncommitted",
            "allow.auto.create.topics": False,
            "error_cb": self._noted,
        }
        try:
            self._consumer = Consumer(settings)
        except KafkaException as error:
            raise UsageError(f"consumer_config: {error.args[0].str()}") from error

    def close(self) -> None:
        self._consumer.close()

    def require_topic(self) -> None:
        """Refuse a topic that is not there, which a consumer would wait for."""
        while True:
            try:
                asked = self._consumer.list_topics(self._topic, timeout=min(_REQUEST, self._left()))
                error = asked.topics[self._topic].error
            except KafkaException as failure:
                error = failure.args[0]
            if error is None:
                return
            if error.code() in _REFUSED | _ABSENT:
                raise self._failed(error)
            # The library tells whoever polls why nobody answers, and nobody else.
            self._consumer.poll(_PAUSE)
            self._trouble = self._trouble or error

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Yield every checkpoint, the last of a partition after those it replaces."""
        self._consumer.assign([TopicPartition(self._topic, 0, OFFSET_BEGINNING)])
        while True:
            message = self._consumer.poll(min(_POLL, self._left()))
            if message is None:
                continue
            error = message.error()
            if error is None:
                checkpoint = self._decoded(message)
                if checkpoint is not None:
                    yield checkpoint
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - no public name
                return
            elif error.code() not in _OF_THE_GROUP | _PASSING:
                raise self._failed(error)

    def _decoded(self, message: Message) -> Checkpoint | None:
        """Return what a record says; None for one that Java passes over too."""
        key, value = message.key(), message.value()
        where = f"topic {self._topic}, offset {message.offset()}"
        if not isinstance(key, bytes) or not isinstance(value, bytes):
            raise UsageError(
                f"{where}: the record has no {'key' if value is not None else 'value'}, and MirrorMaker writes none "
                "such: somebody else writes to this topic. Java's RemoteClusterUtils fails at it as well. It goes "
                "when the topic is compacted; until then take the offsets that the flow has synced to the group"
            )
        try:
            checkpoint = decode_checkpoint(key, value)
        except CheckpointVersionError as error:
            raise UsageError(
                f"{where}: the record is {error}. Take a release of kafka-mirror that knows the MirrorMaker that "
                "wrote it"
            ) from error
        except MalformedCheckpointError as error:
            _LOG.info("%s: no checkpoint, passed over: %s", where, error)
            return None
        return checkpoint

    def _noted(self, error: KafkaError) -> None:
        self._trouble = error
        if self._theirs is not None:
            self._theirs(error)

    def _left(self) -> float:
        """Return the seconds that are left."""
        if self._trouble is not None and self._trouble.code() == KafkaError._AUTHENTICATION:  # noqa: SLF001
            raise self._unreachable(self._trouble)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._unreachable(self._trouble)
        return left

    def _failed(self, error: KafkaError) -> Exception:
        if error.code() in _REFUSED:
            return RefusedError(
                f"topic {self._topic} at {self._endpoint}: the user may not read it. Give it Read on this topic "
                "at the target"
            )
        if error.code() in _ABSENT:
            return UsageError(
                f"there is no topic {self._topic} at {self._endpoint}: the source's alias is the name of its site, "
                "and the topic is there once the flow runs"
            )
        return self._unreachable(error)

    def _unreachable(self, error: KafkaError | None) -> UnreachableError:
        late = f"its end was not reached within {self._timeout.total_seconds():g} s"
        reason = late if error is None else error.str() or error.name()
        return UnreachableError(f"topic {self._topic}", self._endpoint, reason)
