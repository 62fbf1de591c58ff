"""Fields that somebody else has taken, in words that say what to do about it.

Server-side apply refuses to overwrite a field that another field manager has set to another value
(https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from kafka_mirror.kubernetes_api import ApiError

# As apimachinery writes the causes of a conflict (apply/conflict.go, NewConflictError of managedfields).
_CAUSE: Final = re.compile(r'(?P<field>\S+): conflict with "(?P<manager>[^"]+)"')


def conflict_text(error: ApiError) -> str | None:
    """Return which fields belong to whom now and how to get them back; None if it is no such conflict."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for cause in error.causes:
        found = _CAUSE.match(cause)
        if found is not None:
            fields[found["manager"]].append(found["field"].lstrip("."))
    if not fields:
        return None
    taken = "; ".join(f"{', '.join(sorted(names))} by {who}" for who, names in fields.items())
    return (
        f"changed by hand, or by another tool, and never overwritten unasked: {taken}. "
        "Run it again with --force-conflicts to set what the stack declares, or write the new value into the "
        "stack's configuration; `kafka-mirror stack preview --refresh` shows both values"
    )
