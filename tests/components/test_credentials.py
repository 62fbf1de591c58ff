"""Every source of a credential, deployed: what the stack writes, what it leaves to others, and what nobody may see."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml

from engine.encryption import PassphraseCrypter
from tests.components.conftest import Estate
from tests.topology.configurations import (
    Configuration,
    changed,
    two_sites,
    with_certificates,
    with_cloud,
)

PASSWORD = "correct-horse-9"


@pytest.fixture
def deploy(estate: Estate) -> Any:
    def deployed(configuration: Configuration, **secrets: str) -> Estate:
        estate.write("all", configuration)
        file = estate.directory / "Pulumi.all.yaml"
        document = yaml.safe_load(file.read_text())
        crypter = PassphraseCrypter.create("correct horse battery", stack="all")
        for key, text in secrets.items():
            document["config"][f"kafka-mirror:{key}"] = {"secure": crypter.encrypt(text)}
        file.write_text(yaml.safe_dump({**document, "encryptionsalt": crypter.salt}))
        estate.up("all")
        return estate

    return deployed


def secrets_at(estate: Estate, site: str) -> dict[str, dict[str, str]]:
    """Return the Secrets of a site, decoded."""
    return {
        one["metadata"]["name"]: {
            key: base64.b64decode(value).decode() for key, value in one.get("data", {}).items()
        }
        for one in estate.cluster(site).objects.values()
        if one["kind"] == "Secret"
    }


def of_kind(estate: Estate, site: str, kind: str) -> dict[str, Any]:
    found = estate.cluster(site).objects.values()
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def test_a_password_of_the_configuration_reaches_the_secrets_meant_for_it_and_nothing_else(
    deploy: Any,
) -> None:
    configuration = changed(two_sites(), "users", "producer", "password", to={"config": "sold"})

    estate = deploy(configuration, sold=PASSWORD)

    for site in ("dev", "stg"):
        secrets = secrets_at(estate, site)
        assert secrets["producer-password"] == {"password": PASSWORD}
        assert not any(
            PASSWORD in json.dumps(one)
            for one in estate.cluster(site).objects.values()
            if one["kind"] != "Secret"
        )
    assert PASSWORD not in estate.state("all")


def test_a_password_of_others_is_neither_made_nor_kept(deploy: Any) -> None:
    held = {"secret": "from-vault", "key": "secret"}
    configuration = changed(two_sites(), "users", "producer", "password", to=held)

    estate = deploy(configuration)

    for site in ("dev", "stg"):
        assert not {"producer-password", "from-vault"} & set(secrets_at(estate, site))
        reference = of_kind(estate, site, "KafkaUser")["producer"]["spec"]["authentication"]
        assert reference["password"]["valueFrom"]["secretKeyRef"] == {
            "name": "from-vault",
            "key": "secret",
        }


def test_what_the_operator_has_made_is_read_and_goes_along_with_the_user(deploy: Any) -> None:
    configuration = changed(two_sites(), "users", "producer", "password", to="operator")

    estate = deploy(configuration)

    assert "producer-password" not in secrets_at(estate, "dev")
    assert secrets_at(estate, "stg")["producer-password"] == {
        "password": "made for producer in kafka-dev"
    }
    assert "made for producer" not in estate.state("all")


def test_a_flow_to_a_cloud_service_has_its_key_beside_it_and_describes_it_to_others(
    deploy: Any,
) -> None:
    configuration = with_cloud()
    configuration["users"]["key"]["password"] = {"config": "cloud-key"}

    estate = deploy(configuration, **{"cloud-key": PASSWORD})

    assert secrets_at(estate, "dev")["up-target-credential"] == {"password": PASSWORD}
    target = of_kind(estate, "dev", "KafkaMirrorMaker2")["up"]["spec"]["target"]
    assert target["authentication"]["passwordSecret"]["secretName"] == "up-target-credential"
    described = estate.outputs("all")["sites"]["cloud"]
    assert described["users"]["key"]["username"] == "token"
    assert PASSWORD not in json.dumps(described)


def test_users_with_certificates_need_no_secret_of_this_stack(deploy: Any) -> None:
    estate = deploy(with_certificates())

    for site, trust in (("dev", set()), ("stg", {"dev-to-stg-source-trust"})):
        written = {
            one["metadata"]["name"]
            for one in estate.cluster(site).objects.values()
            if one["kind"] == "Secret"
            and one["metadata"]["managedFields"][0]["manager"] != "user-operator"
        }
        assert written == trust
    assert "reader" in of_kind(estate, "stg", "KafkaUser")


def test_what_is_deployed_again_stays_as_it_is(deploy: Any) -> None:
    configuration = with_cloud()
    configuration["users"]["producer"]["password"] = "operator"
    estate = deploy(configuration)
    before = estate.cluster("dev").objects, estate.cluster("stg").objects

    outcome = estate.up("all")

    assert (estate.cluster("dev").objects, estate.cluster("stg").objects) == before
    assert not outcome.changed
