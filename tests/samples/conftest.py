from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

SAMPLES = Path(__file__).parents[2] / "samples"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def brokers() -> Iterator[str]:
    """Serve a cluster out of librdkafka itself: real connections, no Java, no security."""
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "unused", "log_level": 0})
    known = owner.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in known)
    del owner


@pytest.fixture
def environment(brokers: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "KAFKA_BROKERS": brokers,
        "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
        "PYTHONUNBUFFERED": "1",
        # A group that became empty cannot be joined again in this cluster by the classic protocol.
        "KAFKA_GROUP_PROTOCOL": "consumer",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a sample as a user does; variables given as None are left out."""

    def run(
        sample: str, *arguments: str, **variables: str | None
    ) -> subprocess.CompletedProcess[str]:
        changed = {**environment, **variables}
        return subprocess.run(
            [sys.executable, str(SAMPLES / sample), *arguments],
            env={name: value for name, value in changed.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
