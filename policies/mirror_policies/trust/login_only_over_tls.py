"""SCRAM and PLAIN prove a login; only TLS keeps it from whoever listens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import STRIMZI_SECURITY
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, KafkaEnd, MirrorMaker
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

PROTOCOL_KEY: Final = "security.protocol"
PLAIN_PROTOCOLS: Final = frozenset({"PLAINTEXT", "SASL_PLAINTEXT"})

_SENT: Final = {
    "plain": "the password itself would cross the network in the clear",
    "scram-sha-256": "the login and every record would cross the network in the clear",
    "scram-sha-512": "the login and every record would cross the network in the clear",
    "custom": "the login and every record would cross the network in the clear",
    "oauth": "the token and every record would cross the network in the clear",
}


def sends_login(end: KafkaEnd) -> bool:
    """Tell whether an end proves itself with a login."""
    authentication = end.authentication
    kind = authentication["type"].text
    return kind in _SENT and (kind != "custom" or authentication["sasl"].text == "true")


def _judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for end in maker.ends:
        if end.tls.is_unknown and sends_login(end):
            yield Undecided(
                end.tls, "whether the login is sent over TLS can be told once it is known"
            )
        elif end.tls.is_absent and sends_login(end):
            yield Violation(
                end.tls,
                f"there is no tls section: {_SENT[end.authentication['type'].text or '']}, and any "
                "server would be believed. Write tls.trustedCertificates with the Secret of its "
                'cluster CA and pattern: "*.crt"',
            )
        yield from _of_settings(end.config)
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            yield from _of_settings(connector["config"])


def _of_settings(config: Field) -> Iterator[Remark]:
    # The operators copy these into the connectors after their own lines, so they win there.
    for setting in config.members():
        if not setting.key.endswith(PROTOCOL_KEY):
            continue
        protocol = (setting.text or "").strip().upper()
        if protocol in PLAIN_PROTOCOLS:
            yield Violation(
                setting,
                f"{protocol} takes TLS away from the connectors, whatever the tls section says. "
                "Remove it: the operator derives the protocol",
            )


RULE: Final = ObjectRule(
    id="login-only-over-tls",
    title="No login is sent without TLS",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "With SCRAM or PLAIN and no `tls` section the operators choose `SASL_PLAINTEXT` and report "
        "Ready: logins and records cross between sites in the clear."
    ),
    fix=(
        "Give the cluster a `tls.trustedCertificates` entry with `secretName` and "
        '`pattern: "*.crt"`, and remove any `security.protocol` from `config`.'
    ),
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "tls", "scram"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(_judge),
)
