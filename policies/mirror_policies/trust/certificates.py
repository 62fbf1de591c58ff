"""Whose certificates a MirrorMaker trusts, and whether that lasts through a renewal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import STRIMZI_SECURITY, STRIMZI_TRUST
from mirror_policies.objects import Stack
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA
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
    StackRule,
    Undecided,
    Violation,
)

_CLIENTS_CERTIFICATE: Final = "-clients-ca-cert"
_PRIVATE: Final = "holds the private key of an authority and no certificate"
_OTHER_SECRETS: Final = {
    _CLIENTS_CERTIFICATE: (
        "holds the clients CA, which signs users; brokers are signed by the cluster CA: the handshake "
        "would fail"
    ),
    "-cluster-ca": _PRIVATE,
    "-clients-ca": _PRIVATE,
}
"""By the ends of their names: Secrets that operators make for a Kafka, and that no client trusts."""
_OF_USER: Final = (
    "the user's own Secret, whose ca.crt is the clients CA; brokers are signed by the cluster CA: the "
    "handshake would fail"
)
_CLUSTER_CA: Final = "Trust <kafka>-cluster-ca-cert"


def _trusted(end: KafkaEnd) -> tuple[Field, ...]:
    return end.tls["trustedCertificates"].elements()


def _judge_pattern(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for end in maker.ends:
        for trusted in _trusted(end):
            named = trusted["certificate"]
            if named.text is not None and trusted["pattern"].is_absent:
                yield Violation(
                    named,
                    f"only {named.shown} is trusted: when the CA's key is replaced, old and new "
                    "certificates stand under two names and the flow stops until both are listed. "
                    'Write pattern: "*.crt"',
                )


TRUST_BY_PATTERN: Final = ObjectRule(
    id="trust-by-pattern",
    title="Every certificate of a trusted Secret is trusted, not one by its name",
    family=Family.TRUST,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "During the replacement of a CA's key its Secret holds the old and the new certificate: one "
        "named entry trusts one of them, and the flow fails at its handshakes."
    ),
    fix='Replace `certificate: ca.crt` by `pattern: "*.crt"` (Strimzi 0.42 and later).',
    link=STRIMZI_TRUST,
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=over_mirror_maker(_judge_pattern),
)


def _judge_authority(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    kafkas = {(one.site, one.namespace, one.name) for one in stack.of_kind(KAFKA, EVENT_STREAMS)}
    users = {(user.site, user.namespace, user.name) for user in stack.of_kind(USER)}
    own = {(secret.site, secret.namespace, secret.name) for secret in stack.secrets}
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        for end in found.reading(read_mirror_maker).ends:
            for trusted in _trusted(end):
                place = trusted["secretName"]
                where = (found.site, found.namespace, place.text or "")
                if place.is_unknown:
                    yield Undecided(
                        place, "whose certificates it holds can be told once it is known"
                    )
                elif where in own:
                    continue  # What somebody filled holds what they put there.
                elif where in users:
                    yield Violation(place, f"{place.shown} is {_OF_USER}. {_CLUSTER_CA}")
                else:
                    beside = {k[2] for k in kafkas if k[:2] == where[:2]}
                    yield from _by_name(place, end, beside)


def _by_name(place: Field, end: KafkaEnd, kafkas: set[str]) -> Iterator[Remark]:
    name = place.text or ""
    kafka, ending = next(
        ((name.removesuffix(one), one) for one in _OTHER_SECRETS if name.endswith(one)), ("", "")
    )
    if ending:
        holds = f"{place.shown} {_OTHER_SECRETS[ending]}. {_CLUSTER_CA}"
        # The names of private keys are taken for copies of certificates too.
        is_certain = kafka in kafkas or ending == _CLIENTS_CERTIFICATE
        yield (
            Violation(place, holds)
            if is_certain
            else Undecided(place, f"if the operator made it, {holds}")
        )
    elif name and name in _logins(end):
        yield Undecided(
            place,
            f"if it is the Secret that an operator made for the user, it is {_OF_USER}. {_CLUSTER_CA}",
        )


def _logins(end: KafkaEnd) -> tuple[str | None, ...]:
    return (
        end.authentication["certificateAndKey"]["secretName"].text,
        end.authentication["passwordSecret"]["secretName"].text,
    )


CLUSTER_CA_TRUSTED: Final = StackRule(
    id="cluster-ca-trusted",
    title="The cluster CA is trusted, not the clients CA and no private key",
    family=Family.TRUST,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Brokers present certificates of the cluster CA: who trusts the clients CA, or a user's own "
        "`ca.crt`, fails at every handshake while the resource is Ready."
    ),
    fix="Name the Secret `<kafka>-cluster-ca-cert`, or a copy of its `ca.crt`.",
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge_authority,
)

RULES: Final = (TRUST_BY_PATTERN, CLUSTER_CA_TRUSTED)
