"""A flow: one-way replication from a source site to a target site."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from kafka_mirror.topology.metrics import FlowMetricsChoice
from kafka_mirror.topology.names import (
    FlowKey,
    GroupKey,
    GroupPattern,
    SiteKey,
    TopicKey,
    TopicPattern,
    UserKey,
    UserName,
)
from kafka_mirror.topology.places import RunsIn
from kafka_mirror.topology.selectors import Excludes, GroupSelection, TopicSelection, UserFence
from kafka_mirror.topology.sites import KafkaVersion
from kafka_mirror.topology.workers import (
    ExactlyOnce,
    Image,
    Jvm,
    Resources,
    TracingChoice,
    heap_problem,
)
from kafka_mirror.topology.written import Duration, Settings, Written, duration_text

Naming = Literal["identity", "prefix"]
State = Literal["running", "paused", "stopped"]
End = Literal["source", "target"]
Start = Literal["earliest", "latest"]


def _whole_seconds(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1) or value % timedelta(seconds=1):
        raise ValueError(
            f"found {duration_text(value)}; the connectors take whole seconds, one at least"
        )
    return value


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
        discovery: How soon new topics, partitions, settings and groups are taken in, and groups that were out of
            sight while the source restarted; the duplicate window if absent, a minute at most.
    """

    duplicate_window: Duration = timedelta(minutes=2)
    discovery: Annotated[Duration, AfterValidator(_whole_seconds)] | None = None


class FlowNames(Written):
    """What a flow is called in the cluster, whatever its name in the configuration.

    These names hold the flow's positions: with others everything is mirrored again. To rename a flow, give its
    first name as the resource and leave out the rest; to take over an existing mirror, give what it is called.

    Attributes:
        resource: The KafkaMirrorMaker2, and the start of the names of what belongs to it. Two that share a group
            would undo each other's connectors while one replaces the other, so it is part of the names.
        group: Of the Connect worker; derived from the resource if absent, like the topics.
        config_topic: Where the worker keeps what its connectors are to do.
        offset_topic: Where it keeps how far it has read at the source.
        status_topic: Where it keeps how its connectors are.
    """

    resource: FlowKey
    group: GroupKey | None = None
    config_topic: TopicKey | None = None
    offset_topic: TopicKey | None = None
    status_topic: TopicKey | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        topics = (self.config_topic, self.offset_topic, self.status_topic)
        given = [one for one in (self.group, *topics) if one is not None]
        if given and len(given) < len(topics) + 1:
            raise ValueError(
                f"found {', '.join(given)}; give group, configTopic, offsetTopic and statusTopic, or none of "
                "them: the worker's place is in all of them together"
            )
        if given and len(set(topics)) < len(topics):
            found = ", ".join(given[1:])
            raise ValueError(f"found {found}: the worker needs three different topics")
        return self


class Flow(Written):
    """One KafkaMirrorMaker2, at the target unless it is told to run elsewhere.

    Attributes:
        source: Where records come from.
        target: Where they go.
        naming: ``identity`` keeps topic names; ``prefix`` writes ``<source>.<topic>``.
        topics: Literal names, or ``{pattern: …}``.
        topics_exclude: Patterns beside MirrorMaker's own excludes, which stay.
        groups: ``all``, names, or ``{pattern: …}``: whose offsets are translated and synced. With ``[]`` records alone
            are mirrored, without a checkpoint connector, and no group finds its place at the target.
        groups_exclude: Patterns beside MirrorMaker's own excludes, which stay.
        replicated_users: Users of the source that exist at the target too, with the same credential.
        fenced: Which of them may write nothing at the target: ``true`` for all, as while the target only stands by.
        objectives: What it has to keep.
        state: A ``paused`` flow keeps its tasks, a ``stopped`` one has none and closes no loop; both go on where they
            stood.
        offset_syncs: At which end the flow keeps its offset syncs. At the ``target`` its user at the source writes
            nothing there; at the ``source`` that user needs ``offsetSyncsFor`` in its role.
        runs_in: Where its workers are; beside the target if absent, which suits all but a target they cannot run at.
        start: Where a partition begins that was never mirrored, or whose place its retention has deleted: at what
            the source still holds, or at its end.
        exactly_once: Whether records arrive once even where a worker is lost, in transactions at the target.
        tasks: Of the source connector, at most.
        replicas: Connect workers.
        resources: Of each worker.
        jvm: Of each worker.
        image: Of the workers; the operator's own for its version of Kafka if absent.
        version: Of the workers' Kafka; the operator's own default if absent.
        metrics: Whether Prometheus watches it, with alerts on its objectives, and Grafana shows it.
        tracing: Whether each record's way is traced, in OpenTelemetry.
        tuning: Further settings of the source connector, such as ``producer.override.batch.size``.
        names: For a renamed flow, and for migrations; derived from the flow's name if absent.
    """

    source: FlowEnd
    target: FlowEnd
    naming: Naming
    topics: TopicSelection
    topics_exclude: Annotated[tuple[TopicPattern, ...], Excludes] = ()
    groups: GroupSelection = "all"
    groups_exclude: Annotated[tuple[GroupPattern, ...], Excludes] = ()
    replicated_users: tuple[UserKey, ...] = ()
    fenced: UserFence = False
    objectives: Objectives = Objectives()
    state: State = "running"
    offset_syncs: End = "target"
    runs_in: RunsIn | None = None
    start: Start = "earliest"
    exactly_once: ExactlyOnce = False
    tasks: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    replicas: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    resources: Resources | None = None
    jvm: Jvm | None = None
    image: Image | None = None
    version: KafkaVersion | None = None
    tracing: TracingChoice = False
    metrics: FlowMetricsChoice = False
    tuning: Settings = Field(default_factory=dict)
    names: FlowNames | None = None

    @field_validator("jvm")
    @classmethod
    def _heap_fits(cls, jvm: Jvm | None, info: ValidationInfo) -> Jvm | None:
        problem = heap_problem(jvm, info.data.get("resources"))
        if problem:
            raise ValueError(problem)
        return jvm

    @property
    def ends(self) -> tuple[tuple[Literal["source"], FlowEnd], tuple[Literal["target"], FlowEnd]]:
        """Both ends, each with what it is called."""
        return ("source", self.source), ("target", self.target)

    @property
    def moves_groups(self) -> bool:
        """Whether any group's offsets are translated."""
        return self.groups != ()

    @property
    def fenced_users(self) -> tuple[UserName, ...]:
        """The replicated users that may write nothing at the target."""
        if isinstance(self.fenced, bool):
            return self.replicated_users if self.fenced else ()
        return self.fenced
