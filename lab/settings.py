"""Every setting that a lab has and a real deployment has not, in one place; ``lab status`` shows them.

They make a lab of two sites start in seconds and fit into a laptop. None of them changes what is replicated or who may do what:
a broker's and a worker's own configuration always wins over what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BROKER_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        # Few partitions of the internal topics: 50 each is the default, and each is created and led by somebody.
        "offsets.topic.num.partitions": "3",
        "transaction.state.log.num.partitions": "3",
        "share.coordinator.state.topic.num.partitions": "3",
        # A consumer group of one or two members need not wait for more.
        "group.initial.rebalance.delay.ms": "0",
        # A site may be shut down as a whole: nobody is left to take over.
        "controlled.shutdown.max.retries": "1",
        "controlled.shutdown.retry.backoff.ms": "200",
        "num.network.threads": "2",
        "num.io.threads": "3",
        "num.replica.fetchers": "1",
        "background.threads": "2",
        "log.cleaner.dedupe.buffer.size": "16777216",
        "log.cleaner.threads": "1",
        "num.recovery.threads.per.data.dir": "2",
        # Segments are preallocated as sparse index files; small ones keep a lab's directory small.
        "log.index.size.max.bytes": "1048576",
        # A started broker is let in at its next heartbeat.
        "broker.heartbeat.interval.ms": "500",
    }
)

WORKER_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        # The default of five minutes leaves the tasks of a restarted worker idle for that long.
        "scheduled.rebalance.max.delay.ms": "0",
        # Halves the start and saves 300 MiB: classes are found through service files, not by scanning every jar.
        "plugin.discovery": "service_load",
        "offset.storage.partitions": "5",
        "status.storage.partitions": "1",
    }
)

BROKER_HEAP = ("-Xms128m", "-Xmx384m")
WORKER_HEAP = ("-Xms64m", "-Xmx384m")
TOOL_HEAP = ("-Xms32m", "-Xmx256m")

JVM_FLAGS = (
    # Several JVMs on few cores: one collector thread and no second compiler tier each.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
)
