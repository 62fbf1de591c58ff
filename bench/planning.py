"""How long a large topology takes to load, plan and check for loops: 50 sites, 500 flows, 10,000 topics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from kafka_mirror import manifests
from kafka_mirror.planning import plan
from kafka_mirror.topology import load

SITES, FLOWS, TOPICS = 50, 500, 10_000
TOPICS_OF_A_FLOW = TOPICS // FLOWS

Result = TypeVar("Result")


def main() -> None:
    """Print the table."""
    configuration = _configuration()
    topology, loading = _timed(lambda: load(configuration))
    decided, planning = _timed(lambda: plan(topology, {}))
    rendered, rendering = _timed(
        lambda: [
            manifests.kafka_topic(topic, namespace="kafka", cluster=name)
            for name, site in decided.sites.items()
            for topic in site.topics
        ]
    )
    print(f"{SITES} sites, {FLOWS} flows, {TOPICS:,} topics")
    for what, seconds in (("load", loading), ("plan and check", planning), ("render", rendering)):
        print(f"  {what:<16}{seconds:6.2f} s")
    total = loading + planning + rendering
    print(
        f"  {'in all':<16}{total:6.2f} s   ({len(rendered):,} topics rendered; to stay under 10 s)"
    )


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _configuration() -> dict[str, Any]:
    sites = [f"site-{number}" for number in range(SITES)]
    flows = [(sites[n % SITES], sites[(n * 7 + n // SITES + 1) % SITES]) for n in range(FLOWS)]
    flows = [(a, b) if a != b else (a, sites[(sites.index(a) + 1) % SITES]) for a, b in flows]
    mine = {n: [f"topic-{t}" for t in range(n, TOPICS, FLOWS)] for n in range(FLOWS)}
    return {
        "sites": {name: _site(name) for name in sites},
        "topics": {t: {"sites": [flows[n][0]], "partitions": 3} for n in mine for t in mine[n]},
        "users": {
            **{
                f"reader-{n}": {
                    "sites": [flows[n][0]],
                    "access": [{"role": "mirror-source", "topics": mine[n]}],
                }
                for n in mine
            },
            **{
                f"writer-{n}": {
                    "sites": [flows[n][1]],
                    "access": [{"role": "mirror-target", "flow": f"flow-{n}"}],
                }
                for n in mine
            },
        },
        "flows": {
            f"flow-{n}": {
                "source": {"site": flows[n][0], "user": f"reader-{n}"},
                "target": {"site": flows[n][1], "user": f"writer-{n}"},
                "naming": "identity",
                "topics": mine[n],
            }
            for n in mine
        },
    }


def _site(name: str) -> dict[str, Any]:
    return {
        "kubernetes": {"context": name, "namespace": "kafka"},
        "kafka": {"name": name, "listeners": [{"name": "ext", "port": 9094, "type": "route"}]},
    }


if __name__ == "__main__":
    main()
