"""Every cluster a MirrorMaker connects to must prove who it is, and to whom it must is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field, shown
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.hosts import hosts_of, is_private
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
from mirror_policies.trust.login_only_over_tls import sends_login

_HOW: Final = 'Write tls.trustedCertificates with the Secret of its cluster CA and pattern: "*.crt"'
_SENT: Final = {
    "tls": "the operators would still connect in the clear and never present the certificate",
}


def judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    """Judge how each cluster is trusted."""
    for end in maker.ends:
        yield from _of_end(end)


def _of_end(end: KafkaEnd) -> Iterator[Remark]:
    trusted = end.tls["trustedCertificates"]
    if end.tls.is_unknown or trusted.is_unknown:
        yield Undecided(trusted, "whom it trusts can be judged once it is known")
    elif end.tls.is_absent:
        # A login in the clear has a rule of its own: login-only-over-tls.
        if not sends_login(end):
            yield Violation(end.tls, _without_tls(end))
    elif not end.tls.is_mapping:
        yield Violation(end.tls, f"tls is {_given(end.tls)}, an object is needed. {_HOW}")
    elif trusted.is_absent or (trusted.is_list and not trusted.elements()):
        yield from _of_public_trust(end)
    elif not trusted.is_list:
        yield Violation(trusted, f"it is {_given(trusted)}, a list is needed. {_HOW}")
    else:
        for certificate in trusted.elements():
            yield from _of_certificate(certificate)


def _given(place: Field) -> str:
    return "a text" if isinstance(place.value, str) else place.shown


def _without_tls(end: KafkaEnd) -> str:
    sent = _SENT.get(
        end.authentication["type"].text or "", "every record would cross the network in the clear"
    )
    return f"there is no tls section: {sent}, and any server would be believed. {_HOW}"


def _of_public_trust(end: KafkaEnd) -> Iterator[Remark]:
    """Judge a tls section that names no certificate: it means the public authorities."""
    if end.bootstrap_servers.is_unknown:
        yield Undecided(
            end.bootstrap_servers,
            "tls names no certificate: whether a public authority can vouch for the host can be "
            "told once it is known",
        )
        return
    private = [h for h in hosts_of(end.bootstrap_servers.text or "") if is_private(h)]
    if private:
        yield Violation(
            end.tls["trustedCertificates"],
            f"it names no certificate, so only public authorities are trusted, and none can vouch "
            f"for {shown(private[0])}: the connection would fail. {_HOW}",
        )


def _of_certificate(certificate: Field) -> Iterator[Remark]:
    secret, named = certificate["secretName"], (certificate["certificate"], certificate["pattern"])
    if not certificate.is_unknown and not secret.is_unknown and not (secret.text or "").strip():
        yield Violation(secret, "no Secret is named, so nothing can be trusted. Name the one")
    if any(field.is_unknown for field in named):
        return
    given = [field for field in named if not field.is_absent]
    if len(given) != 1:
        said = "neither a certificate nor a pattern is" if not given else "both are"
        yield Violation(certificate, f'{said} given, one is needed. Write pattern: "*.crt" alone')


RULE: Final = ObjectRule(
    id="tls-on-every-end",
    title="Every cluster is connected to over TLS, by somebody who says whom they trust",
    family=Family.TRUST,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Without a tls section the operators choose plaintext silently: records cross between sites "
        "in the clear and any server that answers is believed."
    ),
    fix=(
        "Give `target` and every `source` a `tls.trustedCertificates` entry with `secretName` and "
        '`pattern: "*.crt"` (it holds through a CA renewal); `tls: {}` only for hosts whose '
        "certificate a public authority signed."
    ),
    link="https://strimzi.io/docs/operators/latest/configuring.html#con-common-configuration-trusted-certificates-reference",
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(judge),
)
