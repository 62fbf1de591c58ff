"""The definitions of several releases of Strimzi, generated into the user's cache when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest
import yaml

from lab.binaries import ensure_strimzi_crds, strimzi_crd_files
from lab.binaries.strimzi import ApiVersion
from lab.binaries.versions import STRIMZI
from tests.manifests.schemas import CrdSchemas

API_VERSIONS: Final[dict[str, tuple[ApiVersion, ...]]] = {
    "0.45.0": ("v1beta2",),
    "0.48.0": ("v1beta2",),
    "0.49.1": ("v1beta2", "v1"),
    "0.51.0": ("v1beta2", "v1"),
    STRIMZI: ("v1",),
}
"""The API versions that each release serves. From 1.0 to 1.1 none of Strimzi's classes are published."""


def releases_serving(api_version: ApiVersion) -> list[str]:
    """Return the releases whose definitions objects of an API version are checked against."""
    return [release for release, served in API_VERSIONS.items() if api_version in served]


@cache
def schemas_of(release: str) -> CrdSchemas:
    for _ in ensure_strimzi_crds(release, API_VERSIONS[release]):
        pass
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return CrdSchemas(
        yaml.load(file.read_text(), loader)  # noqa: S506 - a safe loader
        for file in strimzi_crd_files(release)
    )


@pytest.fixture(scope="session")
def crd_schemas() -> CrdSchemas:
    """Return those of the newest release."""
    return schemas_of(STRIMZI)


@pytest.fixture(scope="session")
def crd_schemas_of() -> Callable[[str], CrdSchemas]:
    """Return what finds those of a release."""
    return schemas_of
