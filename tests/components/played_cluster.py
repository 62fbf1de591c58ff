"""A cluster that a Kafka operator watches, played: every object is ready at once, a Kafka has addresses.

It stands in where a real operator would tell nothing more: what the components make and wire is the question
here; the same stacks run on real clusters in ``tests/lab/stacks``.
"""

from __future__ import annotations

import base64
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from tests.engine.fake_cluster import FakeCluster


class PlayedCluster(FakeCluster):
    """Gives each Kafka the addresses and the certificate of its listeners, and each user its Secret."""

    def _status(self, live: JsonObject) -> dict[str, Any]:
        status = super()._status(live)
        if live["kind"] in {"Kafka", "EventStreams"}:
            is_strimzi = live["kind"] == "Kafka"
            spec = live["spec"] if is_strimzi else live["spec"]["strimziOverrides"]
            name = live["metadata"]["name"]
            status["listeners" if is_strimzi else "kafkaListeners"] = [
                {
                    "name": listener["name"],
                    "bootstrapServers": f"{name}-{listener['name']}.example:{listener['port']}",
                    "certificates": [f"certificate of {name}"] if listener["tls"] else [],
                }
                for listener in spec["kafka"]["listeners"]
            ]
        if live["kind"] == "KafkaUser":
            status["secret"] = live["metadata"]["name"]
        return status

    def apply(self, obj: JsonObject, *, field_manager: str, force: bool = False) -> JsonObject:
        live = super().apply(obj, field_manager=field_manager, force=force)
        if obj["kind"] == "KafkaUser" and "password" not in obj["spec"]["authentication"]:
            place = {key: obj["metadata"][key] for key in ("name", "namespace")}
            password = f"made for {place['name']} in {place['namespace']}".encode()
            data = {"password": base64.b64encode(password).decode()}
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": place, "data": data}
            self.add(secret, manager="user-operator")
        return live
