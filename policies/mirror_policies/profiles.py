"""Write a profile as the file Pulumi takes: ``python -m mirror_policies.profiles production``.

Pulumi knows no profiles, it knows levels and settings by policy. The two files beside the pack say all
of them, so that nothing depends on what somebody's version of the pack has for a default.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from mirror_policies.configuration import LEVEL_KEY
from mirror_policies.registry import RULES
from mirror_policies.rule import Profile, Rule


def pulumi_configuration(profile: Profile, rules: Sequence[Rule] = RULES) -> str:
    """Return the text for ``--policy-pack-config``: every rule's level and thresholds under a profile."""
    entries = {
        rule.id: {LEVEL_KEY: rule.level_under(profile).value, **rule.settings(profile=profile)}
        for rule in rules
    }
    return json.dumps(entries, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(pulumi_configuration(Profile(sys.argv[1])))
