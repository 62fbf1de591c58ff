"""Topics have short names and few partitions; a stack has few of them."""

from names_rules import POLICIES
from pulumi_policy import EnforcementLevel, PolicyPack

PolicyPack(name="names", enforcement_level=EnforcementLevel.MANDATORY, policies=POLICIES)
