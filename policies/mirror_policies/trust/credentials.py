"""What MirrorMaker proves itself with: complete, and never written where everybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field, Hidden
from mirror_policies.links import STRIMZI_SECURITY
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, brokers_section
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    MIRROR_MAKER,
    KafkaEnd,
    MirrorMaker,
    read_mirror_maker,
)
from mirror_policies.reading.users import USER
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    Undecided,
    Violation,
)

_SECRET_KEY: Final = re.compile(
    r"(^|[._-])(password|passwd|passphrase|secret|jaas\.config|api[._-]?key|access[._-]?key"
    r"|secret[._-]?key|token|user\.info|keystore\.key|private[._-]?key)$",
    re.IGNORECASE,
)
"""Settings, and variables of an environment, whose value is a credential."""

_REFERENCE: Final = re.compile(r"\$\{[^}]+\}|\$\([^)]+\)")
"""To a configuration provider, or to another variable of the container."""

_IN_JAAS: Final = re.compile(
    r"""(?:password|clientSecret|oauth\.client\.secret|user_[^\s=]+)\s*=\s*["']?([^"';\s]*)"""
)

_MOVE: Final = "Put it into a Secret and refer to that; whoever can read the object has it now"


def _judge_inline(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    for config in _configs(found):
        for setting in config.members():
            if _is_secret(setting) and _is_literal(setting):
                yield Violation(setting, f"a credential is written here. {_MOVE}")
    for place in _credential_fields(found):
        if place.is_unknown:
            yield Undecided(place, "whether it refers to a Secret can be told once it is known")
        elif not place.is_absent and not place.is_mapping:
            yield Violation(place, f"a credential is written here. {_MOVE}")
    for variable in _variables(found):
        value = variable["value"]
        if _SECRET_KEY.search(variable["name"].text or "") and _is_literal(value):
            yield Violation(value, f"a credential is written here. {_MOVE}")


def _is_secret(setting: Field) -> bool:
    return isinstance(setting.value, Hidden) or _SECRET_KEY.search(setting.key) is not None


def _is_literal(setting: Field) -> bool:
    """Tell whether a setting holds a credential itself and does not refer to one."""
    if setting.is_unknown or isinstance(setting.value, Hidden):
        return True
    text = (setting.text or "").strip()
    if not text or text.lower() in ("true", "false"):
        return False
    inside = _IN_JAAS.findall(text)
    if inside or setting.key.endswith("jaas.config"):
        return any(part and not _REFERENCE.search(part) for part in inside)
    return not _REFERENCE.search(text)


def _configs(found: KubernetesObject) -> Iterator[Field]:
    if found.kind == MIRROR_MAKER:
        maker = found.reading(read_mirror_maker)
        yield from (end.config for end in maker.ends)
        yield from (end.authentication["config"] for end in maker.ends)
        yield from (c["config"] for mirror in maker.mirrors for c in mirror.connectors())
    elif found.kind in (KAFKA, EVENT_STREAMS):
        section = brokers_section(found)
        yield section["config"]
        for listener in section["listeners"].elements():
            yield listener["configuration"]
            yield listener["authentication"]["listenerConfig"]
        yield section["authorization"]
    else:
        yield found["spec"]["config"]
        yield found["spec"]["authentication"]["config"]


def _credential_fields(found: KubernetesObject) -> Iterator[Field]:
    """Yield where an object refers to a Secret, and must not hold its content."""
    if found.kind == USER:
        password = found["spec"]["authentication"]["password"]
        yield from (
            (password, password["value"], password["valueFrom"])
            if (password.is_mapping)
            else (password,)
        )
    elif found.kind in (MIRROR_MAKER, CONNECT):
        ends = (
            found.reading(read_mirror_maker).ends
            if found.kind == MIRROR_MAKER
            else (KafkaEnd(found["spec"]),)
        )
        for end in ends:
            yield end.authentication["password"]
            yield end.authentication["passwordSecret"]


def _variables(found: KubernetesObject) -> Iterator[Field]:
    template = found["spec"]["template"]
    for container in template.members():
        yield from container["env"].elements()


NO_INLINE_CREDENTIALS: Final = ObjectRule(
    id="no-inline-credentials",
    title="No object holds a password, a key or a token itself",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Objects of operators are readable to many, are kept in Git and in backups, and their "
        "settings appear in ConfigMaps and in Connect's REST interface: whoever reads one has the "
        "credential."
    ),
    fix=(
        "Keep it in a Secret: `passwordSecret`, `certificateAndKey`, "
        "`password.valueFrom.secretKeyRef`, or `${strimzisecrets:<namespace>/<secret>:<key>}` in a "
        "`config`."
    ),
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "connect", "user", "secrets"),
    kinds=frozenset({MIRROR_MAKER, CONNECT, CONNECTOR, USER, KAFKA, EVENT_STREAMS}),
    check=_judge_inline,
)

_NEEDED: Final = {
    "scram-sha-256": ("username", "passwordSecret.secretName", "passwordSecret.password"),
    "scram-sha-512": ("username", "passwordSecret.secretName", "passwordSecret.password"),
    "plain": ("username", "passwordSecret.secretName", "passwordSecret.password"),
    "tls": (
        "certificateAndKey.secretName",
        "certificateAndKey.certificate",
        "certificateAndKey.key",
    ),
}


def _judge_complete(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for end in maker.ends:
        kind = end.authentication["type"].text or ""
        for path in _NEEDED.get(kind, ()):
            place = end.authentication
            for step in path.split("."):
                place = place[step]
            if place.is_unknown:
                yield Undecided(place, "whether it is complete can be told once it is known")
                break
            if not (place.text or "").strip():
                yield Violation(
                    place,
                    f"authentication is {kind} and {path} is missing: the schema lets it pass, the "
                    "operator fails without saying which field (a NullPointerException for a "
                    "source). Write it",
                )
                break


AUTHENTICATION_COMPLETE: Final = ObjectRule(
    id="authentication-complete",
    title="What an end proves itself with is complete",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "The schema takes an authentication without a user or Secret, and the operator then stops "
        "with a NullPointerException that names no field: the flow is never made."
    ),
    fix="Give `username` and `passwordSecret` with both its fields, or a whole `certificateAndKey`.",
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "scram", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(_judge_complete),
)

RULES: Final = (NO_INLINE_CREDENTIALS, AUTHENTICATION_COMPLETE)
