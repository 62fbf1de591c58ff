"""What a program needs to know to work in a lab: the variables that ``kafka-mirror lab env`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lab.directory import LabDirectory

PASSPHRASE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 - a name, not a passphrase


def environment(lab: LabDirectory) -> Mapping[str, str]:
    """Return the variables that lead kubectl, the engine and Pulumi into a lab.

    Raises:
        UsageError: If there is no lab.
    """
    lab.sites()
    return {
        "KUBECONFIG": str(lab.kubeconfig),
        "KAFKA_MIRROR_STATE": str(lab.state),
        f"{PASSPHRASE_VARIABLE}_FILE": str(lab.passphrase),
    }
