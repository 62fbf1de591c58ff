"""New certificates and keys for the authorities of a Kafka cluster, when somebody asks for them.

What Strimzi does (operator-common ``ca/InternalCa.java``, cluster-operator ``CaReconciler.java``, main of August 2026):

- ``strimzi.io/force-renew: "true"`` on ``<cluster>-cluster-ca-cert``: a new certificate for the same key.
- ``strimzi.io/force-replace: "true"`` on ``<cluster>-cluster-ca``: a new key and certificate under the next name. The old
  certificate stays in the Secret as ``ca-<its end>.crt``. First every node is started anew to trust both; then every node gets
  a certificate of the new authority and is started anew with it. At the next look the operator takes the old certificate
  out of the Secret. The lab leaves it there: its nodes are started from files, and would be started a third time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from lab.operator.authorities import expiry_of, new_authority, renewed_authority
from lab.operator.cluster_secrets import Authority
from lab.operator.objects import annotations_of

FORCE_RENEW: Final = "strimzi.io/force-renew"
FORCE_REPLACE: Final = "strimzi.io/force-replace"


def is_asked(secret: Mapping[str, Any] | None, annotation: str) -> bool:
    """Tell whether a Secret asks for something by an annotation."""
    return secret is not None and annotations_of(secret).get(annotation) == "true"


def renewed(authority: Authority, kind: str, *, now: datetime) -> Authority:
    """Return an authority with a new certificate of the same key; certificates of former keys go."""
    name = authority_name(kind, authority.key_generation)
    return Authority(
        identity=renewed_authority(authority.identity, name, now=now),
        certificate_generation=authority.certificate_generation + 1,
        key_generation=authority.key_generation,
    )


def replaced(authority: Authority, kind: str, *, now: datetime) -> Authority:
    """Return an authority with a new key, beside the certificate of the old one."""
    old, generation = authority.identity.certificate, authority.key_generation + 1
    return Authority(
        identity=new_authority(authority_name(kind, generation), now=now),
        former={**authority.former, f"ca-{expiry_of(old):%Y-%m-%dT%H-%M-%SZ}.crt": old},
        certificate_generation=authority.certificate_generation + 1,
        key_generation=generation,
    )


def authority_name(kind: str, key_generation: int) -> str:
    """Return an authority's common name: another one for each key, so that a client can tell them apart."""
    return f"{kind}-ca v{key_generation}"
