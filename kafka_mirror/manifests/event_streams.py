"""What IBM Event Streams says otherwise than Strimzi: the instance, its licence, and what its pods are charged by.

Source: IBM's documentation and example resources for Event Streams 11.8 to 13.0. IBM publishes no definitions of these
resources; what is inside ``strimziOverrides``, and every other kind, is Strimzi's of the version that a release is built on.
"""

from __future__ import annotations

from typing import Any, Final

from kafka_mirror.manifests.strimzi import kafka_spec, node_pool_spec
from kafka_mirror.planning import SitePlan
from kafka_mirror.planning.names import NODE_POOL
from kafka_mirror.topology import Licence, LicenceUse, Operator

_PRODUCTION: Final = {
    "productID": "2cba508800504d0abfa48a0e2c4ecbe2",
    "productName": "IBM Event Streams",
}
_NON_PRODUCTION: Final = {
    "productID": "2a79e49111f44ec3acd89608e56138f5",
    "productName": "IBM Event Streams for Non Production",
}
_CLOUD_PAK: Final = {
    "cloudpakId": "c8b82d189e7545f0892db9ef2731b90d",
    "cloudpakName": "IBM Cloud Pak for Integration",
}
_CHARGED_IN_FULL: Final[frozenset[LicenceUse]] = frozenset(
    {"CloudPakForIntegrationProduction", "EventAutomationProduction"}
)


def event_streams_spec(plan: SitePlan) -> dict[str, Any]:
    """Return the instance: its version, its licence, and inside the Kafka with its one node pool."""
    operator = plan.site.operator
    pool = {"name": NODE_POOL, **node_pool_spec(plan)}
    return {
        "version": operator.version,
        "license": _licence_block(operator),
        "strimziOverrides": {**kafka_spec(plan), "nodePools": [pool]},
    }


def pod_template(operator: Operator) -> dict[str, Any]:
    """Return the template of pods of Connect: the licence service counts them by its annotations."""
    licence = _licence_of(operator)
    is_full = licence.use in _CHARGED_IN_FULL
    annotations: dict[str, Any] = {
        "eventstreams.production.type": licence.use,
        **(_PRODUCTION if is_full else _NON_PRODUCTION),
        "productVersion": operator.version,
        "productMetric": "VIRTUAL_PROCESSOR_CORE",
        "productChargedContainers": "All",
    }
    if licence.use.startswith("CloudPakForIntegration"):
        annotations |= {**_CLOUD_PAK, "productCloudpakRatio": "1:1" if is_full else "2:1"}
    return {"metadata": {"annotations": annotations}}


def _licence_block(operator: Operator) -> dict[str, Any]:
    licence = _licence_of(operator)
    return {"accept": licence.accept, "license": licence.id, "use": licence.use}


def _licence_of(operator: Operator) -> Licence:
    if operator.licence is None:
        raise ValueError("an operator of type event-streams has a licence: the topology sees to it")
    return operator.licence
