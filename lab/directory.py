"""Where everything of one lab lives: one directory, which goes away with the lab."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kafka_mirror.errors import UsageError
from lab.files import private_directory, write_text

LAB_VARIABLE = "KAFKA_MIRROR_LAB"
DEFAULT_SITES = ("dev", "stg")
_CHECKOUT = Path(__file__).resolve().parents[1]
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class LabDirectory:
    """The paths of one lab.

    A directory is a lab's when it holds ``lab.json``; no other directory is ever written to or deleted.
    """

    root: Path

    @classmethod
    def locate(cls, directory: Path | None = None) -> Self:
        """Return the directory asked for, else that of ``KAFKA_MIRROR_LAB``, else ``.lab`` of the checkout."""
        chosen = directory or Path(os.environ.get(LAB_VARIABLE) or _CHECKOUT / ".lab")
        return cls(chosen.expanduser().absolute())

    @property
    def kubeconfig(self) -> Path:
        """Holds one context per site, named after it."""
        return self.root / "kubeconfig"

    @property
    def logs(self) -> Path:
        """Holds one log per process."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """Holds the engine's state of the stacks deployed into this lab."""
        return self.root / "state"

    @property
    def passphrase(self) -> Path:
        """Holds the passphrase of those stacks."""
        return self.root / "passphrase"

    @property
    def processes(self) -> Path:
        """Holds one record per process."""
        return self.root / "processes"

    @property
    def ports(self) -> Path:
        """Holds the block of ports and who has which."""
        return self.root / "ports.json"

    @property
    def etcd(self) -> Path:
        """Holds etcd's data."""
        return self.root / "etcd"

    @property
    def supervision(self) -> Path:
        """Holds what the supervisor says of itself."""
        return self.root / "supervisor.json"

    def site(self, name: str) -> Path:
        """Return the directory of one site."""
        return self.root / "sites" / name

    def log(self, process: str) -> Path:
        """Return the log of one process."""
        return self.logs / f"{process}.log"

    @property
    def exists(self) -> bool:
        """Tell whether there is a lab here, running or not."""
        return self._marker.is_file()

    def check_usable(self) -> None:
        """Check that a lab is here or can be made here.

        Raises:
            UsageError: If the directory holds something that is not a lab's.
        """
        if not self.exists and self.root.exists() and any(self.root.iterdir()):
            raise UsageError(
                f"{self.root} is not empty and holds no lab. Name a directory that does not exist yet, since "
                "'lab down' deletes it."
            )

    def create(self, sites: Sequence[str]) -> None:
        """Make the directory a lab's; raises as `check_usable`."""
        self.check_usable()
        private_directory(self.root)
        self.root.chmod(0o700)
        write_text(self._marker, json.dumps({"schema": _SCHEMA, "sites": list(sites)}))
        for directory in (self.logs, self.state, self.processes):
            private_directory(directory)

    def sites(self) -> tuple[str, ...]:
        """Return the names of the lab's sites, in the order they were given.

        Raises:
            UsageError: If there is no lab here, or its marker is damaged.
        """
        try:
            return tuple(json.loads(self._marker.read_text())["sites"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"{self._marker} is damaged. Remove the lab with 'kafka-mirror lab kill'."
            ) from None
        except FileNotFoundError:
            raise UsageError(
                f"There is no lab in {self.root}. Start one with 'kafka-mirror lab up'."
            ) from None

    def delete(self) -> None:
        """Delete the directory if it is a lab's; the marker goes last, so that a killed deletion can be repeated."""
        if not self.exists:
            return
        for path in self.root.iterdir():
            if path != self._marker:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self._marker.unlink()
        self.root.rmdir()

    @property
    def _marker(self) -> Path:
        return self.root / "lab.json"
