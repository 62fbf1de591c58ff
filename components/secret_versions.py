"""The version of a Secret, by which those who use it learn that it has changed."""

from __future__ import annotations

from typing import Any

import pulumi

from components.kubernetes_object import Secret


def version_of(secret: Secret) -> pulumi.Output[str]:
    """Return the ``resourceVersion`` of a Secret; not known in a preview that makes or changes it.

    Of a Secret with unknown content the Kubernetes provider gives back the inputs alone (provider/pkg/provider/provider.go,
    Update), which say nothing of a version.
    """
    return secret.metadata.apply(_version)


def _version(metadata: Any) -> Any:
    return metadata.get("resourceVersion") or pulumi.UNKNOWN
