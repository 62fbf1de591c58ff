"""Reading a watch: the stream of changes of one kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kafka_mirror.kubernetes_api.failures import JsonObject, api_error


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One change. ``type`` is ADDED, MODIFIED, DELETED or BOOKMARK."""

    type: str
    object: JsonObject


def events_from_lines(lines: Iterable[bytes]) -> Iterator[WatchEvent]:
    """Turn the lines of a watch into events.

    Raises:
        GoneError: If the server no longer has the resource version that was watched from.
        ApiError: If the server ended the watch for another reason.
    """
    for line in lines:
        event = json.loads(line)
        if event["type"] == "ERROR":
            status = event["object"]
            raise api_error(
                int(status.get("code") or 500),
                str(status.get("reason") or "Error"),
                str(status.get("message") or "the watch failed"),
            )
        yield WatchEvent(event["type"], event["object"])
