"""Any valid configuration loads and can be planned; one broken field gives one problem, at its path."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.planning import plan
from kafka_mirror.topology import load
from tests.strategies import Broken, Stack, broken_stacks, stacks


@given(stack=stacks())
def test_a_valid_configuration_loads_and_can_be_planned(stack: Stack) -> None:
    before = copy.deepcopy(stack.configuration)

    topology = load(stack.configuration)
    plan(topology, stack.elsewhere)

    assert stack.configuration == before
    assert list(topology.sites) == list(stack.configuration["sites"])


@given(broken=broken_stacks())
def test_one_broken_field_gives_one_problem_at_its_path(broken: Broken) -> None:
    with pytest.raises(ConfigurationError) as error:
        plan(load(broken.stack.configuration), broken.stack.elsewhere)

    problems = error.value.problems
    assert len(problems) == 1, problems
    assert is_at(problems[0].path, broken.where)
    assert problems[0].message


def is_at(path: str, where: str) -> bool:
    """Whether a problem is told at a place or inside of it; that a site is of no kind is told at the site."""
    rest = path.removeprefix(where)
    is_inside = path.startswith(where) and (not rest or rest[0] in ".[")
    is_kind = where in {f"{path}.kafka", f"{path}.stack"}
    return is_inside or is_kind
