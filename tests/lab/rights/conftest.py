"""Two brokers for all tests of rights: `src`, where flows start, and `tgt`, where they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.binaries.class_archive import ensure_class_archive
from lab.binaries.kafka import ensure_kafka
from tests.lab.rights.brokers import Broker, Home, start_brokers


@dataclass(frozen=True)
class Pair:
    """The brokers at both ends, and where a worker is started beside them."""

    home: Home
    source: Broker
    target: Broker


@pytest.fixture(scope="package")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    for _ in (*ensure_kafka(), *ensure_class_archive()):
        pass
    home = Home.made(tmp_path_factory.mktemp("rights") / "lab")
    try:
        source, target = start_brokers(home, ("src", "tgt"))
        yield Pair(home, source, target)
    finally:
        home.close()
