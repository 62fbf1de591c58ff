"""When the certificates end by which a flow trusts its source, as far as the owner's stack has told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from kafka_mirror.planning.ends import EndPlan
from kafka_mirror.planning.flows import FlowPlan
from kafka_mirror.topology import FlowName, SiteDescription, SiteName
from kafka_mirror.topology.paths import path

NOTICE: Final = timedelta(days=30)
"""Strimzi renews an authority's certificate when this much is left (``renewalDays`` of ``clusterCa``, by default)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """One certificate that a flow believes in.

    Attributes:
        flow: The flow.
        site: Its source.
        listener: Where the certificate was announced.
        is_written_here: Whether the configuration says it, and not the site itself.
        subject: Whose certificate it is.
        ends: When it ends, in UTC.
    """

    flow: FlowName
    site: SiteName
    listener: str
    is_written_here: bool
    subject: str
    ends: datetime

    def warning(self, now: datetime) -> str | None:
        """Return what to do about it, if it has ended or soon will."""
        if self.ends - now > NOTICE:
            return None
        when = "ended" if self.ends <= now else "ends"
        return (
            f"the trust of flow {self.flow!r} in site {self.site!r} ({self.subject}) {when} on "
            f"{self.ends:%Y-%m-%d}. {self._remedy()}"
        )

    def _remedy(self) -> str:
        if self.is_written_here:
            where = path("sites", self.site, "external", "tls", "certificates")
            return f"Put the new one of its owner beside it in {where}, and take this one out once nothing shows it"
        return "Once the cluster has a new certificate: up --refresh on the stack that owns the site, then up on this one"


def trusts(
    flows: Iterable[FlowPlan], descriptions: Mapping[SiteName, SiteDescription]
) -> Iterator[Trust]:
    """Yield what each flow trusts its sites by; nothing of a site that was never deployed."""
    for flow in flows:
        for end in (flow.source, flow.target):
            site = descriptions.get(end.site)
            if site is None or end.trust is None:
                continue
            if end is flow.source or site.is_external:
                yield from _trusts_at(flow.name, end, site)


def _trusts_at(flow: FlowName, end: EndPlan, site: SiteDescription) -> Iterator[Trust]:
    for text in site.listeners[end.listener].certificates:
        for found in _certificates(text):
            yield Trust(
                flow=flow,
                site=end.site,
                listener=end.listener,
                is_written_here=site.is_external,
                subject=found.subject.rfc4514_string(),
                ends=found.not_valid_after_utc,
            )


def _certificates(text: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        # Whatever a state says there, the worker is the one to judge it.
        return []
