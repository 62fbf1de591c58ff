"""How an operation is run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.cluster import Connect, connect
from engine.policy_settings import PolicySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an operation is run.

    Attributes:
        state_directory: Where state is kept; KAFKA_MIRROR_STATE, then ``.kafka-mirror/state`` by default.
        policy_packs: Directories of the packs to run.
        policy_settings: Per policy an enforcement level, or a mapping with it and the policy's own properties.
        environment: What is added to the environment of program, packs and kubeconfig look-up.
        refresh: Read the live objects before anything is compared; a preview then needs the clusters.
        force_conflicts: Set what the program declares even where somebody else has set it otherwise.
        connect: How clusters are reached.
        cancelled: Set it from another thread to end the operation as an interruption would.
    """

    state_directory: Path | None = None
    policy_packs: tuple[Path, ...] = ()
    policy_settings: PolicySettings = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    refresh: bool = False
    force_conflicts: bool = False
    connect: Connect = connect
    cancelled: threading.Event = field(default_factory=threading.Event)
