"""The definitions of Strimzi 1.2.0, generated into the user's cache when they are first asked for."""

from __future__ import annotations

import pytest
import yaml

from lab.binaries import ensure_strimzi_crds, strimzi_crd_files
from tests.manifests.schemas import CrdSchemas


@pytest.fixture(scope="session")
def crd_schemas() -> CrdSchemas:
    for _ in ensure_strimzi_crds():
        pass
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return CrdSchemas(
        yaml.load(file.read_text(), loader)  # noqa: S506 - a safe loader
        for file in strimzi_crd_files()
    )
