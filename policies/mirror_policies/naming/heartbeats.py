"""A heartbeat connector belongs to a pair of clusters, and names topics as that pair does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import (
    DEFAULT_POLICY,
    HEARTBEATS_REPLICATION,
    REPLICATION_POLICY_CLASS,
)
from mirror_policies.fields import Field, printable
from mirror_policies.links import STRIMZI_CONNECTORS
from mirror_policies.naming.policy_classes import current_class
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.mirror_maker import (
    HEARTBEAT_CONNECTOR,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
)
from mirror_policies.rule import (
    Family,
    Level,
    Remark,
    Settings,
    Severity,
    StackRule,
    Undecided,
    Violation,
)

CONNECTOR: Final = "KafkaConnector"
HEARTBEAT_CLASS: Final = "MirrorHeartbeatConnector"


def heartbeat_connectors(stack: Stack) -> tuple[KubernetesObject, ...]:
    """Return the KafkaConnectors that write heartbeats, in stack order."""
    return tuple(
        connector
        for connector in stack.of_kind(CONNECTOR)
        if (connector["spec"]["class"].text or "").endswith(HEARTBEAT_CLASS)
    )


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    policies: dict[tuple[str, str], Field] = {}
    of_flows: defaultdict[tuple[str, str], list[Field]] = defaultdict(list)
    for flow in flows_of(stack):
        policy = flow.mirror.setting(SOURCE_CONNECTOR, REPLICATION_POLICY_CLASS)
        if flow.mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        policies[flow.source.alias, flow.target.alias] = policy
        of_flows[flow.owner.name, flow.source.alias].append(policy)
        heartbeat = flow.mirror.connector(HEARTBEAT_CONNECTOR)
        if not heartbeat.is_absent:
            yield from _compare(heartbeat["config"][REPLICATION_POLICY_CLASS], policy)
    for connector in heartbeat_connectors(stack):
        config = connector["spec"]["config"]
        said = config[REPLICATION_POLICY_CLASS]
        pair = (
            config["source.cluster.alias"].text or "",
            config["target.cluster.alias"].text or "",
        )
        if pair in policies:
            yield from _compare(said, policies[pair])
        elif len(of_flows[pair]) == 1 and not said.is_absent:
            # The sender is a flow, the other the site that it writes to: the flow's source. Where that is all its
            # program knows of the flow it can say no policy, and any writes the same topic.
            yield from _compare(said, of_flows[pair][0])


def _compare(heartbeat: Field, source: Field) -> Iterator[Remark]:
    if heartbeat.is_unknown or source.is_unknown:
        place = heartbeat if heartbeat.is_unknown else source
        yield Undecided(place, "it can be compared with the other connector's once it is known")
        return
    names = [current_class((one.text or DEFAULT_POLICY).strip()) for one in (heartbeat, source)]
    if names[0] != names[1]:
        said = (
            "has none" if heartbeat.is_absent else f"has '{printable(heartbeat.text or 'a value')}'"
        )
        yield Violation(
            heartbeat,
            f"the heartbeat connector {said}, the pair's source connector '{printable(names[1])}': "
            "tools that follow heartbeats would look for the flow under the wrong name. Write the "
            "same replication.policy.class",
        )


def _judge_present(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    beating = {
        (config["source.cluster.alias"].text, config["target.cluster.alias"].text)
        for connector in heartbeat_connectors(stack)
        for config in (connector["spec"]["config"],)
    }
    flows = [*flows_of(stack)]
    sites = {alias for flow in flows for alias in (flow.source.alias, flow.target.alias)}
    # A sender that is no site is a flow, whose connector writes to the site that it calls its target.
    beating_for_flows = {written_to for sender, written_to in beating if sender not in sites}
    for flow in flows:
        is_measured = not flow.owner["spec"]["metricsConfig"].is_absent
        if not is_measured or flow.source.kafka is None or not flow.is_running:
            continue  # Heartbeats belong to the source: unseen, they may be there.
        has_own = not flow.mirror.connector(HEARTBEAT_CONNECTOR).is_absent
        is_of_pair = (flow.source.alias, flow.target.alias) in beating
        takes_along = flow.source.alias in beating_for_flows and _mirrors_heartbeats(flow)
        if not (has_own or is_of_pair or takes_along):
            yield Violation(
                flow.mirror.source_alias,
                f"the flow is measured and no heartbeats go from {printable(flow.source.alias)} to "
                f"{printable(flow.target.alias)}: while nobody writes, a flow at rest and one that is dead "
                "look alike. Run a MirrorHeartbeatConnector for the pair beside the source",
            )


def _mirrors_heartbeats(flow: Flow) -> bool:
    """Tell whether a flow takes the heartbeats of its source along, which it does unless told otherwise."""
    taken = flow.mirror.setting(SOURCE_CONNECTOR, HEARTBEATS_REPLICATION).text or "true"
    return taken.strip().lower() != "false"


PRESENT: Final = StackRule(
    id="heartbeats-present",
    title="A flow that is measured has heartbeats",
    family=Family.NAMING,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Metrics of a flow move with its records: without heartbeats a quiet night and a dead flow show "
        "the same, and the alert comes with the failover."
    ),
    fix="Run a KafkaConnector of class `MirrorHeartbeatConnector` for the pair, in a KafkaConnect beside the source.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "heartbeats", "metrics"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_present,
)


ALIKE: Final = StackRule(
    id="heartbeat-policy-alike",
    title="A heartbeat connector names topics as its pair's source connector does",
    family=Family.NAMING,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Monitoring and failover clients find a flow by its heartbeats: under another policy they "
        "see a flow that does not exist and miss the one that does."
    ),
    fix="Write the pair's `replication.policy.class` into the heartbeat connector too.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "heartbeats"),
    kinds=frozenset({MIRROR_MAKER, CONNECTOR}),
    check=_judge,
)

RULES: Final = (ALIKE, PRESENT)
