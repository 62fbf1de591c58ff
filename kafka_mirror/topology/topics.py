"""A topic that the stack declares."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kafka_mirror.topology.names import SiteKey
from kafka_mirror.topology.written import Settings, Written


class Topic(Written):
    """A topic on one or more managed sites.

    Attributes:
        sites: Where it is made. A mirrored topic is declared at its source only: MirrorMaker makes
            and configures the copy, and a Topic Operator would set it back.
        partitions: Can grow, never shrink.
        replicas: Copies of each partition; the site's own number (three, or all its nodes) if absent.
        config: Topic settings such as ``retention.ms``.
    """

    sites: Annotated[tuple[SiteKey, ...], Field(min_length=1)]
    partitions: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    replicas: Annotated[int, Field(ge=1, le=32767, strict=True)] | None = None
    config: Settings = Field(default_factory=dict)
