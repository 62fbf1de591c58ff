"""The operator's log: one JSON object per line, never with a secret in it.

What may be logged is an object's name, a process's name, a reason and a message of ours; never the content of an object.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
from datetime import UTC, datetime
from pathlib import Path

_LOGGER = logging.getLogger("lab.operator")
_SIZE_BYTES = 5_000_000


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def open_journal(path: Path) -> None:
    """Write the log to a file that rolls over."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_SIZE_BYTES, backupCount=1)
    path.chmod(0o600)
    handler.setFormatter(_Lines())
    close_journal()
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False


def close_journal() -> None:
    """Close the log's file; what is logged afterwards goes nowhere."""
    for handler in _LOGGER.handlers:
        handler.close()
    _LOGGER.handlers[:] = [logging.NullHandler()]


def note(event: str, **fields: object) -> None:
    """Log something that happened."""
    _LOGGER.info(event, extra={"fields": {key: str(value) for key, value in fields.items()}})


def warn(event: str, **fields: object) -> None:
    """Log something that went wrong and is being dealt with."""
    _LOGGER.warning(event, extra={"fields": {key: str(value) for key, value in fields.items()}})


def bug(event: str, **fields: object) -> None:
    """Log an exception nobody expected, with its trace."""
    _LOGGER.exception(event, extra={"fields": {key: str(value) for key, value in fields.items()}})
