"""What watches a flow or a site, as resources."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi

from components.kubernetes_object import CoreObject, KubernetesObject
from kafka_mirror.manifests import Manifest


def watched_by(
    manifests: Iterable[Manifest], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Declare the objects, each under its own name; all with the same options."""
    return [_declared(manifest, opts) for manifest in manifests]


def _declared(manifest: Manifest, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    name = manifest["metadata"]["name"]
    if manifest["kind"] == "ConfigMap":
        return CoreObject(
            name, "ConfigMap", metadata=manifest["metadata"], data=manifest["data"], opts=opts
        )
    return KubernetesObject(name, manifest, opts=opts)
