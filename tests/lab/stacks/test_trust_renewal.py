"""A new authority of the source's cluster: who sees it when, and how it reaches the flow."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

import engine
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.following import WITHIN, SmallFlow
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab


@pytest.fixture
def flow(stacks: SmallStacks, tmp_path: Path) -> SmallFlow:
    return SmallFlow(stacks, tmp_path)


def _ask(flow: SmallFlow, secret: str, annotation: str) -> list[str]:
    """Ask the operator as `kubectl annotate` would, and return the certificates once they are others."""
    before = flow.listener()["certificates"]
    flow.stacks.api("dev").patch(
        "v1",
        "Secret",
        secret,
        "kafka-dev",
        patch={"metadata": {"annotations": {annotation: "true"}}},
        field_manager="kubectl-annotate",
    )
    assert wait_until(lambda: flow.listener().get("certificates", before) != before, within=WITHIN)
    return list(flow.listener()["certificates"])


def test_a_new_authority_reaches_the_flow_through_the_owner_and_nothing_is_lost(
    stacks: SmallStacks, flow: SmallFlow, figures: Figures
) -> None:
    flow.send(200)
    assert flow.catches_up()
    with_old_trust = flow.application("dev", "item-consumer")
    certificates = _ask(flow, "dev-cluster-ca", "strimzi.io/force-replace")
    cut_off = time.monotonic()

    # Nothing but a refresh of the owner sees it.
    with pytest.raises(KafkaException):
        AdminClient(with_old_trust.client()).list_topics(timeout=5)
    assert changed(stacks.up("dev")) == set()
    assert stacks.outputs("dev")["sites"]["dev"]["listeners"]["external"]["certificates"] != (
        certificates
    )
    assert changed(stacks.preview("stg")) == set()

    told = stacks.run(engine.refresh, "dev")
    assert [step.reason for step in told.steps if step.type.endswith(":Kafka")] == [
        "status.listeners[0].certificates[0], status.listeners[1].certificates[0] changed"
    ]
    done = stacks.run(engine.up, "dev", refresh=True)
    assert changed(done) == set()
    assert [change.path for change in done.changed_outputs] == [
        "sites.dev.listeners.external.certificates[0]",
        "sites.dev.listeners.tls.certificates[0]",
    ]

    # The worker still believes in the old authority: it is ready, and mirrors nothing.
    flow.send(200)
    silent = flow.lag()
    assert silent == 200
    assert {one["type"] for one in flow.worker()["conditions"]} == {"Ready"}
    states = flow.states()

    done = stacks.up("stg")
    followed = time.monotonic()
    assert changed(done) == {
        ("update", "Secret/dev-to-stg-source-trust"),
        ("update", "KafkaMirrorMaker2/dev-to-stg"),
    }
    assert flow.catches_up()
    found = flow.compared()
    assert found.lost == 0
    figures(
        "A new key of the source's cluster CA (times include the steps between)",
        meanwhile=", ".join(sorted(set(states))),
        waiting=silent,
        until_up=f"{followed - cut_off:.1f} s",
        until_level=f"{time.monotonic() - followed:.1f} s",
        lost=found.lost,
        duplicated=found.duplicated,
    )


@pytest.mark.soak
def test_a_new_certificate_of_the_same_key_is_trusted_by_who_trusts_the_old_one(
    stacks: SmallStacks, flow: SmallFlow
) -> None:
    _ask(flow, "dev-cluster-ca-cert", "strimzi.io/force-renew")

    flow.send(200)

    assert flow.catches_up()
    assert flow.compared().lost == 0
    stacks.run(engine.up, "dev", refresh=True)
    assert changed(stacks.up("stg")) == {
        ("update", "Secret/dev-to-stg-source-trust"),
        ("update", "KafkaMirrorMaker2/dev-to-stg"),
    }
