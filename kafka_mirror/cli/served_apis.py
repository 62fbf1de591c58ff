"""Looks up, before anything is applied, whether the clusters of a stack serve the API versions its sites say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kafka_mirror.cli.offline import read_stack
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.errors import (
    ConfigurationError,
    KafkaMirrorError,
    Problem,
    UnreachableError,
    UsageError,
)
from kafka_mirror.kubernetes_api import ApiError, KubernetesApi
from kafka_mirror.manifests import api_version
from kafka_mirror.planning import Plan
from kafka_mirror.topology import Operator
from kafka_mirror.topology.paths import path

ServedVersions = Callable[[str, str], tuple[str, ...]]


def check_served_apis(project: Path, stack: str) -> None:
    """Refuse a stack whose sites are written for another version of the operator than is installed.

    Nothing is said of what somebody else tells better: a configuration that cannot be planned, a cluster that does not
    answer, an operator that is not there at all.

    Raises:
        ConfigurationError: Each site whose ``operator.api`` is not served, with those that are.
    """
    try:
        plan = read_stack(project, stack, sites_of_other_stacks(project, stack)).plan
    except KafkaMirrorError:
        return
    problems = list(unserved(plan, _served_versions))
    if problems:
        raise ConfigurationError(problems)


def unserved(plan: Plan, served_versions: ServedVersions) -> Iterator[Problem]:
    """Yield a problem for each site, and each place without one, whose cluster serves the group in other versions alone.

    Args:
        plan: Of the stack.
        served_versions: Returns, for a context and an API group, what is served; nothing if that is not known.
    """
    for name, site in plan.sites.items():
        operator, context = site.site.operator, site.site.kubernetes.context
        group, served = _served_of(operator, context, served_versions)
        if served and operator.api not in served:
            yield Problem(
                path("sites", name, "operator", "api"),
                f"context {context!r} serves {group} in {', '.join(served)} only, found {operator.api}. Set it to "
                f"{served[0]}, or upgrade the operator there",
            )
    for flow in plan.flows:
        place = flow.place
        if place.site is not None:
            continue
        group, served = _served_of(place.operator, place.context, served_versions)
        if served and place.operator.api not in served:
            yield Problem(
                path("flows", flow.name, "runsIn", "kubernetes"),
                f"context {place.context!r} serves {group} in {', '.join(served)} only, and the flow is said in "
                f"{place.operator.api}, like the site that it belongs to. Let it run at a site, or bring both operators "
                "to one version",
            )


def _served_of(
    operator: Operator, context: str, served_versions: ServedVersions
) -> tuple[str, tuple[str, ...]]:
    """Return the API group of an operator, and what a cluster serves of it."""
    group, _, _ = api_version(operator).partition("/")
    return group, served_versions(context, group)


def _served_versions(context: str, group: str) -> tuple[str, ...]:
    try:
        return KubernetesApi.connect(context=context).served_versions(group)
    except (ApiError, UnreachableError, UsageError):
        return ()
