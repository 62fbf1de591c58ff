"""A topology tells the sites its stack makes from those of others."""

from __future__ import annotations

from kafka_mirror.topology import load
from kafka_mirror.topology.quotas import Quotas
from tests.topology.configurations import changed, loaded, site, two_sites


def test_sites_are_made_here_or_elsewhere() -> None:
    topology = load({"sites": {"far": {"stack": "far"}, "near": site("near")}})

    assert list(topology.managed_sites()) == ["near"]
    assert list(topology.stack_sites()) == ["far"]
    assert [*topology.sites] == ["far", "near"]


def test_the_order_that_was_written_is_kept() -> None:
    topology = load(changed(two_sites(), "topics", "a", to={"sites": ["dev"]}))

    assert list(topology.topics) == ["items", "a"]
    assert loaded() == load(two_sites())


def test_quotas_are_the_same_when_another_stack_reads_them_with_numbers_as_pulumi_keeps_them() -> (
    None
):
    written = {"producerByteRate": "10Mi", "requestPercentage": 50, "controllerMutationRate": 5}
    read = {"producerByteRate": "10Mi", "requestPercentage": 50.0, "controllerMutationRate": 5.0}

    assert Quotas.model_validate(read) == Quotas.model_validate(written)
