"""What stacks say of their sites in the public output ``sites``.

A rule that needs what another stack owns reads it here, as plain data: names, addresses, users and
their roles, topics, flows into the site. No credential is in that output.
"""

from __future__ import annotations

from collections.abc import Mapping

from mirror_policies.fields import Field
from mirror_policies.objects import KubernetesObject


def site_fields(sites: Mapping[str, object]) -> Mapping[str, Field]:
    """Return the facts of each site by its name, to be read like any object; what is no mapping is left out."""
    return {
        name: KubernetesObject({"kind": "Site", "metadata": {"name": name}, "spec": facts})["spec"]
        for name, facts in sites.items()
        if isinstance(facts, Mapping)
    }
