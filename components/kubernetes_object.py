"""Any custom resource of an operator, with its live status as an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

WAIT_FOR: Final = "pulumi.com/waitFor"


class KubernetesObject(pulumi.CustomResource):
    """A custom resource of the Kubernetes provider.

    `pulumi_kubernetes.apiextensions.CustomResource` has no status (pulumi/pulumi-kubernetes#1836); this
    declares one, so what the operator reports (addresses, certificates) can be used by other resources.
    """

    status: pulumi.Output[Any]
    """What the operator wrote; unknown until the object is deployed."""

    def __init__(
        self,
        name: str,
        manifest: Mapping[str, Any],
        *,
        wait_until_ready: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the object.

        Args:
            name: Of the Pulumi resource.
            manifest: The whole object; it must name its namespace.
            wait_until_ready: Whether the deployment waits for the condition Ready of this generation.
            opts: Of the Pulumi resource.
        """
        token = f"kubernetes:{manifest['apiVersion']}:{manifest['kind']}"
        properties = _awaited(manifest) if wait_until_ready else dict(manifest)
        super().__init__(token, name, {**properties, "status": None}, opts)


def _awaited(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), WAIT_FOR: "condition=Ready"}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
