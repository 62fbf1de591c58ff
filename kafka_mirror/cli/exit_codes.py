"""With what a command leaves that ends without an error of ours; those have their own, see `kafka_mirror.errors`."""

from __future__ import annotations

from typing import Final

FINDING: Final = 1
"""What was to be checked is not as it should be."""

BUG: Final = 70
"""Something that nobody foresaw; as ``EX_SOFTWARE`` of ``sysexits.h``."""

INTERRUPTED: Final = 130
"""Ctrl-C, or a termination: 128 and the number of SIGINT, as shells have it."""
