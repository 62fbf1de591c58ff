"""What a cluster offers to whoever connects to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.links import STRIMZI_REFERENCE
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, brokers_section
from mirror_policies.reading.settings import is_true
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


def _judge(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    for listener in brokers_section(found)["listeners"].elements():
        tls = listener["tls"]
        if tls.is_unknown:
            yield Undecided(tls, "it can be judged once it is known")
        elif is_true(tls, default=False) is not True:
            yield Violation(
                tls,
                f"listener {listener['name'].shown} has no TLS: whoever listens on the way reads records "
                "and logins. Write tls: true, or remove the listener",
            )


RULE: Final = ObjectRule(
    id="listeners-use-tls",
    title="Every listener of a cluster speaks TLS",
    family=Family.TRUST,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A listener without TLS is used sooner or later, be it by a client that was to be moved: its "
        "records and its login cross the network in the clear."
    ),
    fix="Write `tls: true` into every entry of `listeners`.",
    link=STRIMZI_REFERENCE,
    tags=("kafka", "tls"),
    kinds=frozenset({KAFKA, EVENT_STREAMS}),
    check=_judge,
)
