"""How much a user may ask of each broker."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from kafka_mirror.topology.paths import shown
from kafka_mirror.topology.written import Written, is_quantity, quantity_value


def _byte_rate(value: Any) -> str:
    if not is_quantity(value) or quantity_value(value) % 1:
        raise ValueError(
            f"{shown(value)} is no rate. Write bytes per second as a Kubernetes quantity, for example 10Mi"
        )
    return str(value)


def _rate(value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not 0 < value < float("inf")
    ):
        raise ValueError(f"found {shown(value)}, must be a number above 0")
    return value


def _percentage(value: Any) -> int:
    # What another stack wrote comes back from Pulumi as 50.0.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1 or value < 1:
        raise ValueError(f"found {shown(value)}, must be a whole number, 1 at least")
    return int(value)


ByteRate = Annotated[str, BeforeValidator(_byte_rate)]


class Quotas(Written):
    """What a user may take of every broker of its sites; a client over it is slowed down, never refused.

    The same holds where a flow replicates the user to. On the user of a flow it bounds the flow itself.

    Attributes:
        producer_byte_rate: Bytes per second that it may write, as a quantity.
        consumer_byte_rate: Bytes per second that it may read, as a quantity.
        request_percentage: Of one thread's time; a broker with eight request threads has 800.
        controller_mutation_rate: Partitions per second that it may create and delete, topics included.
    """

    producer_byte_rate: ByteRate | None = None
    consumer_byte_rate: ByteRate | None = None
    request_percentage: Annotated[int, BeforeValidator(_percentage)] | None = None
    controller_mutation_rate: Annotated[float, BeforeValidator(_rate)] | None = None
