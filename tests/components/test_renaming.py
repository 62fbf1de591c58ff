"""A flow under another name, and a user that comes by another flow: what is made stays where it is."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

import engine
from tests.components.conftest import Estate
from tests.topology.configurations import Configuration, changed, two_sites

NAMES = {"resource": "dev-to-stg"}


def _both_sites() -> Configuration:
    configuration = two_sites()
    for one in configuration["sites"].values():
        # The pack asks for a route's own certificate authority; what is made is the same without.
        one["kafka"]["listeners"] = one["kafka"]["listeners"][:1]
        one["kubernetes"]["context"] = "one"
    return configuration


def _renamed(configuration: Configuration, **more: object) -> Configuration:
    renamed = copy.deepcopy(configuration)
    renamed["flows"]["dev-to-staging"] = {**renamed["flows"].pop("dev-to-stg"), **more}
    renamed["users"]["writer"]["access"][0]["flow"] = "dev-to-staging"
    return renamed


def _operations(outcome: engine.Outcome) -> set[tuple[str, str]]:
    return {
        (str(step.op), f"{step.type.rsplit(':', 1)[-1]} {step.name}")
        for step in outcome.changed
        if step.type.startswith("kubernetes:")
    }


@pytest.fixture(scope="module")
def deployed_once(_quick_passphrase: None, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    estate = Estate.made(tmp_path_factory.mktemp("both"))
    estate.write("both", _both_sites())
    estate.up("both")
    return estate


@pytest.fixture
def deployed(deployed_once: Estate, tmp_path: Path) -> Estate:
    return deployed_once.copied(tmp_path)


def test_a_renamed_flow_that_keeps_its_names_changes_nothing(deployed: Estate) -> None:
    deployed.write("both", _renamed(_both_sites(), names=NAMES))

    previewed, done = deployed.preview("both"), deployed.up("both")

    assert {step.op for step in previewed.steps} <= {engine.Op.SAME, engine.Op.READ}
    assert {step.op for step in done.steps} <= {engine.Op.SAME, engine.Op.READ}
    assert set(deployed.outputs("both")["sites"]["stg"]["flows"]) == {"dev-to-staging"}


def test_a_renamed_flow_without_them_is_another_one_whose_users_stay(deployed: Estate) -> None:
    deployed.write("both", _renamed(_both_sites()))

    assert _operations(deployed.up("both")) == {
        ("update", "KafkaUser stg-writer"),
        *(
            (operation, f"{kind} {flow}{part}")
            for operation, flow in (("create", "dev-to-staging"), ("delete", "dev-to-stg"))
            for kind, part in (
                ("KafkaMirrorMaker2", ""),
                ("Secret", "-source-credential"),
                ("Secret", "-source-trust"),
            )
        ),
    }


def test_a_user_that_comes_by_another_flow_stays(deployed: Estate) -> None:
    configuration = changed(
        _both_sites(), "flows", "dev-to-stg", "replicatedUsers", to=["producer"]
    )
    second = {**copy.deepcopy(configuration["flows"]["dev-to-stg"]), "topics": ["orders"]}
    configuration["flows"]["orders"] = {**second, "replicatedUsers": ["consumer"]}
    configuration["users"]["reader"]["access"][0]["topics"].append("orders")
    configuration["users"]["writer"]["access"].append({"role": "mirror-target", "flow": "orders"})
    deployed.write("both", configuration)

    done = deployed.up("both")

    assert {name for operation, name in _operations(done) if "consumer" in name} == set()
