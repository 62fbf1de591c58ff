from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_mirror.planning.expiry import NOTICE, Trust, trusts
from kafka_mirror.topology import SiteName
from lab.operator.authorities import new_authority
from tests.planning.plans import planned, two_stacks

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def _trusts(*certificates: str) -> list[Trust]:
    here, elsewhere = two_stacks()
    dev = SiteName("dev")
    listeners = {
        name: one.model_copy(update={"certificates": certificates})
        for name, one in elsewhere[dev].listeners.items()
    }
    elsewhere = {dev: elsewhere[dev].model_copy(update={"listeners": listeners})}
    return list(trusts(planned(here, elsewhere).flows, elsewhere))


def test_every_certificate_that_a_flow_trusts_its_source_by_is_told() -> None:
    old, new = (new_authority(f"cluster-ca v{n}", now=NOW).certificate for n in range(2))

    found = _trusts(old + new)

    assert [one.subject for one in found] == [
        "CN=cluster-ca v0,O=io.strimzi",
        "CN=cluster-ca v1,O=io.strimzi",
    ]
    assert {(one.flow, one.site, one.listener) for one in found} == {
        ("dev-to-stg", "dev", "external")
    }
    assert {one.ends for one in found} == {NOW + timedelta(days=365)}


@pytest.mark.parametrize(
    "certificates", [pytest.param((), id="not deployed"), pytest.param(("?",), id="no certificate")]
)
def test_what_nobody_has_told_is_not_guessed(certificates: tuple[str, ...]) -> None:
    assert _trusts(*certificates) == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        pytest.param(NOTICE + timedelta(hours=1), None, id="long enough"),
        pytest.param(NOTICE, "ends on 2026-12-21", id="soon"),
        pytest.param(timedelta(), "ended on 2026-11-21", id="over"),
    ],
)
def test_an_end_is_told_in_time_with_what_to_do(left: timedelta, said: str | None) -> None:
    (trust,) = _trusts(new_authority("cluster-ca v0", now=NOW, validity=left).certificate)

    warning = trust.warning(NOW)

    assert (warning is None) == (said is None)
    if warning is not None:
        assert warning == (
            f"the trust of flow 'dev-to-stg' in site 'dev' (CN=cluster-ca v0,O=io.strimzi) {said}. "
            "Once the cluster has a new certificate: up --refresh on the stack that owns the site, then up on this one"
        )
