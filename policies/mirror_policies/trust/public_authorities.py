"""Trusting every public authority is a choice that deserves a second look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import shown
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.hosts import hosts_of, is_private
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, MirrorMaker
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation


def judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    """Report each cluster whose certificate any public authority may sign."""
    for end in maker.ends:
        trusted = end.tls["trustedCertificates"]
        hosts = hosts_of(end.bootstrap_servers.text or "")
        if not end.tls.is_mapping or not hosts or any(is_private(host) for host in hosts):
            continue
        if trusted.is_absent or (trusted.is_list and not trusted.elements()):
            yield Violation(
                trusted,
                f"it names no certificate, so {shown(hosts[0])} is believed with a "
                "certificate of any public authority. Name the authority, unless that is meant",
            )


RULE: Final = ObjectRule(
    id="public-authorities-trusted",
    title="One named authority is trusted, not every public one",
    family=Family.TRUST,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "`tls: {}` trusts every public authority of the image: a cloud service may need that, for a "
        "cluster of one's own it fails at the first handshake or trusts far too many."
    ),
    fix=(
        'Name the authority in `tls.trustedCertificates` (`secretName`, `pattern: "*.crt"`); for a '
        "cloud service with public certificates this advice can be set to `disabled`."
    ),
    link="https://strimzi.io/docs/operators/latest/configuring.html#con-common-configuration-trusted-certificates-reference",
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(judge),
)
