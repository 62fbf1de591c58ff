"""Rules for resources of MirrorMaker 2 and Kafka operators that deploy well and then fail silently.

``check(objects)`` judges plain data; ``mirror_policies.pulumi_pack`` serves the same rules to Pulumi.
"""

from mirror_policies.checking import check
from mirror_policies.configuration import Configuration
from mirror_policies.registry import RULES
from mirror_policies.rule import Finding, Level, Rule

__all__ = ["RULES", "Configuration", "Finding", "Level", "Rule", "check"]
