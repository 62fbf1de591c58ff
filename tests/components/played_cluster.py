"""A cluster that a Kafka operator watches, played: every object is ready at once, a Kafka has addresses.

It stands in where a real operator would tell nothing more: what the components make and wire is the question
here; the same stacks run on real clusters in ``tests/lab/stacks``.
"""

from __future__ import annotations

from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from tests.engine.fake_cluster import FakeCluster


class PlayedCluster(FakeCluster):
    """Gives each Kafka the addresses and the certificate of its listeners."""

    def _status(self, live: JsonObject) -> dict[str, Any]:
        status = super()._status(live)
        if live["kind"] == "Kafka":
            name = live["metadata"]["name"]
            status["listeners"] = [
                {
                    "name": listener["name"],
                    "bootstrapServers": f"{name}-{listener['name']}.example:{listener['port']}",
                    "certificates": [f"certificate of {name}"] if listener["tls"] else [],
                }
                for listener in live["spec"]["kafka"]["listeners"]
            ]
        return status
