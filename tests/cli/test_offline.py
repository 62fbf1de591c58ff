"""A site of another stack is read from that stack's state, else from its file, and it is said which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.cli.offline import read_stack, stack_names, stacks_read_by
from kafka_mirror.errors import UsageError
from kafka_mirror.topology import SiteName, UserName
from tests.cli.projects import write_stack
from tests.planning.plans import two_stacks
from tests.topology.configurations import changed, site

DEV, STG = SiteName("dev"), SiteName("stg")


def state_of_dev() -> dict[str, Any]:
    """Return the ``sites`` output of the stack dev once it is deployed."""
    _, elsewhere = two_stacks()
    described = elsewhere[DEV].model_dump(mode="json", by_alias=True)
    described["listeners"]["external"]["bootstrapServers"] = "dev.example.com:443"
    return {"dev": described}


def test_a_file_tells_what_is_known_before_the_deployment(project: Path) -> None:
    found = read_stack(project, "stg", {})

    assert found.sources == {"dev": "Pulumi.dev.yaml (not deployed)"}
    assert found.plan.descriptions[DEV].listeners["external"].bootstrap_servers is None


def test_a_state_tells_more_than_a_file(project: Path) -> None:
    found = read_stack(project, "stg", {"dev": state_of_dev()})

    assert found.sources == {"dev": "state of stack dev"}
    assert (
        found.plan.descriptions[DEV].listeners["external"].bootstrap_servers
        == "dev.example.com:443"
    )


def test_a_stack_of_another_project_is_read_from_the_file_of_its_name(project: Path) -> None:
    here, _ = two_stacks()
    write_stack(project, "stg", changed(here, "sites", "dev", to={"stack": "team/infra/dev"}))

    assert read_stack(project, "stg", {}).sources == {"dev": "Pulumi.dev.yaml (not deployed)"}


def test_a_chain_of_stacks_hands_replicated_users_on(project: Path) -> None:
    third = {"sites": {"stg": {"stack": "stg"}, "prod": site("prod")}}
    write_stack(project, "prod", third)

    described = read_stack(project, "prod", {}).plan.descriptions[STG]

    assert {UserName("producer"), UserName("consumer")} < described.users.keys()


def test_a_missing_file_is_told_with_those_there_are(project: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_stack(project, "prod", {})

    assert str(error.value) == (
        f"no stack 'prod' in {project} (has dev, stg): Pulumi.prod.yaml is missing"
    )


def test_the_stacks_of_a_project_and_what_they_read(project: Path) -> None:
    assert stack_names(project) == ("dev", "stg")
    assert stacks_read_by(project, "stg") == {"dev"}
    assert stacks_read_by(project, "dev") == frozenset()
