"""A flow: one-way replication from a source site to a target site."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kafka_mirror.topology.names import (
    GroupKey,
    GroupPattern,
    SiteKey,
    TopicKey,
    TopicPattern,
    UserKey,
)
from kafka_mirror.topology.selectors import GroupSelection, TopicSelection
from kafka_mirror.topology.written import Duration, Settings, Written, duration_text

Naming = Literal["identity", "prefix"]
State = Literal["running", "paused", "stopped"]


def _whole_seconds(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1) or value % timedelta(seconds=1):
        raise ValueError(
            f"found {duration_text(value)}; the connectors take whole seconds, one at least"
        )
    return value


def _some(groups: Any) -> Any:
    if not groups:
        raise ValueError("needs at least one entry; leave it out for all groups")
    return groups


class FlowEnd(Written):
    """One end of a flow.

    Attributes:
        site: Where.
        user: Whom MirrorMaker is there.
        listener: Which listener it uses; the one that can be reached from the target if absent.
    """

    site: SiteKey
    user: UserKey
    listener: str | None = None


class Objectives(Written):
    """What the flow has to keep; the intervals of its connectors follow from this.

    Attributes:
        duplicate_window: How much traffic, in time, a group that keeps up may re-read after failover.
        discovery: How soon new topics, partitions, settings and groups are taken in.
    """

    duplicate_window: Duration = timedelta(minutes=2)
    discovery: Annotated[Duration, AfterValidator(_whole_seconds)] = timedelta(minutes=1)


class FlowNames(Written):
    """What the Connect worker calls its group and topics; set them to take over an existing mirror.

    They hold the flow's positions: with other names everything is mirrored again.
    """

    group: GroupKey
    config_topic: TopicKey
    offset_topic: TopicKey
    status_topic: TopicKey

    @model_validator(mode="after")
    def _three_topics(self) -> Self:
        topics = (self.config_topic, self.offset_topic, self.status_topic)
        if len(set(topics)) < len(topics):
            raise ValueError(f"found {', '.join(topics)}: the worker needs three different topics")
        return self


class Flow(Written):
    """One KafkaMirrorMaker2, at the target.

    Attributes:
        naming: ``identity`` keeps topic names; ``prefix`` writes ``<source>.<topic>``.
        topics: Literal names, or ``{pattern: …}``.
        topics_exclude: Patterns beside MirrorMaker's own excludes, which stay.
        groups: ``all``, names, or ``{pattern: …}``: whose offsets are translated and synced.
        groups_exclude: Patterns beside MirrorMaker's own excludes, which stay.
        replicated_users: Users of the source that exist at the target too, with the same credential.
        tasks: Of the source connector, at most.
        replicas: Connect workers.
        tuning: Further settings of the source connector, such as ``producer.override.batch.size``.
        names: For migrations; derived from the flow's name if absent.
    """

    source: FlowEnd
    target: FlowEnd
    naming: Naming
    topics: TopicSelection
    topics_exclude: tuple[TopicPattern, ...] = ()
    groups: Annotated[GroupSelection, AfterValidator(_some)] = "all"
    groups_exclude: tuple[GroupPattern, ...] = ()
    replicated_users: tuple[UserKey, ...] = ()
    objectives: Objectives = Objectives()
    state: State = "running"
    tasks: Annotated[int, Field(ge=1, strict=True)] = 1
    replicas: Annotated[int, Field(ge=1, strict=True)] = 1
    tuning: Settings = Field(default_factory=dict)
    names: FlowNames | None = None
