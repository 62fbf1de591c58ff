"""Two sites whose users prove themselves by certificates of one authority, and one of them also seen from outside."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka import KafkaError, Producer

from engine.encryption import PassphraseCrypter
from kafka_mirror.kubernetes_api import JsonObject
from lab.environment import environment
from lab.operator.authorities import Identity, new_authority, utc_now
from tests.lab.stacks.small import SmallStacks

FIELD_MANAGER = "tests"
TOPICS = ["items", "orders"]


def site(name: str) -> dict[str, Any]:
    """Return a site of one broker that asks for certificates, and for passwords at another listener."""
    password = {"authentication": "scram-sha-512"}
    return {
        "kubernetes": {"context": name, "namespace": f"kafka-{name}"},
        "kafka": {
            "name": name,
            "nodes": {"replicas": 1, "storage": "ephemeral"},
            "authentication": "tls",
            "clientsCa": {"generate": False},
            "listeners": [
                {"name": "tls", "port": 9093, "type": "internal"},
                {"name": "external", "port": 9094, "type": "nodeport"},
                {"name": "scram", "port": 9095, "type": "nodeport", **password},
            ],
        },
    }


def dev() -> dict[str, Any]:
    applications = {
        "item-producer": [{"role": "producer", "topics": ["items"]}],
        "item-consumer": [{"role": "consumer", "topics": ["items"], "groups": ["ItemConsumer"]}],
        "stranger": [],
        "mirror-reader": [{"role": "mirror-source", "topics": ["items"]}],
    }
    guest = {
        "authentication": "scram-sha-512",
        "access": [{"role": "mirror-source", "topics": ["orders"]}],
    }
    orders = {
        "authentication": "scram-sha-512",
        "access": [{"role": "producer", "topics": ["orders"]}],
    }
    return {
        "sites": {"dev": site("dev")},
        "topics": {topic: {"sites": ["dev"]} for topic in TOPICS},
        "users": {
            **{
                name: {"sites": ["dev"], "shared": True, "access": access}
                for name, access in applications.items()
            },
            "guest": {"sites": ["dev"], "shared": True, **guest},
            "order-producer": {"sites": ["dev"], "shared": True, **orders},
        },
    }


def stg(far: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stack that mirrors from dev by its description, and from the same broker as one of another team."""
    access = [{"role": "mirror-target", "flow": name} for name in ("dev-to-stg", "far-to-stg")]
    target = {"site": "stg", "user": "mirror-writer"}
    common = {"naming": "prefix", "objectives": {"duplicateWindow": "5s", "discovery": "2s"}}
    return {
        "sites": {"dev": {"stack": "dev"}, "far": {"external": dict(far)}, "stg": site("stg")},
        "users": {
            "mirror-writer": {"sites": ["stg"], "access": access},
            "far-guest": {
                "sites": ["far"],
                "username": "guest",
                "password": {"config": "far-guest"},
            },
        },
        "flows": {
            "dev-to-stg": {
                "source": {"site": "dev", "user": "mirror-reader"},
                "target": target,
                "topics": ["items"],
                "replicatedUsers": ["item-producer", "item-consumer", "stranger"],
                **common,
            },
            "far-to-stg": {
                "source": {"site": "far", "user": "far-guest"},
                "target": target,
                "topics": ["orders"],
                **common,
            },
        },
    }


@dataclass(frozen=True)
class Certified:
    """Both sites, deployed."""

    stacks: SmallStacks

    def secret(self, site: str, name: str) -> dict[str, str]:
        found = self.stacks.api(site).get("v1", "Secret", name, f"kafka-{site}")
        return {
            key: base64.b64decode(value).decode("latin-1") for key, value in found["data"].items()
        }

    def client(self, site: str, user: str, *, certificate_of: str | None = None) -> dict[str, Any]:
        """Return the settings of a client of a site that shows a certificate, issued there unless it says otherwise."""
        held = self.secret(certificate_of or site, user)
        listener = self.stacks.outputs(site)["sites"][site]["listeners"]["external"]
        return {
            "bootstrap.servers": listener["bootstrapServers"],
            "security.protocol": "SSL",
            "ssl.ca.pem": "\n".join(listener["certificates"]),
            "ssl.certificate.pem": held["user.crt"],
            "ssl.key.pem": held["user.key"],
            "log_level": 2,
        }


def bring_authority(stacks: SmallStacks) -> Identity:
    """Make one clients authority and put it into both namespaces, as its owner would."""
    authority = new_authority("clients of all sites", now=utc_now())
    for name in ("dev", "stg"):
        api = stacks.api(name)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"kafka-{name}"}}
        api.apply(namespace, field_manager=FIELD_MANAGER)
        for secret in _authority_secrets(name, authority):
            api.apply(secret, field_manager=FIELD_MANAGER)
    return authority


def _authority_secrets(kafka: str, authority: Identity) -> list[JsonObject]:
    parts = {
        f"{kafka}-clients-ca-cert": (
            {"ca.crt": authority.certificate},
            "strimzi.io/ca-cert-generation",
        ),
        f"{kafka}-clients-ca": ({"ca.key": authority.key}, "strimzi.io/ca-key-generation"),
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": f"kafka-{kafka}",
                "labels": {"strimzi.io/kind": "Kafka", "strimzi.io/cluster": kafka},
                "annotations": {generation: "0"},
            },
            "stringData": data,
        }
        for name, (data, generation) in parts.items()
    ]


def seal(stacks: SmallStacks, stack: str, key: str, text: str) -> None:
    """Put a secret into a stack's configuration, as ``pulumi config set --secret`` does."""
    file = stacks.directory / f"Pulumi.{stack}.yaml"
    document = yaml.safe_load(file.read_text())
    passphrase = Path(environment(stacks.lab)["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text().strip()
    crypter = PassphraseCrypter.create(passphrase, stack=stack)
    document["config"][f"kafka-mirror:{key}"] = {"secure": crypter.encrypt(text)}
    file.write_text(yaml.safe_dump({**document, "encryptionsalt": crypter.salt}))


def refusal(client: Mapping[str, Any], topic: str) -> KafkaError | None:
    """Return why a record could not be written, if it could not."""
    producer = Producer({**client, "message.timeout.ms": 60_000})
    told: list[KafkaError | None] = []
    producer.produce(topic, b"one", on_delivery=lambda error, _: told.append(error))
    producer.flush(70)
    return told[0]
