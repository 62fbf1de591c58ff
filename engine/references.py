"""Reading the outputs of another stack of the same backend."""

from __future__ import annotations

from collections.abc import Mapping

from engine.checkpoint import ResourceState
from engine.encryption import PassphraseCrypter, read_passphrase
from engine.errors import PassphraseError
from engine.properties import Properties, contains_secret
from engine.state import StateDirectory
from engine.urns import ROOT_TYPE
from kafka_mirror.errors import UsageError

TYPE = "pulumi:pulumi:StackReference"
_ORGANIZATION = "organization"


class StackReferences:
    """The stacks of a backend, as a program may refer to them."""

    def __init__(
        self, states: StateDirectory, environment: Mapping[str, str], *, project: str
    ) -> None:
        self._states = states
        self._environment = environment
        self._project = project

    def read(self, name: str) -> Properties:
        """Return the properties of a StackReference.

        Args:
            name: ``<stack>``, ``organization/<stack>`` or ``organization/<project>/<stack>``.

        Raises:
            UsageError: If the name has no such form, or the stack was never deployed.
            PassphraseError: If its secrets were encrypted with another passphrase.
        """
        project, stack = self._parsed(name)
        file = self._states.stack(project, stack)
        if not file.exists:
            raise UsageError(
                f"stack '{stack}' was never deployed: run `kafka-mirror stack up {stack}` first"
                + ("" if project == self._project else f" in project '{project}'")
            )
        crypter = PassphraseCrypter(
            read_passphrase(self._environment, stack=stack), file.read_salt(), stack=stack
        )
        try:
            outputs = root_outputs(file.load(crypter).resources)
        except PassphraseError:
            raise PassphraseError(
                f"stack '{stack}' was deployed with another passphrase, so its outputs cannot be read: "
                "stacks that refer to each other need the same PULUMI_CONFIG_PASSPHRASE."
            ) from None
        return {
            "name": name,
            "outputs": outputs,
            "secretOutputNames": sorted(
                key for key, value in outputs.items() if contains_secret(value)
            ),
        }

    def _parsed(self, name: str) -> tuple[str, str]:
        parts = name.split("/")
        if len(parts) == 1 and parts[0]:
            return self._project, parts[0]
        if parts[0] == _ORGANIZATION and all(parts):
            if len(parts) == 2:  # noqa: PLR2004 - organization and stack
                return self._project, parts[1]
            if len(parts) == 3:  # noqa: PLR2004 - organization, project and stack
                return parts[1], parts[2]
        raise UsageError(
            f"'{name}' does not name a stack. Use <stack> or {_ORGANIZATION}/<project>/<stack>."
        )


def root_outputs(resources: tuple[ResourceState, ...]) -> Properties:
    """Return the outputs of the stack itself."""
    return next((state.outputs for state in resources if state.type == ROOT_TYPE), {})
