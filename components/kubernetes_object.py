"""Any custom resource of an operator, with its live status as an output, and the few objects that are Kubernetes' own."""

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


class CoreObject(pulumi.CustomResource):
    """An object of Kubernetes' core group, such as a Namespace.

    `pulumi_kubernetes.core.v1` has classes for them; importing it takes as long as all else that a preview does. What is
    registered is the same.
    """

    metadata: pulumi.Output[Any]
    """As it is in the cluster; in a preview of a change, as it is declared."""

    def __init__(
        self,
        name: str,
        kind: str,
        *,
        opts: pulumi.ResourceOptions,
        **properties: Any,
    ) -> None:
        """Declare the object.

        Args:
            name: Of the Pulumi resource.
            kind: Of the object.
            opts: Of the Pulumi resource.
            properties: Of the object, its metadata among them.
        """
        declared = {"apiVersion": "v1", "kind": kind, "metadata": None, **properties}
        # Of one that is only read, nothing is declared.
        declared = declared if opts.id is None else dict.fromkeys(declared)
        super().__init__(f"kubernetes:core/v1:{kind}", name, declared, opts)


class Secret(CoreObject):
    """A Secret: what it holds is encrypted in the state and masked wherever it is shown."""

    data: pulumi.Output[Any]
    """As the API server keeps it, in base64."""

    def __init__(
        self,
        name: str,
        *,
        opts: pulumi.ResourceOptions,
        metadata: Mapping[str, Any] | None = None,
        data: Mapping[str, pulumi.Input[str]] | None = None,
    ) -> None:
        """Declare a Secret, or name one that is only to be read, by the id among the options.

        Args:
            name: Of the Pulumi resource.
            opts: Of the Pulumi resource.
            metadata: Its name and namespace.
            data: What it holds, in clear.
        """
        held = None if data is None else pulumi.Output.secret(data)
        masked = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
        super().__init__(
            name,
            "Secret",
            metadata=metadata,
            data=None,
            stringData=held,
            opts=pulumi.ResourceOptions.merge(opts, masked),
        )
