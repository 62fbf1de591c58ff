"""Secrets of others are refused where something would write over them, and nowhere else."""

from __future__ import annotations

from tests.planning.plans import problems_of
from tests.topology.configurations import Configuration, two_sites, with_cloud


def with_two_flows_apart(context: str) -> Configuration:
    """Return the two sites with two flows by one Secret of others, each in a namespace without Kafka."""
    configuration = two_sites()
    first = configuration["flows"]["dev-to-stg"]
    first["runsIn"] = {"kubernetes": {"context": "edge", "namespace": "mirrors"}}
    configuration["flows"]["other"] = {
        **first,
        "target": {"site": "stg", "user": "other-writer"},
        "topics": ["other"],
        "replicatedUsers": [],
        "runsIn": {"kubernetes": {"context": context, "namespace": "mirrors"}},
    }
    access = [{"role": "mirror-target", "flow": "other"}]
    users = configuration["users"]
    users["other-writer"] = {"sites": ["stg"], "access": access}
    users["reader"]["access"][0]["topics"].append("other")
    for name in ("reader", "other-writer"):
        users[name]["password"] = {"secret": "from-vault"}
    return configuration


def test_flows_in_one_namespace_share_a_secret_of_others() -> None:
    assert problems_of(with_two_flows_apart("edge")) == []


def test_a_secret_of_others_may_be_called_like_that_of_a_flow_in_another_cluster() -> None:
    configuration = with_two_flows_apart("far")
    held = {"secret": "dev-to-stg-target-credential"}

    configuration["users"]["other-writer"]["password"] = held
    assert problems_of(configuration) == []

    configuration["users"]["reader"]["password"] = held
    assert len(problems_of(configuration)) == 1


def test_what_an_operator_keeps_beside_a_flow_may_be_trusted_at_an_external_site() -> None:
    assert problems_of(with_cloud(tls={"secret": "k-dev-cluster-ca-cert"})) == []
