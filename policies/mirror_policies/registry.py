"""Every rule of the pack, in the order in which it speaks.

A new rule is one module with a ``RULE`` and one line here; a test notices a module that is missing.
"""

from __future__ import annotations

from typing import Final

from mirror_policies.durability import replication_factor_declared, replication_factor_fits_brokers
from mirror_policies.naming import replication_policy_alike, replication_policy_exists
from mirror_policies.rule import Rule
from mirror_policies.trust import hostname_verified, public_authorities, tls_on_every_end

RULES: Final[tuple[Rule, ...]] = (
    replication_policy_alike.RULE,
    replication_policy_exists.RULE,
    replication_factor_declared.RULE,
    replication_factor_fits_brokers.RULE,
    tls_on_every_end.RULE,
    hostname_verified.RULE,
    public_authorities.RULE,
)
