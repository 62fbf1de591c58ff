"""What goes wrong in the lab itself, told with the part, the log and the next step.

KafkaMirrorError
  LabError        3   a part could not be had, or did not become ready in time

A missing tool or a wrong option is the user's to mend: that is a ``UsageError`` (2).
"""

from __future__ import annotations

from typing import ClassVar

from kafka_mirror.errors import KafkaMirrorError


class LabError(KafkaMirrorError):
    """A part of the lab could not be had, did not start, or did not become ready in time."""

    exit_code: ClassVar[int] = 3
