"""The pair of IBM Event Streams, of which no definitions are published: every object is one of the Strimzi it is built on.

Event Streams 13.0 is built on Strimzi 1.0.0, whose classes are not published, so 0.51.0 and 1.2.0 stand in; 12.3 is built on 0.51.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from lab.binaries.versions import STRIMZI
from tests.examples.running import EXAMPLES
from tests.manifests.conftest import crd_schemas_of  # noqa: F401 - a fixture
from tests.manifests.schemas import CrdSchemas

STACKS: Final = ("es-dev", "es-stg")
OLDER: Final = {"api: v1": "api: v1beta2", "version: 13.0.0": "version: 12.3.0"}
"""What an older release takes to be written, as the page says."""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Return the examples, changed for Event Streams 12.3."""
    for file in EXAMPLES.glob("Pulumi*.yaml"):
        text = file.read_text()
        for now, before in OLDER.items():
            text = re.sub(rf"{re.escape(now)}$", before, text, flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text)
    return tmp_path


def rendered(stack: str, project: Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["render", stack, "--project", str(project)])
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def of_event_streams(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in objects if one["apiVersion"].startswith("eventstreams.ibm.com/")]


@pytest.mark.parametrize("release", ["0.51.0", STRIMZI])
@pytest.mark.parametrize("stack", STACKS)
def test_every_object_is_one_of_the_strimzi_it_is_built_on(
    stack: str,
    release: str,
    crd_schemas_of: Callable[[str], CrdSchemas],  # noqa: F811 - the fixture
) -> None:
    found = of_event_streams(rendered(stack, EXAMPLES))

    problems = [crd_schemas_of(release).problems_of_event_streams(one) for one in found]

    assert {one["apiVersion"] for one in found} == {"eventstreams.ibm.com/v1"}
    assert problems == [[]] * len(found)


@pytest.mark.parametrize("stack", STACKS)
def test_so_is_every_object_of_an_older_release(
    stack: str,
    older: Path,
    crd_schemas_of: Callable[[str], CrdSchemas],  # noqa: F811 - the fixture
) -> None:
    found = of_event_streams(rendered(stack, older))

    problems = [crd_schemas_of("0.51.0").problems_of_event_streams(one) for one in found]

    assert {one["apiVersion"] for one in found} == {"eventstreams.ibm.com/v1beta2"}
    assert problems == [[]] * len(found)


def test_an_older_instance_has_what_the_page_shows(older: Path) -> None:
    (instance,) = (one for one in rendered("es-dev", older) if one["kind"] == "EventStreams")
    (flow,) = (one for one in rendered("es-stg", older) if one["kind"] == "KafkaMirrorMaker2")

    (pool,) = instance["spec"]["strimziOverrides"]["nodePools"]
    assert pool["roles"] == ["controller", "broker"]
    assert instance["spec"]["version"] == "12.3.0"
    assert instance["spec"]["license"]["use"] == "CloudPakForIntegrationNonProduction"
    assert flow["spec"]["connectCluster"] == "stg"
    counted = flow["spec"]["template"]["pod"]["metadata"]["annotations"]
    assert counted["productVersion"] == "12.3.0"
    assert counted["cloudpakName"] == "IBM Cloud Pak for Integration"
