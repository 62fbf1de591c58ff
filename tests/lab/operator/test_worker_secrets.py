from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.operator.failures import ReconciliationError
from lab.operator.worker_secrets import (
    credential_values,
    mirror_maker_labels,
    trust_secret,
    trusted_certificates,
)
from tests.lab.operator import recordings

_TRUST = (
    "mm2-identity-scram-tls",
    "mm2-pattern-trust",
    "mm2-pattern-no-match",
    "mm2-fan-in",
    "mm2-tls-client-auth",
    "mm2-plain-apikey-source",
)
_REFUSED = (
    "mm2-missing-secret-source",
    "mm2-missing-secret-target",
    "mm2-missing-ca-secret",
    "mm2-missing-ca-key",
    "mm2-missing-secret-key",
    "mm2-missing-password-source",
    "mm2-tls-auth-empty-source",
    "mm2-ca-not-x509",
)


def reader(case: Path) -> Any:
    secrets: dict[str, Mapping[str, str]] = {
        document["metadata"]["name"]: document["stringData"]
        for document in recordings.documents(case)
        if document["kind"] == "Secret"
    }
    return secrets.get


@pytest.mark.parametrize("name", _TRUST)
def test_joined_trust_is_the_recorded_one(name: str) -> None:
    case = recordings.case(name)
    resource = recordings.resource(case, "KafkaMirrorMaker2")
    (recorded,) = [
        entry
        for entry in recordings.yaml_file(case / "objects.yaml")
        if entry["kind"] == "Secret" and entry["name"].endswith("-trusted-certs")
    ]

    entries = trusted_certificates(resource, reader(case))

    assert entries == recorded["keys"]
    secret = trust_secret(resource, entries, mirror_maker_labels(resource))
    assert secret["metadata"]["name"] == recorded["name"]
    assert secret["metadata"]["labels"] == recorded["labels"]


@pytest.mark.parametrize("name", _REFUSED)
def test_unusable_secret_is_refused_in_the_recorded_words(name: str) -> None:
    case = recordings.case(name)
    resource = recordings.resource(case, "KafkaMirrorMaker2")
    (condition,) = recordings.yaml_file(case / "status.yaml")["status"]["conditions"]

    def read_all() -> None:
        trusted_certificates(resource, reader(case))
        credential_values(resource, reader(case))

    with pytest.raises(ReconciliationError) as raised:
        read_all()

    assert (raised.value.reason, raised.value.message) == (
        condition["reason"],
        condition["message"],
    )


def test_worker_reads_no_key_but_those_the_resource_names() -> None:
    case = recordings.case("mm2-identity-scram-tls")
    resource = recordings.resource(case, "KafkaMirrorMaker2")
    secrets = {
        "dev-mm2": {"password": "a", "sasl.jaas.config": "b"},
        "stg-mm2": {"password": "c"},
    }

    assert credential_values(resource, secrets.get) == {
        "dev-mm2": {"password": "a"},
        "stg-mm2": {"password": "c"},
    }
