"""An alias names one physical cluster, and everybody must mean the same one by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import Field, printable, text_of
from mirror_policies.links import KAFKA_REPLICATION, STRIMZI_CONNECTORS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.clusters import Cluster, flows_of
from mirror_policies.reading.hosts import hosts_of, is_service
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, KafkaEnd, MirrorMaker
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    StackRule,
    Undecided,
    Violation,
)


def _judge_ends(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    target = maker.target
    if target is None:
        return
    for mirror in maker.mirrors:
        alias = mirror.source_alias
        if alias.text is not None and alias.text == target.alias.text:
            yield Violation(
                alias,
                f"{alias.shown} is the alias of the target too: the connectors would copy the "
                "cluster into itself. Give source and target the names of two clusters",
            )
        elif mirror.source is not None and (same := _same_address(mirror.source, target)):
            yield Violation(
                mirror.source.bootstrap_servers,
                f"source and target are both at '{printable(same)}': the connectors would copy the "
                "cluster into itself. Connect the source to another cluster",
            )


def _same_address(one: KafkaEnd, other: KafkaEnd) -> str:
    shared = _addresses(one) & _addresses(other)
    return min(shared, default="")


def _addresses(end: KafkaEnd) -> set[str]:
    # Of an address that is not known yet, one-alias-per-cluster speaks, which sees what sites say too.
    text = text_of(end.bootstrap_servers.value) or ""
    return {address.strip().lower() for address in text.split(",") if address.strip()}


SOURCE_IS_NOT_TARGET: Final = ObjectRule(
    id="source-is-not-target",
    title="A mirror reads from another cluster than it writes to",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Operators take a mirror from a cluster to itself without a word: under prefix naming every "
        "topic is copied into `x.topic`, then `x.x.topic`, until the disks are full."
    ),
    fix="Give source and target different aliases and different `bootstrapServers`.",
    link=KAFKA_REPLICATION,
    tags=("mirrormaker", "loop"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_ends),
)


def _judge_repeated(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    places = (
        [end.alias for end in maker.ends]
        if maker.is_old
        else [mirror.source_alias for mirror in maker.mirrors]
    )
    yield from _repeated(places)


def _repeated(places: list[Field]) -> Iterator[Remark]:
    seen: set[str] = set()
    for place in places:
        if place.text is None:
            continue
        if place.text in seen:
            yield Violation(
                place,
                f"alias {place.shown} is used twice: both mirrors' connectors would have one name "
                "and overwrite each other without end. Give each cluster its own alias",
            )
        seen.add(place.text)


ALIAS_USED_ONCE: Final = ObjectRule(
    id="alias-used-once",
    title="No two clusters of a MirrorMaker share an alias",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Connectors are named after the aliases: of two mirrors with one source alias the operator "
        "creates one connector, retries the other for ever and reports no status at all."
    ),
    fix="Give every cluster of `mirrors[].source` (or `clusters`) an alias of its own.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "connectors"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_repeated),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a physical cluster from others.

    Attributes:
        names: As messages call it; two identities that share a name are one cluster.
        is_shown: Whether it is the cluster itself. Of one that only its addresses tell, another set of
            addresses may be another listener.
    """

    names: tuple[str, ...]
    is_shown: bool


def _judge_clusters(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    aliases: dict[str, str] = {}
    clusters: dict[str, str] = {}
    seen: set[tuple[KubernetesObject, tuple[str | int, ...]]] = set()
    for flow in flows_of(stack):
        for cluster in (flow.target, flow.source):
            place = None if cluster.end is None else cluster.end.alias
            if place is None or (flow.owner, place.steps) in seen:
                continue
            seen.add((flow.owner, place.steps))
            identity = _identity(stack, flow.owner, cluster)
            if place.is_unknown or identity is None:
                yield from _not_told(place, cluster)
            elif cluster.alias:
                yield from _compare(place, cluster.alias, identity, aliases, clusters)


def _not_told(alias: Field, cluster: Cluster) -> Iterator[Remark]:
    if alias.is_unknown:
        yield Undecided(alias, "whether others call the cluster so can be told once it is known")
    elif cluster.end is not None and cluster.end.bootstrap_servers.is_unknown:
        yield Undecided(
            cluster.end.bootstrap_servers,
            f"which cluster {alias.shown} is, and what others call it, can be told once it is known",
        )


def _compare(
    place: Field, alias: str, identity: Identity, aliases: dict[str, str], clusters: dict[str, str]
) -> Iterator[Remark]:
    known = next((aliases[name] for name in identity.names if name in aliases), alias)
    for name in identity.names:
        aliases.setdefault(name, alias)
    called = identity.names[0]
    meant = clusters.setdefault(alias, called) if identity.is_shown else called
    if known != alias:
        yield Violation(
            place,
            f"{called} is called {place.shown} here and '{printable(known)}' elsewhere: prefix "
            "naming would not know its own records and copy them round for ever. Use one alias",
        )
    elif meant != called:
        yield Violation(
            place,
            f"{place.shown} means {called} here and {meant} elsewhere: topics and offsets of two "
            "clusters would be mixed up. Give each cluster an alias of its own",
        )


def _identity(stack: Stack, owner: KubernetesObject, cluster: Cluster) -> Identity | None:
    """Return what tells the physical cluster from others; None if nothing does yet."""
    if cluster.kafka is not None:
        of_site = f" of {cluster.kafka.site}" if cluster.kafka.site else ""
        return Identity((printable(f"{cluster.kafka.title}{of_site}"),), is_shown=True)
    addresses = _addresses(cluster.end) if cluster.end is not None else set()
    for name, site in stack.sites.items():
        for listener in site["listeners"].members():
            published = listener["bootstrapServers"].text or ""
            if addresses & {address.strip().lower() for address in published.split(",")}:
                return Identity((printable(f"site {name}"),), is_shown=True)
    if cluster.site is not None and not addresses:
        return Identity((printable(f"site {cluster.alias}"),), is_shown=True)
    names = tuple(sorted(_called(address, owner) for address in addresses))
    return Identity(names, is_shown=False) if names else None


def _called(address: str, owner: KubernetesObject) -> str:
    """Return an address so that it means one cluster, wherever it is written."""
    near = ""
    if any(is_service(host) for host in hosts_of(address)):
        is_short = "." not in address
        near = " ".join(part for part in (owner.site, owner.namespace if is_short else "") if part)
    return printable(f"the cluster at {address}{' in ' + near if near else ''}")


ONE_ALIAS_PER_CLUSTER: Final = StackRule(
    id="one-alias-per-cluster",
    title="Every flow calls a cluster by the same alias, and no two clusters by one",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Prefix naming stops a loop only at names that carry the target's alias: a cluster with two "
        "aliases gets `a.b.a.b.topic` without end."
    ),
    fix="Call the cluster by one alias in every KafkaMirrorMaker2, for ever.",
    link=KAFKA_REPLICATION,
    tags=("mirrormaker", "loop"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_clusters,
)


def _judge_directions(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    if not maker.is_old or maker.target is None:
        return
    for mirror in maker.mirrors:
        written = mirror.field["targetCluster"]
        # Since Strimzi 0.45 one cluster may stand there under two aliases.
        same = [
            end
            for end in maker.ends
            if end.alias.text == written.text and _same_address(end, maker.target)
        ]
        if written.text is not None and written.text != maker.target.alias.text and not same:
            yield Violation(
                written,
                f"the mirror's target is {written.shown}, the workers belong to "
                f"{maker.target.alias.shown}: its records would land in {maker.target.alias.shown}. "
                "Make a KafkaMirrorMaker2 of its own for each target",
            )


ONE_TARGET: Final = ObjectRule(
    id="one-target-per-mirror-maker",
    title="All mirrors of a MirrorMaker write to the cluster its workers belong to",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Connect's producer writes to the cluster of its workers, whatever `targetCluster` says: with "
        "both directions in one resource every record lands in one and the same cluster."
    ),
    fix="Write one KafkaMirrorMaker2 for each target, with `connectCluster` equal to `targetCluster`.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "bidirectional"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_directions),
)

RULES: Final = (SOURCE_IS_NOT_TARGET, ALIAS_USED_ONCE, ONE_ALIAS_PER_CLUSTER, ONE_TARGET)
