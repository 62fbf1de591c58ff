from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.operator.authorities import is_signed_by, issue, new_authority, subject_of, trusts
from lab.operator.cluster_secrets import Authority
from lab.operator.renewals import FORCE_RENEW, is_asked, renewed, replaced

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=300)


@pytest.fixture
def authority() -> Authority:
    return Authority(identity=new_authority("cluster-ca v0", now=NOW))


def test_whoever_trusts_the_old_certificate_trusts_what_a_renewed_one_signs(
    authority: Authority,
) -> None:
    new = renewed(authority, "cluster", now=LATER)

    assert (new.certificate_generation, new.key_generation) == (1, 0)
    assert new.identity.certificate != authority.identity.certificate
    assert subject_of(new.identity.certificate) == subject_of(authority.identity.certificate)
    leaf = issue(new.identity, "dev-kafka", now=LATER)
    assert is_signed_by(leaf.certificate, authority.identity.certificate)
    assert list(new.certificates) == ["ca.crt"]


def test_a_replaced_key_is_strange_to_who_trusts_the_old_one_and_both_are_kept_apart(
    authority: Authority,
) -> None:
    new = replaced(authority, "cluster", now=LATER)

    assert (new.certificate_generation, new.key_generation) == (1, 1)
    assert subject_of(new.identity.certificate) == "CN=cluster-ca v1,O=io.strimzi"
    leaf = issue(new.identity, "dev-kafka", now=LATER)
    assert not trusts(authority.trusted, leaf.certificate)
    assert trusts(new.trusted, leaf.certificate)
    assert new.certificates == {
        "ca-2027-11-21T10-30-00Z.crt": authority.identity.certificate,
        "ca.crt": new.identity.certificate,
    }


def test_only_the_very_word_asks() -> None:
    def secret(value: str) -> dict[str, object]:
        return {"metadata": {"name": "x", "annotations": {FORCE_RENEW: value}}}

    assert is_asked(secret("true"), FORCE_RENEW)
    assert not is_asked(secret("false"), FORCE_RENEW)
    assert not is_asked(None, FORCE_RENEW)
