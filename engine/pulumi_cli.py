"""The operations on a stack, carried out by the Pulumi CLI: the same program, options, events and outcome.

The CLI works on a copy of the project, for it writes an encryption salt into the stack file, and with a backend and a
PULUMI_HOME of its own under the state directory, so never in those of the user.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from engine.checkpoint import deployment_from_json, deployment_to_json
from engine.cluster import Clusters
from engine.configuration import read_yaml
from engine.diff import changes_between
from engine.errors import DeploymentError
from engine.events import Diagnostic, Listener, Phase, PolicyViolation, ignore
from engine.options import Options
from engine.outcome import Outcome
from engine.project import Project
from engine.properties import Properties
from engine.pulumi_backend import PulumiBackend
from engine.pulumi_command import PulumiCommand
from engine.pulumi_events import EventLog
from engine.pulumi_failures import (
    failure,
    killed,
    missing_plugin,
    never_deployed,
    refuse_embedded,
)
from engine.pulumi_recovery import has_interrupted_creations, is_locked_by_the_dead, settled
from engine.verdict import STOPPED


def preview(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Tell what `up` would do; see `engine.preview`."""
    with _Cli.on(project, stack, options, on_event, operation="preview") as cli:
        return cli.run(Phase.PREVIEW, ["preview", *cli.refreshed(), *cli.packs()])


def up(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Make the stack what the program says; see `engine.up`."""
    with _Cli.on(project, stack, options, on_event, operation="up") as cli:
        cli.settle()
        arguments = [*cli.refreshed(), *cli.packs()]
        before = cli.kept_outputs()
        # Two commands, for each begins the log of its events anew.
        cli.run(Phase.PREVIEW, ["preview", *arguments])
        outcome = cli.run(Phase.UPDATE, ["up", "--yes", "--skip-preview", *arguments])
        changes = changes_between(before, cli.kept_outputs()) if before else ()
        return replace(outcome, changed_outputs=changes)


def refresh(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Read the live objects into the state; see `engine.refresh`."""
    with _Cli.on(project, stack, options, on_event, operation="refresh", is_deployed=True) as cli:
        cli.settle()
        return cli.run(Phase.REFRESH, ["refresh", "--yes", "--skip-preview"])


def destroy(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Delete everything the stack has made; see `engine.destroy`."""
    with _Cli.on(project, stack, options, on_event, operation="destroy", is_deployed=True) as cli:
        cli.settle()
        return cli.run(Phase.DESTROY, ["destroy", "--yes", "--skip-preview"])


def outputs(
    project: Project, stack: str, *, options: Options | None = None, show_secrets: bool = False
) -> Mapping[str, Any]:
    """Return the outputs of a stack as it was last deployed; see `engine.outputs`."""
    with _Cli.on(project, stack, options, operation="output", is_deployed=True) as cli:
        return cli.outputs(show_secrets=show_secrets)


class _Cli:
    """The CLI on one stack of a copy of a project."""

    def __init__(
        self,
        project: Project,
        stack: str,
        options: Options,
        listener: Listener,
        *,
        backend: PulumiBackend,
        directory: Path,
    ) -> None:
        self._project = project
        self._stack = stack
        self._options = options
        self._listener = listener
        self._backend = backend
        self._directory = directory
        self._told: set[Diagnostic | PolicyViolation] = set()
        environment = {**options.environment, **backend.environment}
        if options.force_conflicts:
            # The provider's own setting (its schema.go, enablePatchForce); the program need not know of it.
            environment["PULUMI_K8S_ENABLE_PATCH_FORCE"] = "true"
        self._pulumi = PulumiCommand(directory, stack, environment)

    @classmethod
    @contextmanager
    def on(
        cls,
        project: Project,
        stack: str,
        options: Options | None,
        listener: Listener = ignore,
        *,
        operation: str,
        is_deployed: bool = False,
    ) -> Iterator[_Cli]:
        """Prepare the CLI for a stack, and leave no stack behind that nothing was deployed to."""
        options = options or Options()
        state = project.state_directory(options.state_directory)
        backend = PulumiBackend(state.root / "pulumi", project.name, stack)
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as directory:
            cli = cls(project, stack, options, listener, backend=backend, directory=Path(directory))
            kept = backend.checkpoint()
            if not (kept or {}).get("resources"):
                refuse_embedded(state.stack(project.name, stack))
            if kept is None and is_deployed:
                raise never_deployed(stack)
            with backend.held(operation):
                cli._copy_project(kept or {})
                cli._unlock()
                if kept is None:
                    cli._pulumi.call("stack", "init", "--no-select")
                try:
                    yield cli
                finally:
                    if kept is None:
                        cli._forget_if_empty()

    def settle(self) -> None:
        """Find out what became of the resources that a run was making when it was cut off.

        Raises:
            UnreachableError: If a cluster they may be in does not answer.
        """
        kept = self._backend.checkpoint() or {}
        if not has_interrupted_creations(kept):
            return
        environment = {**os.environ, **self._options.environment}
        crypter = self._backend.crypter(environment)
        clusters = Clusters(self._options.connect, environment)
        deployment = settled(deployment_from_json({"deployment": kept}, crypter), clusters)
        file = self._directory / "settled.json"
        content = deployment_to_json(deployment, crypter, time=datetime.now(UTC))
        file.write_text(json.dumps(content), encoding="utf-8")
        self._pulumi.call("stack", "import", "--file", str(file))

    def refreshed(self) -> list[str]:
        """Return the argument that lets the live objects be read first."""
        return ["--refresh"] if self._options.refresh else []

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

    def kept_outputs(self) -> Properties:
        """Return the outputs of the stack as it was last deployed, secrets among them."""
        return self._backend.outputs({**os.environ, **self._options.environment})

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
        if code < 0:
            raise killed(outcome, -code)
        if code != 0:
            told = "\n".join([*log.errors(), said])
            missing = missing_plugin(told, home=self._pulumi.home)
            raise missing or failure(outcome, log.errors(), said=said)
        return outcome

    def _unlock(self) -> None:
        """Take the lock away that a killed CLI has left."""
        if is_locked_by_the_dead(self._backend.lock_directory, stack=self._stack):
            self._pulumi.call("cancel", "--yes")

    def _forget_if_empty(self) -> None:
        """Take a stack away that nothing was deployed to."""
        kept = self._backend.checkpoint() or {}
        if not kept.get("resources") and not kept.get("pending_operations"):
            self._unlock()
            self._pulumi.call("stack", "rm", "--yes")

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
