"""Where a flow's workers run, if not beside their target."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from kafka_mirror.topology.names import SiteKey
from kafka_mirror.topology.operators import Operator
from kafka_mirror.topology.sites import KubernetesPlace
from kafka_mirror.topology.written import Written


class RunsIn(Written):
    """A site of this stack, or a namespace without any Kafka.

    Attributes:
        site: Its cluster and namespace.
        kubernetes: A cluster and namespace of their own, which the operator must watch too.
        operator: That watches such a namespace; one like the target's if absent, or else like the source's.
    """

    site: SiteKey | None = None
    kubernetes: KubernetesPlace | None = None
    operator: Operator | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.site is None) == (self.kubernetes is None):
            found = "neither" if self.site is None else "both"
            raise ValueError(
                f"found {found}; a flow runs either at a site of this stack (site: …) or in a namespace without "
                "Kafka (kubernetes: {context: …, namespace: …})"
            )
        if self.site is not None and self.operator is not None:
            raise ValueError(
                "found operator beside site: a site has its own operator. Leave it out here"
            )
        return self
