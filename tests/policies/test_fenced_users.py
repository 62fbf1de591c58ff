"""A user that is fenced at the target is not told for what its fence took, whatever its ACLs say at the source."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from mirror_policies import check
from tests.planning.plans import planned
from tests.topology.configurations import changed, two_sites


def told(*, naming: str, fenced: bool) -> list[str]:
    """Return what is said of a replicated user with ACLs of its own, of which the plan grants what it may."""
    names: list[dict[str, Any]] = [
        {"resource": {"type": kind, "name": name}, "operations": ["All"]}
        for kind, name in (("topic", "items"), ("group", "app"), ("transactionalId", "tx"))
    ]
    configuration = changed(two_sites(), "users", "producer", "acls", to=names)
    for key, value in (("naming", naming), ("fenced", fenced)):
        configuration = changed(configuration, "flows", "dev-to-stg", key, to=value)
    material = rendered_objects(
        OfflineStack(plan=planned(configuration), sources={}), origin="Pulumi.both.yaml"
    )
    findings = check(material.objects, sites=material.sites)
    return [one.message for one in findings if one.rule == "replicated-users-alike"]


@pytest.mark.parametrize("naming", ["identity", "prefix"])
@pytest.mark.parametrize("fenced", [True, False])
def test_what_the_plan_grants_is_alike(naming: str, *, fenced: bool) -> None:
    assert told(naming=naming, fenced=fenced) == []
