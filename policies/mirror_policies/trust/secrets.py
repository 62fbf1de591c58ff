"""The Secrets that objects refer to, as far as the stack makes them or has an operator make them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import STRIMZI_SECURITY, STRIMZI_USERS
from mirror_policies.objects import (
    CLUSTER_LABELS,
    OPERATOR_GROUPS,
    SECRET,
    KubernetesObject,
    Stack,
)
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, brokers_section
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, KafkaEnd, read_mirror_maker
from mirror_policies.reading.users import USER
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

_OF_SCRAM_USER: Final = frozenset({"password", "sasl.jaas.config"})
_OF_TLS_USER: Final = frozenset({"ca.crt", "user.crt", "user.key", "user.p12", "user.password"})
_OF_AUTHORITY: Final = frozenset({"ca.crt", "ca.p12", "ca.password"})
_COPIES: Final = re.compile(r"reflect|replicat|kubed|sync|copy", re.IGNORECASE)
"""In the annotations by which controllers are asked to copy a Secret into other namespaces."""

_MAKES_SECRETS: Final = re.compile(r"Secret|Certificate|Password")
"""In the kinds of objects for which a controller makes a Secret."""

_KIND_LABELS: Final = ("strimzi.io/kind", "eventstreams.ibm.com/kind")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names a Secret in the namespace of its object, and a key or a pattern of keys."""

    secret: Field
    key: Field
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A Secret that will be there.

    Attributes:
        keys: None where they are not known.
        by: Who makes it.
        is_copied: Whether an annotation tells a controller to put copies into other namespaces.
    """

    site: str
    namespace: str
    keys: frozenset[str] | None
    by: str
    is_copied: bool = False


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    made = stack.reading(_made)
    for found in stack.of_kind(MIRROR_MAKER, CONNECT, USER):
        for reference in _references(found):
            if reference.secret.is_unknown:
                yield Undecided(
                    reference.secret, "whether the Secret exists can be told once it is known"
                )
            elif (name := reference.secret.text) and name in made:
                yield from _compare(found, reference, made[name])


def _compare(
    found: KubernetesObject, reference: Reference, made: tuple[Made, ...]
) -> Iterator[Remark]:
    here = [one for one in made if (one.site, one.namespace) == (found.site, found.namespace)]
    if not here and any(one.is_copied for one in made):
        yield Undecided(
            reference.secret,
            f"Secret {reference.secret.shown} is made elsewhere, and an annotation has it copied by "
            "somebody: whether into this namespace cannot be told",
        )
        return
    if not here:
        place = printable(made[0].namespace or "another cluster")
        yield Violation(
            reference.secret,
            f"Secret {reference.secret.shown} is made in {place}, by {made[0].by}; it is looked for in "
            f"'{printable(found.namespace)}' and nothing puts it there. Make a copy beside this object",
        )
        return
    known = frozenset[str]().union(*(one.keys or () for one in here))
    wanted = reference.key.text
    if reference.key.is_unknown:
        yield Undecided(reference.key, "whether the Secret has it can be told once it is known")
    if wanted is None or any(one.keys is None for one in here):
        return
    fits = (
        any(fnmatch.fnmatchcase(key, wanted) for key in known)
        if reference.is_pattern
        else (wanted in known)
    )
    if not fits:
        has = ", ".join(sorted(map(printable, known))) or "none"
        yield Violation(
            reference.key,
            f"Secret {reference.secret.shown}, made by {here[0].by}, has no key {_shown(reference.key)} "
            f"(has {has}). Name one of these",
        )


def _shown(key: Field) -> str:
    # Where a key is named `password`, somebody writes the password one day.
    return "of that name" if key.key in ("password", "key") else key.shown


def _references(found: KubernetesObject) -> Iterator[Reference]:
    if found.kind == USER:
        reference = found["spec"]["authentication"]["password"]["valueFrom"]["secretKeyRef"]
        yield Reference(reference["name"], reference["key"])
        return
    ends = (
        found.reading(read_mirror_maker).ends
        if found.kind == MIRROR_MAKER
        else (KafkaEnd(found["spec"]),)
    )
    for end in ends:
        for trusted in end.tls["trustedCertificates"].elements():
            is_pattern = trusted["certificate"].is_absent
            key = trusted["pattern"] if is_pattern else trusted["certificate"]
            yield Reference(trusted["secretName"], key, is_pattern)
        password = end.authentication["passwordSecret"]
        yield Reference(password["secretName"], password["password"])
        pair = end.authentication["certificateAndKey"]
        yield Reference(pair["secretName"], pair["certificate"])
        yield Reference(pair["secretName"], pair["key"])


def _made(stack: Stack) -> dict[str, tuple[Made, ...]]:
    """Return every Secret the stack makes, or has an operator make, by its name."""
    made: dict[str, list[Made]] = {}
    for secret in stack.secrets:
        if secret.name:
            by = f"this stack's {secret.title}"
            is_copied = _is_copied(secret.annotations)
            entry = Made(secret.site, secret.namespace, _keys(secret), by, is_copied)
            made.setdefault(secret.name, []).append(entry)
    for user in stack.of_kind(USER):
        if user.name and (keys := _keys_of_user(user)) is not None:
            template = user["spec"]["template"]["secret"]["metadata"]["annotations"]
            by = f"the operator of {user.title}"
            entry = Made(user.site, user.namespace, keys, by, _is_copied(template))
            made.setdefault(user.name, []).append(entry)
    for kafka in stack.of_kind(KAFKA, EVENT_STREAMS):
        for authority in ("cluster", "clients") if kafka.name else ():
            by = f"the operator of {kafka.title}"
            template = brokers_section(kafka)["template"]["clusterCaCert"]["metadata"][
                "annotations"
            ]
            entry = Made(kafka.site, kafka.namespace, _OF_AUTHORITY, by, _is_copied(template))
            made.setdefault(f"{kafka.name}-{authority}-ca-cert", []).append(entry)
    for found in stack.objects:
        for name in _asked_for(found):
            entry = Made(found.site, found.namespace, None, f"the controller of {found.title}")
            made.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in made.items()}


def _asked_for(found: KubernetesObject) -> set[str]:
    """Return the Secrets that an object of another controller has made: a certificate, an external secret."""
    if found.group in OPERATOR_GROUPS or not found.group or not _MAKES_SECRETS.search(found.kind):
        return set()
    spec = found["spec"]
    named = (
        spec["secretName"],
        spec["target"]["name"],
        spec["destination"]["name"],
        spec["template"]["metadata"]["name"],
    )
    return {text for text in (found.name, *(one.text for one in named)) if text}


def _is_copied(annotations: Field) -> bool:
    return any(_COPIES.search(one.key) for one in annotations.members())


def _keys(secret: KubernetesObject) -> frozenset[str] | None:
    """Return the keys of a Secret; values are never looked at."""
    keys: set[str] = set()
    for part in (secret["data"], secret["stringData"]):
        if part.is_unknown:
            return None
        keys.update(member.key for member in part.members())
    return frozenset(keys)


def _keys_of_user(user: KubernetesObject) -> frozenset[str] | None:
    return {"scram-sha-512": _OF_SCRAM_USER, "tls": _OF_TLS_USER}.get(
        user["spec"]["authentication"]["type"].text or ""
    )


SECRETS_EXIST: Final = StackRule(
    id="referenced-secrets-exist",
    title="A Secret that is made here is where it is looked for, and has the key",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Operators read Secrets of their object's namespace only: what was made in another one, or "
        "under another key, leaves the resource NotReady, and running pods keep an old copy for ever."
    ),
    fix="Make the Secret, or a copy of its public part, in the namespace of the object that names it.",
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "connect", "user", "secrets"),
    kinds=frozenset({MIRROR_MAKER, CONNECT, USER}),
    check=_judge,
)


def _judge_copies(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    users = {(user.site, user.namespace, user.name) for user in stack.of_kind(USER)}
    operated = {(one.site, one.namespace) for one in stack.of_kind(KAFKA, EVENT_STREAMS, USER)}
    for secret in stack.secrets:
        labels = secret["metadata"]["labels"]
        if labels.is_unknown:
            yield Undecided(
                labels,
                "whether the User Operator takes it for its own can be told once they are known",
            )
        is_owned = any(labels[key].text == USER for key in _KIND_LABELS)
        if not is_owned or not any(labels[key].text for key in CLUSTER_LABELS):
            continue
        if (secret.site, secret.namespace, secret.name) not in users:
            place = next(labels[key] for key in _KIND_LABELS if labels[key].text == USER)
            if (secret.site, secret.namespace) not in operated:
                yield Undecided(place, "whether its KafkaUser is beside it is not shown here")
                continue
            yield Violation(
                place,
                "this label hands the Secret to the User Operator, which finds no KafkaUser "
                f"'{printable(secret.name)}' beside it and deletes the Secret together with that "
                "user's login and rights. Remove the labels from a copy",
            )


COPIES_UNLABELLED: Final = StackRule(
    id="copied-secrets-unlabelled",
    title="A copied user Secret carries no label of the User Operator",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "The User Operator takes a labelled Secret without a KafkaUser for one that was left over: "
        "within a second it deletes the Secret and the login, rights and quotas of that name."
    ),
    fix="Copy only the data: no `strimzi.io/kind`, no `strimzi.io/cluster`, no `ownerReferences`.",
    link=STRIMZI_USERS,
    tags=("user", "secrets"),
    kinds=frozenset({SECRET}),
    check=_judge_copies,
)

RULES: Final = (SECRETS_EXIST, COPIES_UNLABELLED)
