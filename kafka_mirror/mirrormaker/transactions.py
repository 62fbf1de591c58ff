"""The transactional ids of a Connect worker that writes exactly once, and of its tasks.

Source: KIP-618; ``DistributedConfig.transactionalProducerId`` and ``Worker.taskTransactionalId`` of Apache Kafka 4.3.
"""

from __future__ import annotations


def leader_transaction(group: str) -> str:
    """Return the id with which the leader of a worker group writes to the topic of its configuration."""
    return f"connect-cluster-{group}"


def task_transactions(group: str, source: str, target: str) -> str:
    """Return the start of the ids with which the tasks of a flow's connectors write.

    A task's own is ``<group>-<connector>-<task>``; both connectors of a flow start alike, and no other flow's do.
    """
    return f"{group}-{source}->{target}.Mirror"
