"""Before a stack is deployed, its sites' API versions are compared with what their clusters serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_mirror.cli.served_apis import check_served_apis, unserved
from tests.cli.projects import write_stack
from tests.manifests.flows import OLD_STRIMZI, served_by
from tests.planning.plans import planned
from tests.topology.configurations import changed, two_sites

SERVED = {
    ("dev", "kafka.strimzi.io"): ("v1beta2",),
    ("stg", "kafka.strimzi.io"): ("v1", "v1beta2"),
}


def versions(context: str, group: str) -> tuple[str, ...]:
    return SERVED.get((context, group), ())


def test_a_version_that_is_not_served_is_told_with_those_that_are() -> None:
    assert [str(one) for one in unserved(planned(two_sites()), versions)] == [
        (
            "sites.dev.operator.api: context 'dev' serves kafka.strimzi.io in v1beta2 only, found v1. "
            "Set it to v1beta2, or upgrade the operator there"
        )
    ]


def test_a_version_that_is_served_is_fine() -> None:
    assert list(unserved(planned(served_by(OLD_STRIMZI)), versions)) == []


def test_a_place_without_a_site_is_looked_at_too() -> None:
    there = {"kubernetes": {"context": "dev", "namespace": "mirrors"}}
    flow = changed(two_sites(), "flows", "dev-to-stg", "runsIn", to=there)
    at_sites = changed(flow, "sites", "dev", "operator", to=OLD_STRIMZI)

    assert [str(one) for one in unserved(planned(at_sites), versions)] == [
        (
            "flows[\"dev-to-stg\"].runsIn.kubernetes: context 'dev' serves kafka.strimzi.io in v1beta2 only, and the "
            "flow is said in v1, like the site that it belongs to. Let it run at a site, or bring both operators to one "
            "version"
        )
    ]


def test_an_operator_that_is_not_there_is_for_the_deployment_to_tell() -> None:
    assert list(unserved(planned(two_sites()), lambda _, __: ())) == []


def test_what_cannot_be_planned_or_reached_is_for_the_deployment_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    write_stack(tmp_path, "fine", two_sites())
    write_stack(tmp_path, "broken", {"sites": {"dev": 3}})

    for stack in ("fine", "broken", "absent"):
        check_served_apis(tmp_path, stack)
