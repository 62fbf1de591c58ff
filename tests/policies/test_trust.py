from __future__ import annotations

import pytest

from mirror_policies import Level
from mirror_policies.fields import ABSENT, UNKNOWN
from mirror_policies.reading.hosts import hosts_of, is_private
from tests.policies.resources import (
    at,
    mirror_maker,
    old_mirror_maker,
    only,
    source_config,
    target_config,
)

said, found = only(
    "tls-on-every-end", "login-only-over-tls", "hostname-verified", "public-authorities-trusted"
)

RULE = "tls-on-every-end"
LOGIN = "login-only-over-tls"
HOW = 'Write tls.trustedCertificates with the Secret of its cluster CA and pattern: "*.crt"'
TLS = at("spec.target.tls")
TRUSTED = at("spec.target.tls.trustedCertificates")
TRUSTED_PATH = "spec.target.tls.trustedCertificates"
BOOTSTRAP = at("spec.target.bootstrapServers")
TYPE = at("spec.target.authentication.type")
HOSTNAME = "ssl.endpoint.identification.algorithm"
SCRAM_SENT = "the login and every record would cross the network in the clear"


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        pytest.param("scram-sha-512", SCRAM_SENT, id="SCRAM"),
        pytest.param("scram-sha-256", SCRAM_SENT, id="older SCRAM"),
        pytest.param(
            "plain", "the password itself would cross the network in the clear", id="PLAIN"
        ),
        pytest.param(
            "tls",
            "the operators would still connect in the clear and never present the certificate",
            id="a client certificate",
        ),
        pytest.param(ABSENT, "every record would cross the network in the clear", id="none"),
    ],
)
def test_an_end_without_tls_is_found_whatever_it_proves_itself_with(kind, sent):
    message = f"there is no tls section: {sent}, and any server would be believed. {HOW}"
    broken = mirror_maker((TLS, ABSENT), (TYPE, kind))
    rule = LOGIN if kind in ("plain", "scram-sha-256", "scram-sha-512") else RULE
    assert said(broken) == [(rule, "spec.target.tls", message)]


def test_without_tls_and_with_an_unknown_login_both_are_said():
    message = (
        "there is no tls section: every record would cross the network in the clear, and any server "
        f"would be believed. {HOW}"
    )
    later = "it can be judged once it is known"
    path = "spec.target.authentication.type"
    assert said(mirror_maker((TLS, ABSENT), (TYPE, UNKNOWN))) == [
        (RULE, "spec.target.tls", message),
        (RULE, path, later),
        (LOGIN, path, later),
    ]


@pytest.mark.parametrize(
    ("made", "path"),
    [
        pytest.param(mirror_maker, "spec.mirrors.0.source.tls", id="v1"),
        pytest.param(old_mirror_maker, "spec.clusters.0.tls", id="v1beta2"),
    ],
)
def test_a_source_without_tls_is_found_in_both_layouts(made, path):
    message = f"there is no tls section: {SCRAM_SENT}, and any server would be believed. {HOW}"
    written = path.replace(".0", "[0]")
    assert said(made((at(path), ABSENT))) == [(LOGIN, written, message)]


@pytest.mark.parametrize(
    ("place", "value", "path", "message"),
    [
        pytest.param(
            TLS, True, "spec.target.tls", f"tls is true, an object is needed. {HOW}", id="tls: true"
        ),
        pytest.param(
            TRUSTED, "ca", TRUSTED_PATH, f"it is a text, a list is needed. {HOW}", id="no list"
        ),
        pytest.param(
            TRUSTED,
            [{"pattern": "*.crt"}],
            f"{TRUSTED_PATH}[0].secretName",
            "no Secret is named, so nothing can be trusted. Name the one",
            id="without a Secret",
        ),
        pytest.param(
            TRUSTED,
            [{"secretName": "ca"}],
            f"{TRUSTED_PATH}[0]",
            'neither a certificate nor a pattern is given, one is needed. Write pattern: "*.crt" '
            "alone",
            id="without a key",
        ),
        pytest.param(
            TRUSTED,
            [
                {"secretName": "a", "pattern": "*.crt"},
                {"secretName": "b", "certificate": "c", "pattern": "p"},
            ],
            f"{TRUSTED_PATH}[1]",
            'both are given, one is needed. Write pattern: "*.crt" alone',
            id="with two kinds of key",
        ),
    ],
)
def test_trust_that_is_not_complete_is_found(place, value, path, message):
    assert said(mirror_maker((place, value))) == [(RULE, path, message)]


@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param({"secretName": "ca", "certificate": "ca.crt"}, id="by certificate"),
        pytest.param({"secretName": "ca", "pattern": "*.crt"}, id="by pattern"),
        pytest.param({"secretName": UNKNOWN, "pattern": "*.crt"}, id="Secret not known yet"),
        pytest.param({"secretName": "ca", "pattern": UNKNOWN}, id="pattern not known yet"),
    ],
)
def test_trust_that_is_complete_passes(certificate):
    assert said(mirror_maker((TRUSTED, [certificate]))) == []


@pytest.mark.parametrize("trust", [{}, {"trustedCertificates": []}, {"trustedCertificates": None}])
@pytest.mark.parametrize(
    "host", ["stg-kafka-bootstrap.stg.svc", "stg-kafka-bootstrap", "10.0.0.1", "localhost"]
)
def test_no_public_authority_vouches_for_a_private_host(trust, host):
    message = (
        "it names no certificate, so only public authorities are trusted, and none can vouch for "
        f"'{host}': the connection would fail. {HOW}"
    )
    broken = mirror_maker((TLS, trust), (BOOTSTRAP, f"{host}:9093"))
    assert said(broken) == [(RULE, TRUSTED_PATH, message)]


@pytest.mark.parametrize("trust", [{}, {"trustedCertificates": []}])
def test_public_authorities_for_a_public_host_are_advice_only(trust):
    public = mirror_maker((TLS, trust), (BOOTSTRAP, "broker-0.cloud.example.com:9093"))
    (finding,) = found(public)
    assert (finding.rule, finding.level) == ("public-authorities-trusted", Level.ADVISORY)
    assert finding.path == TRUSTED_PATH
    assert finding.message == (
        "it names no certificate, so 'broker-0.cloud.example.com' is believed with a certificate "
        "of any public authority. Name the authority, unless that is meant"
    )


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        pytest.param(
            [(TLS, UNKNOWN)],
            TRUSTED_PATH,
            "whom it trusts can be judged once it is known",
            id="tls",
        ),
        pytest.param(
            [(TLS, {}), (BOOTSTRAP, UNKNOWN)],
            "spec.target.bootstrapServers",
            "tls names no certificate: whether a public authority can vouch for the host can be "
            "told once it is known",
            id="host",
        ),
    ],
)
def test_unknown_trust_is_left_for_later(changes, path, message):
    assert [one for one in said(mirror_maker(*changes)) if one[0] == RULE] == [
        (RULE, path, message)
    ]


def test_an_unknown_address_does_not_matter_where_certificates_are_named():
    assert said(mirror_maker((BOOTSTRAP, UNKNOWN))) == []


@pytest.mark.parametrize(
    ("place", "path"),
    [
        pytest.param(
            target_config("security.protocol"),
            'spec.target.config["security.protocol"]',
            id="of the target",
        ),
        pytest.param(
            source_config("source.cluster.security.protocol"),
            'spec.mirrors[0].sourceConnector.config["source.cluster.security.protocol"]',
            id="of a connector",
        ),
    ],
)
def test_a_protocol_that_takes_tls_away_is_found(place, path):
    message = (
        "SASL_PLAINTEXT takes TLS away from the connectors, whatever the tls section says. "
        "Remove it: the operator derives the protocol"
    )
    assert said(mirror_maker((place, "sasl_plaintext"))) == [(LOGIN, path, message)]
    assert said(mirror_maker((place, "SASL_SSL"))) == []


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        pytest.param(target_config(HOSTNAME), f'spec.target.config["{HOSTNAME}"]', id="target"),
        pytest.param(
            source_config(f"source.cluster.{HOSTNAME}"),
            f'spec.mirrors[0].sourceConnector.config["source.cluster.{HOSTNAME}"]',
            id="connector",
        ),
    ],
)
def test_blanked_host_name_verification_is_found(place, path, blank):
    message = (
        f"{HOSTNAME} is blank, so a certificate of any other host that the same authority signed "
        "is believed. Remove it (https applies), and use an address that the certificate holds"
    )
    assert said(mirror_maker((place, blank))) == [("hostname-verified", path, message)]


@pytest.mark.parametrize("given", ["https", "HTTPS", None])
def test_host_name_verification_that_is_on_passes(given):
    assert said(mirror_maker((target_config(HOSTNAME), given))) == []


def test_unknown_host_name_verification_is_left_for_later():
    path = f'spec.target.config["{HOSTNAME}"]'
    assert said(mirror_maker((target_config(HOSTNAME), UNKNOWN))) == [
        ("hostname-verified", path, "whether it is blank can be told once it is known")
    ]


@pytest.mark.parametrize(
    ("addresses", "hosts"),
    [
        pytest.param("a:1, b.c:2,", ("a", "b.c"), id="several"),
        pytest.param("a", ("a",), id="without a port"),
        pytest.param("[::1]:9092", ("::1",), id="IPv6"),
        pytest.param("", (), id="none"),
        pytest.param("x" * 300 + ":1", (), id="too long for a host"),
    ],
)
def test_hosts_are_read_from_addresses(addresses, hosts):
    assert hosts_of(addresses) == hosts


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("stg-kafka-bootstrap", True),
        ("stg-kafka-bootstrap.stg", True),
        ("stg-kafka-bootstrap.stg.svc", True),
        ("stg-kafka-bootstrap.stg.svc.cluster.local", True),
        ("stg-kafka-bootstrap.stg.svc.other.zone", True),
        ("kafka.corp.internal", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.2", True),
        ("8.8.8.8", False),
        ("example.com", False),
        ("broker.cloud.example.com.", False),
        ("rt-inventory-dev-kafka-bootstrap-rt-inventory-dev.apps.example.com", False),
    ],
)
def test_private_hosts_are_told_from_public_ones(host, private):
    assert is_private(host) is private
