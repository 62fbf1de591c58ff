"""Certificate authorities and the certificates they sign, all in PEM.

Keys are on the P-256 curve: a few milliseconds each, where RSA would cost a lab seconds of start-up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "io.strimzi"
VALIDITY = timedelta(days=365)
# Clocks of two machines differ; on one machine, a clock may step back.
_BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A private key and its certificate; both PEM. The key is a secret and has no repr."""

    certificate: str
    key: str

    def __repr__(self) -> str:
        return f"Identity({subject_of(self.certificate)})"


def new_authority(name: str, *, now: datetime, validity: timedelta = VALIDITY) -> Identity:
    """Make a self-signed certificate authority.

    Args:
        name: Its common name, for example ``cluster-ca v0``.
        now: When its validity starts.
        validity: How long it lasts.
    """
    return _self_signed(name, ec.generate_private_key(ec.SECP256R1()), now, validity)


def renewed_authority(
    authority: Identity, name: str, *, now: datetime, validity: timedelta = VALIDITY
) -> Identity:
    """Sign an authority's own key anew: whoever trusts the old certificate trusts what the new one signs.

    Args:
        authority: Whose key is kept.
        name: Its common name; under another one the old certificate would not vouch for the new one.
        now: When the new validity starts.
        validity: How long it lasts.
    """
    return _self_signed(name, _load_key(authority.key), now, validity)


def _self_signed(
    name: str, key: ec.EllipticCurvePrivateKey, now: datetime, validity: timedelta
) -> Identity:
    subject = _name(name, organisation=ORGANISATION)
    signed = (
        _builder(subject, subject, key.public_key(), now=now, validity=validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_authority_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _identity(signed, key)


def issue(
    authority: Identity,
    common_name: str,
    *,
    now: datetime,
    organisation: str | None = ORGANISATION,
    dns_names: Sequence[str] = (),
    addresses: Sequence[str] = (),
    validity: timedelta = VALIDITY,
) -> Identity:
    """Sign a certificate for a new key.

    Args:
        authority: Who signs.
        common_name: The subject's CN.
        now: When its validity starts.
        organisation: The subject's O; users have none, so that their principal is ``CN=<name>``.
        dns_names: Host names the certificate is good for.
        addresses: IP addresses it is good for.
        validity: How long it lasts.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    subject = _name(common_name, organisation=organisation)
    builder = _builder(subject, issuer.subject, key.public_key(), now=now, validity=validity)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in dns_names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    usage = x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    )
    return _identity(
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .sign(_load_key(authority.key), hashes.SHA256()),
        key,
    )


def is_signed_by(certificate: str, authority: str) -> bool:
    """Tell whether a certificate was signed with an authority's key; both PEM."""
    signer = x509.load_pem_x509_certificate(authority.encode())
    try:
        x509.load_pem_x509_certificate(certificate.encode()).verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def covers(certificate: str, *, dns_names: Sequence[str], addresses: Sequence[str]) -> bool:
    """Tell whether a certificate is good for all of these hosts."""
    loaded = x509.load_pem_x509_certificate(certificate.encode())
    try:
        found = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return not dns_names and not addresses
    known = {*found.get_values_for_type(x509.DNSName)}
    known |= {str(address) for address in found.get_values_for_type(x509.IPAddress)}
    return known >= {*dns_names, *addresses}


def expiry_of(certificate: str) -> datetime:
    """Return when a certificate ends, in UTC."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def trusts(authorities: str, certificate: str) -> bool:
    """Tell whether a certificate was signed with the key of any of these authorities; all PEM."""
    encoding = serialization.Encoding.PEM
    known = x509.load_pem_x509_certificates(authorities.encode())
    return any(is_signed_by(certificate, one.public_bytes(encoding).decode()) for one in known)


def subject_of(certificate: str) -> str:
    """Return a certificate's subject as Kafka writes a principal: the last part first."""
    return x509.load_pem_x509_certificate(certificate.encode()).subject.rfc4514_string()


def is_certificate(text: str) -> bool:
    """Tell whether a text holds X.509 certificates in PEM, one or more."""
    try:
        return bool(x509.load_pem_x509_certificates(text.encode()))
    except ValueError:
        return False


def truststore_pkcs12(certificates: Mapping[str, str], password: str) -> bytes:
    """Return a PKCS #12 truststore that holds certificates under their names."""
    entries = [
        pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(text.encode()), name.encode())
        for name, text in certificates.items()
    ]
    return pkcs12.serialize_java_truststore(
        entries, serialization.BestAvailableEncryption(password.encode())
    )


def keystore_pkcs12(identity: Identity, name: str, password: str) -> bytes:
    """Return a PKCS #12 keystore that holds a key and its certificate."""
    return pkcs12.serialize_key_and_certificates(
        name.encode(),
        _load_key(identity.key),
        x509.load_pem_x509_certificate(identity.certificate.encode()),
        None,
        serialization.BestAvailableEncryption(password.encode()),
    )


def utc_now() -> datetime:
    """Return the time; where callers take a clock, this is the real one."""
    return datetime.now(UTC)


def _name(common_name: str, *, organisation: str | None) -> x509.Name:
    # Kafka writes the parts back to front: CN=<cluster>-kafka,O=io.strimzi.
    parts = [] if organisation is None else [(NameOID.ORGANIZATION_NAME, organisation)]
    parts.append((NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    now: datetime,
    validity: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + validity)
    )


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _load_key(pem: str) -> ec.EllipticCurvePrivateKey:
    # An authority brought by the user may have another kind of key; signing works with all of them.
    return cast(
        "ec.EllipticCurvePrivateKey", serialization.load_pem_private_key(pem.encode(), None)
    )


def _identity(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    return Identity(
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )
