"""Where the Pulumi CLI keeps the stacks that this engine runs through it: never in the backend or PULUMI_HOME of the user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.checkpoint import VERSION, resource_from_json
from engine.encryption import PassphraseCrypter, read_passphrase
from engine.envelope import salt_of
from engine.errors import StateError
from engine.lock import locked
from engine.properties import Properties
from engine.urns import ROOT_TYPE


@dataclass(frozen=True, slots=True)
class PulumiBackend:
    """One stack in a file backend, with a PULUMI_HOME beside it.

    Attributes:
        root: The directory of both.
    """

    root: Path
    project: str
    stack: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that lead the CLI here."""
        return {
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_BACKEND_URL": self._states.as_uri(),
        }

    @property
    def lock_directory(self) -> Path:
        """Where the CLI notes that it holds the stack."""
        return self._states / ".pulumi" / "locks" / "organization" / self.project / self.stack

    @contextmanager
    def held(self, operation: str) -> Iterator[None]:
        """Make the directories, and hold the stack against other runs of this engine.

        The CLI's own lock outlives it if it is killed, and no preview takes it.

        Raises:
            LockedError: If another run holds it.
            StateError: If the directories cannot be written.
        """
        try:
            for directory in (*reversed(self.root.parents), self.root, self._states):
                directory.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StateError(f"{self.root} cannot be written: {error.strerror}.") from error
        file = self.root / f"{self.project}-{self.stack}.lock"
        with locked(file, stack=self.stack, operation=operation):
            yield

    def checkpoint(self) -> Mapping[str, Any] | None:
        """Return the stack as it is kept; None if it is not there."""
        if not self._file.is_file():
            return None
        kept = json.loads(self._file.read_text())["checkpoint"]
        latest: Mapping[str, Any] | None = kept.get("latest")
        return latest or {}

    def crypter(self, environment: Mapping[str, str]) -> PassphraseCrypter:
        """Return what the secrets of the stack, which is there, are encrypted with.

        Args:
            environment: With the passphrase.

        Raises:
            PassphraseError: If there is none, or not the right one.
            StateError: If they are under another secrets provider.
        """
        raw = {"version": VERSION, "deployment": self.checkpoint()}
        salt = salt_of(raw, where=self._file)
        return PassphraseCrypter(
            read_passphrase(environment, stack=self.stack), salt, stack=self.stack
        )

    def outputs(self, environment: Mapping[str, str]) -> Properties:
        """Return the outputs of the stack as it is kept, secrets among them; none if it is not there.

        Args:
            environment: With the passphrase.

        Raises:
            PassphraseError: If there is none, or not the right one.
            StateError: If its secrets are under another secrets provider.
        """
        kept = self.checkpoint() or {}
        roots = [one for one in kept.get("resources") or () if one.get("type") == ROOT_TYPE]
        if not roots:
            return {}
        return resource_from_json(roots[0], self.crypter(environment)).outputs

    @property
    def _file(self) -> Path:
        return self._states / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def _states(self) -> Path:
        return self.root / "backend"
