"""With host name verification blanked, every certificate of a trusted authority is good enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, MirrorMaker
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

KEY: Final = "ssl.endpoint.identification.algorithm"


def judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    """Judge the setting wherever a cluster or a connector can carry it, under any prefix."""
    for end in maker.ends:
        yield from _of_settings(end.config)
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            yield from _of_settings(connector["config"])


def _of_settings(config: Field) -> Iterator[Remark]:
    for setting in config.members():
        if not setting.key.endswith(KEY):
            continue
        if setting.is_unknown:
            yield Undecided(setting, "whether it is blank can be told once it is known")
        elif setting.text is not None and not setting.text.strip():
            yield Violation(
                setting,
                f"{KEY} is blank, so a certificate of any other host that the same authority signed "
                "is believed. Remove it (https applies), and use an address that the certificate holds",
            )


RULE: Final = ObjectRule(
    id="hostname-verified",
    title="The name in a cluster's certificate is compared with its address",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A blank `ssl.endpoint.identification.algorithm` lets any holder of a certificate of the "
        "same authority pose as the cluster: it receives the login and every record."
    ),
    fix=(
        "Remove the setting and connect to a name that the listener's certificate holds; for node "
        "ports add the name with the listener's `alternativeNames`."
    ),
    link="https://kafka.apache.org/documentation/#security_confighostname",
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(judge),
)
