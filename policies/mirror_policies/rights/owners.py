"""Users of one name that two sites own: one credential cannot be both of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_USERS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Cluster, flows_of
from mirror_policies.reading.kafka import ShownKafka
from mirror_policies.reading.users import USER, login_of, users_at
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Violation


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    mirrors = {login_of(end) for flow in flows_of(stack) for end in flow.maker.ends}
    owners: dict[tuple[ShownKafka, str], dict[str, str]] = {}
    pairs: set[tuple[ShownKafka, str]] = set()
    for flow in flows_of(stack):
        if flow.target.kafka is None or (flow.target.kafka, flow.source.alias) in pairs:
            continue
        pairs.add((flow.target.kafka, flow.source.alias))
        for name, credential in _shared_by(stack, flow.source):
            if name not in mirrors:
                by_site = owners.setdefault((flow.target.kafka, name), {})
                by_site.setdefault(flow.source.alias, credential)
    for (kafka, name), by_site in owners.items():
        user = next((one for one in users_at(stack, kafka) if one.name == name), None)
        if user is not None and len(set(by_site.values())) > 1:
            sites = ", ".join(map(printable, by_site))
            yield Violation(
                user["metadata"]["name"],
                f"{sites} each have a user '{printable(name)}' of their own, and flows from all of them lead "
                "here: with one credential the applications of one site alone could log in after a "
                "failover. Give the users different names, or one credential",
            )


def _shared_by(stack: Stack, source: Cluster) -> Iterator[tuple[str, str]]:
    """Yield the users of a source that may move, each with what tells its credential from others."""
    if source.kafka is not None:
        for user in users_at(stack, source.kafka):
            yield user.name, _credential(user)
    elif source.site is not None:
        for described in source.site["users"].members():
            if described["shared"].value is True:
                yield described.key, source.alias


def _credential(user: KubernetesObject) -> str:
    """Return the Secret that a user's password is taken from, wherever it lies; else the user itself.

    One password at several sites comes from Secrets of one name, as a copy or from one store.
    """
    reference = user["spec"]["authentication"]["password"]["valueFrom"]["secretKeyRef"]
    kind = user["spec"]["authentication"]["type"].text
    if kind in ("tls", "tls-external"):
        return kind  # A certificate of the same name is the same user, if both trust who signed it.
    return f"{reference['name'].text}" if reference["name"].text else user.origin + user.title


RULE: Final = StackRule(
    id="one-owner-per-user",
    title="A user that moves to a target comes from one site",
    family=Family.RIGHTS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "A user has one password: where two sites own users of one name and both are mirrored to a third, "
        "the applications of one of them are refused after a failover."
    ),
    fix="Rename the user at one of the sites, or take both passwords from one Secret.",
    link=STRIMZI_USERS,
    tags=("user", "failover"),
    kinds=frozenset({USER}),
    check=_judge,
)
