from __future__ import annotations

import datetime
import ssl

from cryptography import x509

from lab.certificates import Authority, write_signing_key

NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)


def test_an_issued_certificate_is_for_loopback_and_signed_by_the_authority(tmp_path):
    authority = Authority.create(now=NOW)
    pair = authority.issue("etcd", tmp_path, now=NOW)
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    certificate.verify_directly_issued_by(authority.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["localhost", "127.0.0.1"]


def test_openssl_takes_the_pair(tmp_path):
    authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
    pair = authority.issue("etcd", tmp_path, now=datetime.datetime.now(datetime.UTC))
    context = ssl.create_default_context(cadata=authority.pem())
    context.load_cert_chain(pair.certificate, pair.key)


def test_keys_are_private(tmp_path):
    pair = Authority.create(now=NOW).issue("etcd", tmp_path, now=NOW)
    write_signing_key(tmp_path / "sa.key", tmp_path / "sa.pub")
    assert {path.stat().st_mode & 0o777 for path in (pair.key, tmp_path / "sa.key")} == {0o600}
