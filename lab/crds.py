"""Makes the custom resources known to the API servers: Strimzi's own definitions and OpenShift's Route."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import yaml

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, JsonObject, KubernetesApi
from lab.binaries.strimzi import strimzi_crd_files
from lab.errors import LabError
from lab.waiting import wait_until

FIELD_MANAGER = "kafka-mirror-lab"
_ROUTE = Path(__file__).with_name("resources") / "route-crd.yaml"
_SERVED_WITHIN = timedelta(seconds=90)
# The pure Python loader takes ten times as long for a megabyte of definitions.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_definitions() -> Sequence[JsonObject]:
    """Return every definition that a site of the lab knows.

    Raises:
        UsageError: If Strimzi's have not been generated yet.
    """
    files = (*strimzi_crd_files(), _ROUTE)
    return [yaml.load(file.read_text(), _LOADER) for file in files]  # noqa: S506 - a safe loader


def apply_definitions(api: KubernetesApi, definitions: Sequence[JsonObject]) -> None:
    """Apply definitions side by side and wait until the API server serves all of them.

    Raises:
        LabError: If one is not served in time.
    """
    with concurrent.futures.ThreadPoolExecutor(len(definitions)) as threads:
        for _ in threads.map(
            lambda each: api.apply(each, field_manager=FIELD_MANAGER), definitions
        ):
            pass
    missing = list(definitions)

    def are_served() -> bool:
        missing[:] = [each for each in missing if not _is_served(api, each)]
        return not missing

    if not wait_until(are_served, within=_SERVED_WITHIN):
        names = ", ".join(each["metadata"]["name"] for each in missing)
        raise LabError(f"{api.name} does not serve {names}")


def served_kind(definition: JsonObject) -> tuple[str, str]:
    """Return the API version and the kind that a definition brings."""
    spec = definition["spec"]
    version = next(each["name"] for each in spec["versions"] if each["storage"])
    return f"{spec['group']}/{version}", spec["names"]["kind"]


def _is_served(api: KubernetesApi, definition: JsonObject) -> bool:
    """Tell whether the objects of a definition can be listed, which takes a moment longer than its being established."""
    try:
        api.list_objects(*served_kind(definition))
    except (ApiError, UnreachableError):  # 404 at first, 429 while the server fills its cache
        return False
    return True
