from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import pkcs12

from lab.operator.authorities import (
    covers,
    is_certificate,
    is_signed_by,
    issue,
    keystore_pkcs12,
    new_authority,
    subject_of,
    truststore_pkcs12,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_node_certificate_is_good_for_its_hosts_and_named_as_the_super_user() -> None:
    authority = new_authority("cluster-ca v0", now=NOW)

    made = issue(authority, "dev-kafka", now=NOW, dns_names=["localhost"], addresses=["127.0.0.1"])

    assert subject_of(made.certificate) == "CN=dev-kafka,O=io.strimzi"
    assert is_signed_by(made.certificate, authority.certificate)
    assert covers(made.certificate, dns_names=["localhost"], addresses=["127.0.0.1"])
    assert not covers(made.certificate, dns_names=["elsewhere"], addresses=[])


def test_user_certificate_is_named_after_the_user_alone() -> None:
    authority = new_authority("clients-ca v0", now=NOW)

    made = issue(authority, "rt-user", now=NOW, organisation=None)

    assert subject_of(made.certificate) == "CN=rt-user"
    assert covers(made.certificate, dns_names=[], addresses=[])


def test_certificate_of_another_authority_of_the_same_name_is_told_apart() -> None:
    one, other = (new_authority("cluster-ca v0", now=NOW) for _ in range(2))

    made = issue(one, "x", now=NOW, validity=timedelta(days=1))

    assert not is_signed_by(made.certificate, other.certificate)


def test_stores_open_with_their_password() -> None:
    authority = new_authority("cluster-ca v0", now=NOW)

    trust = pkcs12.load_pkcs12(truststore_pkcs12({"ca.crt": authority.certificate}, "pw"), b"pw")
    keys = pkcs12.load_pkcs12(keystore_pkcs12(authority, "me", "pw"), b"pw")

    assert len(trust.additional_certs) == 1
    assert keys.key is not None


def test_text_that_is_no_certificate_is_told_apart() -> None:
    assert not is_certificate("made-up")
    assert not is_certificate("")
    assert is_certificate(new_authority("x", now=NOW).certificate)


def test_private_key_is_not_shown() -> None:
    authority = new_authority("x", now=NOW)

    assert repr(authority) == "Identity(CN=x,O=io.strimzi)"
