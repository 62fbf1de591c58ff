"""Topics have short names and few partitions; a stack has few of them."""

from names_rules import POLICIES  # type: ignore[import-not-found]  # beside it, as the pack runs
from pulumi_policy import EnforcementLevel, PolicyPack

PolicyPack(name="names", enforcement_level=EnforcementLevel.MANDATORY, policies=POLICIES)
