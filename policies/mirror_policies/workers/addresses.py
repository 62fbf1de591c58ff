"""Addresses that mean nothing where they are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_REFERENCE
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.hosts import hosts_of
from mirror_policies.reading.kafka import ShownKafka, shown_kafkas
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, read_mirror_maker
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Violation


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    kafkas = stack.reading(shown_kafkas)
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        for end in found.reading(read_mirror_maker).ends:
            for host in hosts_of(end.bootstrap_servers.text or ""):
                far = None if "." in host else _far(host, found, kafkas)
                if far is not None:
                    yield Violation(
                        end.bootstrap_servers,
                        f"'{printable(host)}' is looked for in namespace '{printable(found.namespace)}', "
                        f"{printable(far.title)} is in another: the name means nothing here. Write "
                        f"{printable(host)}.{printable(far.namespace)}.svc",
                    )
                    break


def _far(host: str, found: KubernetesObject, kafkas: tuple[ShownKafka, ...]) -> ShownKafka | None:
    """Return the Kafka a short name belongs to, if there is one and only elsewhere."""
    named = [kafka for kafka in kafkas if kafka.has_service(host)]
    is_here = any((k.site, k.namespace) == (found.site, found.namespace) for k in named)
    return None if is_here or not named or not found.namespace else named[0]


RULE: Final = StackRule(
    id="short-names-near",
    title="The short name of a service is used in its own namespace",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "A short name is completed with the namespace of who uses it: a flow beside its target that calls "
        "its source so finds nobody, and its connector fails a while after the deployment."
    ),
    fix="Write `<kafka>-kafka-bootstrap.<namespace>.svc:<port>`.",
    link=STRIMZI_REFERENCE,
    tags=("mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge,
)
