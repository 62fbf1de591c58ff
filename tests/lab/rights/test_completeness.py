"""No role and no access rule escapes the proof: whatever planning grants is taken away in one of the tests beside this one."""

from __future__ import annotations

from typing import get_args

import pytest

from kafka_mirror.topology import Access
from tests.lab.rights import test_applications, test_mirror, test_worker
from tests.lab.rights.trials import Location, Naming, Trial, removals

MIRROR = {"mirror-source", "mirror-target"}
APPLICATIONS = {"producer", "consumer", "transactional-producer", "observer", "admin"}
COMBINED = {"processor"}


def test_every_role_there_is_has_its_proof() -> None:
    models = get_args(get_args(Access)[0])
    roles = {get_args(model.model_fields["role"].annotation)[0] for model in models}

    assert roles == MIRROR | APPLICATIONS
    assert set(test_applications.WORK) == APPLICATIONS | COMBINED


@pytest.mark.parametrize("naming", ["identity", "prefix"])
@pytest.mark.parametrize("location", ["source", "target"])
def test_every_access_rule_of_a_flow_is_taken_away_once(naming: Naming, location: Location) -> None:
    taken = {one.missing for one in test_mirror.trials_of(naming, location) if one.missing}
    granted = set(removals(Trial("any", naming, location), MIRROR))
    of_the_worker = granted - taken

    assert taken < set(test_mirror.LOST)
    assert {(one.what, one.operation) for one in of_the_worker} == set(test_worker.LOST)


@pytest.mark.parametrize("naming", ["identity", "prefix"])
def test_offset_syncs_are_the_business_of_one_user(naming: Naming) -> None:
    owners = {
        location: {
            one.role
            for one in removals(Trial("any", naming, location), MIRROR)
            if is_syncs(one.what)
        }
        for location in ("source", "target")
    }

    assert owners == {"source": {"mirror-source"}, "target": {"mirror-target"}}


def is_syncs(what: str) -> bool:
    return what == "the offset syncs topic"


@pytest.mark.parametrize("naming", ["identity", "prefix"])
def test_it_is_said_how_each_access_rule_of_an_application_is_missed(naming: Naming) -> None:
    granted = removals(Trial("any", naming), APPLICATIONS | COMBINED)

    assert {f"{one.operation} on {one.what}" for one in granted} <= set(test_applications.REFUSAL)
