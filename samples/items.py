"""The items of the samples, and what their sequence numbers tell about a journey."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

STORES = tuple(f"Store_{number}" for number in range(1, 6))
CODES = tuple(f"Item_{number}" for number in range(1, 11))


def make_item(sequence: int, *, sold_at: datetime) -> dict[str, Any]:
    """Make one item; everything but its time follows from the sequence number."""
    draw = random.Random(sequence)  # noqa: S311 - made up data, no secret
    return {
        "sequence": sequence,
        "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "storeName": draw.choice(STORES),
        "itemCode": draw.choice(CODES),
        "type": draw.choice(("SALE", "RESTOCK")),
        "quantity": draw.randint(1, 10),
        "price": draw.randint(100, 9999) / 100,
        "timestamp": sold_at.isoformat(timespec="milliseconds"),
    }


def read_item(value: bytes | None) -> dict[str, Any] | None:
    """Return a record's item; None for a record that holds none."""
    try:
        item = json.loads(value or b"")
    except ValueError:
        return None
    return item if isinstance(item, dict) and isinstance(item.get("sequence"), int) else None


class Journey:
    """Which sequence numbers arrived: what is missing between them and what came twice."""

    def __init__(self) -> None:
        self.records = 0
        self.unreadable = 0
        self.duplicates = 0
        self._seen: set[int] = set()

    def add(self, item: dict[str, Any] | None) -> None:
        """Take one record, read or not."""
        self.records += 1
        if item is None:
            self.unreadable += 1
        elif item["sequence"] in self._seen:
            self.duplicates += 1
        else:
            self._seen.add(item["sequence"])

    def missing(self) -> list[int]:
        """Return the numbers between the lowest and the highest that did not arrive."""
        if not self._seen:
            return []
        return [n for n in range(min(self._seen), max(self._seen)) if n not in self._seen]

    def summary(self) -> str:
        """Return one line that tells all of it."""
        said = [f"{self.records} record{'' if self.records == 1 else 's'}"]
        if self._seen:
            missing = self.missing()
            said.append(f"sequence {min(self._seen)} to {max(self._seen)}")
            said.append(f"{self.duplicates} duplicate{'' if self.duplicates == 1 else 's'}")
            said.append(f"{len(missing)} missing" + (f" ({ranges(missing)})" if missing else ""))
        if self.unreadable:
            said.append(f"{self.unreadable} without an item")
        return ", ".join(said)


def ranges(numbers: Iterable[int], *, most: int = 5) -> str:
    """Return ascending numbers as ``3, 7-9``, no more than `most` of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:most]]
    return ", ".join(said) + (", …" if len(runs) > most else "")
