"""What the pack says of a flow's user at a source that only another stack's output describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from mirror_policies import check
from tests.planning.plans import planned, two_stacks
from tests.topology.configurations import changed, with_certificates

SYNCS_FOR = {"role": "mirror-source", "topics": ["items"], "groups": "all"}


def said_of(*access: dict[str, Any], acls: list[dict[str, Any]] | None = None) -> list[str]:
    """Return what is said of a flow with offset syncs at the source if its user there were this one."""
    here, elsewhere = two_stacks(access=[{**SYNCS_FOR, "offsetSyncsFor": ["stg"]}])
    plan = planned(changed(here, "flows", "dev-to-stg", "offsetSyncs", to="source"), elsewhere)
    material = rendered_objects(OfflineStack(plan=plan, sources={}), origin="Pulumi.stg.yaml")
    described: Mapping[str, Any] = material.sites
    sites = {name: {**site} for name, site in described.items()}
    reader = {**sites["dev"]["users"]["reader"], "access": list(access), "acls": acls or []}
    sites["dev"]["users"] = {**sites["dev"]["users"], "reader": reader}
    found = check(material.objects, sites=sites)
    return [one.message for one in found if one.rule == "mirror-user-rights"]


@pytest.mark.parametrize(
    ("access", "said"),
    [
        pytest.param([{**SYNCS_FOR, "offsetSyncsFor": ["eu", "stg"]}], [], id="it may"),
        pytest.param(
            [{**SYNCS_FOR, "offsetSyncsFor": ["eu"]}],
            [
                (
                    "user 'reader' of site dev may not keep the flow's offset syncs there: no group offset would be "
                    "translated. Add stg to offsetSyncsFor of its role there"
                )
            ],
            id="for another site",
        ),
        pytest.param(
            [{"role": "observer", "topics": ["items"], "groups": "all"}],
            [
                (
                    "user 'reader' of site dev has no role mirror-source: the flow could read nothing. Give it the "
                    "role there"
                )
            ],
            id="another role",
        ),
    ],
)
def test_a_described_user_is_judged_by_its_role(
    access: list[dict[str, Any]], said: list[str]
) -> None:
    assert said_of(*access) == said


def test_a_described_user_with_acls_of_its_own_is_left_to_the_program() -> None:
    acl = {"resource": {"type": "topic", "name": "*"}, "operations": ["All"]}

    assert said_of({"role": "producer", "topics": ["items"]}, acls=[acl]) == []


def test_a_mirrors_own_user_with_a_certificate_of_others_need_not_be_at_the_target() -> None:
    configuration = with_certificates()
    held = {"authentication": "tls-external", "certificate": {"secret": "from-cert-manager"}}
    configuration["users"]["reader"] |= held
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")

    found = check(material.objects, sites=material.sites)

    assert "users-on-every-site" not in [one.rule for one in found]
