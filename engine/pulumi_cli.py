"""The operations on a stack, carried out by the Pulumi CLI: the same program, options, events and outcome.

The CLI works on a copy of the project, for it writes an encryption salt into the stack file, and with a backend and a
PULUMI_HOME of its own under the state directory, so never in those of the user.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from engine.configuration import read_yaml
from engine.errors import DeploymentError
from engine.events import Diagnostic, Listener, Phase, PolicyViolation, ignore
from engine.options import Options
from engine.outcome import Outcome
from engine.project import Project
from engine.pulumi_command import PulumiCommand
from engine.pulumi_events import EventLog
from engine.pulumi_failures import failure, never_deployed
from engine.verdict import STOPPED


def preview(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Tell what `up` would do; see `engine.preview`."""
    with _Cli.on(project, stack, options, on_event) as cli:
        return cli.run(Phase.PREVIEW, ["preview", *cli.packs()])


def up(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Make the stack what the program says; see `engine.up`."""
    with _Cli.on(project, stack, options, on_event) as cli:
        refreshed = ["--refresh"] if options is not None and options.refresh else []
        arguments = [*refreshed, *cli.packs()]
        # Two commands, for each begins the log of its events anew.
        cli.run(Phase.PREVIEW, ["preview", *arguments])
        return cli.run(Phase.UPDATE, ["up", "--yes", "--skip-preview", *arguments])


def refresh(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Read the live objects into the state; see `engine.refresh`."""
    with _Cli.on(project, stack, options, on_event, is_deployed=True) as cli:
        return cli.run(Phase.REFRESH, ["refresh", "--yes", "--skip-preview"])


def destroy(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Delete everything the stack has made; see `engine.destroy`."""
    with _Cli.on(project, stack, options, on_event, is_deployed=True) as cli:
        return cli.run(Phase.DESTROY, ["destroy", "--yes", "--skip-preview"])


def outputs(
    project: Project, stack: str, *, options: Options | None = None, show_secrets: bool = False
) -> Mapping[str, Any]:
    """Return the outputs of a stack as it was last deployed; see `engine.outputs`."""
    with _Cli.on(project, stack, options, is_deployed=True) as cli:
        return cli.outputs(show_secrets=show_secrets)


class _Cli:
    """The CLI on one stack of a copy of a project."""

    def __init__(
        self, project: Project, stack: str, options: Options, listener: Listener, directory: Path
    ) -> None:
        root = project.state_directory(options.state_directory).root / "pulumi"
        self._project = project
        self._stack = stack
        self._options = options
        self._listener = listener
        self._directory = directory
        self._backend = root / "backend"
        self._told: set[Diagnostic | PolicyViolation] = set()
        environment = {
            "PULUMI_HOME": str(root / "home"),
            "PULUMI_BACKEND_URL": self._backend.as_uri(),
        }
        self._pulumi = PulumiCommand(directory, stack, {**options.environment, **environment})
        self._backend.mkdir(mode=0o700, parents=True, exist_ok=True)

    @classmethod
    @contextmanager
    def on(
        cls,
        project: Project,
        stack: str,
        options: Options | None,
        listener: Listener = ignore,
        *,
        is_deployed: bool = False,
    ) -> Iterator[_Cli]:
        """Prepare the CLI for a stack, and leave no stack behind that nothing was deployed to."""
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as directory:
            cli = cls(project, stack, options or Options(), listener, Path(directory))
            deployed = cli._checkpoint()
            if deployed is None and is_deployed:
                raise never_deployed(stack)
            cli._copy_project(deployed or {})
            if deployed is None:
                cli._pulumi.call("stack", "init", "--no-select")
            try:
                yield cli
            finally:
                if deployed is None and not (cli._checkpoint() or {}).get("resources"):
                    cli._pulumi.call("stack", "rm", "--yes")

    def packs(self) -> list[str]:
        """Return the arguments that name the policy packs and their settings."""
        settings = self._directory / "policy-settings.json"
        settings.write_text(json.dumps(dict(self._options.policy_settings)), encoding="utf-8")
        arguments = []
        for pack in self._options.policy_packs:
            arguments += ["--policy-pack", str(pack)]
            if self._options.policy_settings:
                arguments += ["--policy-pack-config", str(settings)]
        return arguments

    def outputs(self, *, show_secrets: bool) -> Mapping[str, Any]:
        """Return the outputs of the stack."""
        shown = ["--show-secrets"] if show_secrets else []
        found: dict[str, Any] = json.loads(self._pulumi.call("stack", "output", "--json", *shown))
        return dict(sorted(found.items()))

    def run(self, phase: Phase, arguments: Sequence[str]) -> Outcome:
        """Run an operation to its end.

        Raises:
            KafkaMirrorError: What it failed with.
        """
        started = time.monotonic()
        log = EventLog(self._stack, phase, self._listener, self._told)
        code, said = self._pulumi.follow(arguments, log, cancelled=self._options.cancelled)
        if code == 0:
            log.tell_complaints()
        outcome = Outcome(
            phase=phase,
            stack=self._stack,
            steps=tuple(log.steps.values()),
            outputs=log.outputs,
            diagnostics=tuple(log.diagnostics),
            violations=tuple(sorted(log.violations, key=lambda one: (not one.is_mandatory, one))),
            elapsed=timedelta(seconds=time.monotonic() - started),
        )
        if code != 0 and self._options.cancelled.is_set():
            raise DeploymentError(STOPPED, outcome)
        if code != 0:
            raise failure(outcome, log.errors(), said=said)
        return outcome

    def _checkpoint(self) -> Mapping[str, Any] | None:
        """Return the stack as the backend holds it; None if it is not there."""
        file = self._backend / ".pulumi" / "stacks" / self._project.name / f"{self._stack}.json"
        if not file.is_file():
            return None
        latest: Mapping[str, Any] | None = json.loads(file.read_text())["checkpoint"].get("latest")
        return latest or {}

    def _copy_project(self, deployed: Mapping[str, Any]) -> None:
        """Write the project and its stack file; the program itself stays where it is."""
        # Names its problems first, as the embedded engine does.
        self._project.configuration(self._stack)
        main = str(self._project.main.resolve())
        runtime = {"name": "python", "options": {"toolchain": "pip"}}
        file = f"Pulumi.{self._stack}.yaml"
        stack = read_yaml(self._project.directory / file)
        salt = ((deployed.get("secrets_providers") or {}).get("state") or {}).get("salt")
        if salt:
            stack.setdefault("encryptionsalt", salt)
        project = {**self._project.raw, "main": main, "runtime": runtime}
        for name, content in (("Pulumi.yaml", project), (file, stack)):
            (self._directory / name).write_text(yaml.safe_dump(content, sort_keys=False))
