"""Every rule of the pack, in the order in which it speaks.

A new rule is a ``RULE`` of a module, or one of its ``RULES``, and one line here; a test notices one that
is missing.
"""

from __future__ import annotations

from typing import Final

from mirror_policies.age import api, removed_fields, versions
from mirror_policies.deployment import declarations
from mirror_policies.durability import (
    min_insync,
    replication_factor_declared,
    replication_factor_fits_brokers,
    source_retention,
    topic_copies,
)
from mirror_policies.exemptions.explained import ID, exemptions_explained
from mirror_policies.filters import declared_twice, matches, patterns
from mirror_policies.licensing import event_streams
from mirror_policies.naming import (
    aliases,
    heartbeats,
    loops,
    replication_policy_alike,
    replication_policy_exists,
    separator,
    shown_ends,
    worker_names,
)
from mirror_policies.offsets import checkpoints, intervals, target_groups
from mirror_policies.rights import enforcement, mirror_users, owners, replicated_users
from mirror_policies.rule import Rule
from mirror_policies.shape import well_formed
from mirror_policies.trust import (
    certificates,
    credentials,
    hostname_verified,
    listeners,
    login_only_over_tls,
    public_authorities,
    secrets,
    tls_on_every_end,
)
from mirror_policies.workers import (
    addresses,
    connectors,
    message_sizes,
    metric_names,
    partitions,
    settings,
    storage_topics,
)

_THEMES: Final[tuple[Rule, ...]] = (
    well_formed.RULE,
    replication_policy_alike.RULE,
    replication_policy_exists.RULE,
    separator.RULE,
    loops.RULE,
    *aliases.RULES,
    *worker_names.RULES,
    *heartbeats.RULES,
    *shown_ends.RULES,
    replication_factor_declared.RULE,
    replication_factor_fits_brokers.RULE,
    *min_insync.RULES,
    topic_copies.RULE,
    source_retention.RULE,
    tls_on_every_end.RULE,
    login_only_over_tls.RULE,
    hostname_verified.RULE,
    public_authorities.RULE,
    listeners.RULE,
    *certificates.RULES,
    *credentials.RULES,
    *secrets.RULES,
    *mirror_users.RULES,
    *enforcement.RULES,
    *replicated_users.RULES,
    owners.RULE,
    *checkpoints.RULES,
    *intervals.RULES,
    target_groups.RULE,
    *patterns.RULES,
    *matches.RULES,
    declared_twice.RULE,
    *connectors.RULES,
    partitions.RULE,
    storage_topics.RULE,
    addresses.RULE,
    *settings.RULES,
    message_sizes.RULE,
    metric_names.RULE,
    *api.RULES,
    versions.RULE,
    *removed_fields.RULES,
    *declarations.RULES,
    *event_streams.RULES,
)

RULES: Final[tuple[Rule, ...]] = (
    *_THEMES,
    exemptions_explained(
        ids=(*(rule.id for rule in _THEMES), ID),
        kinds=frozenset[str]().union(*(rule.kinds for rule in _THEMES)),
    ),
)
