"""Running the Pulumi program of a project against a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack

from engine.child_process import ChildProcess
from engine.events import Severity
from engine.host import STOPPED_WITH_MESSAGE
from engine.monitor import PARALLEL
from engine.project import Project
from engine.run import Run

_LOOK_SECONDS = 0.2


def run_program(
    project: Project,
    run: Run,
    *,
    address: str,
    environment: Mapping[str, str],
    cleanup: ExitStack,
) -> None:
    """Run the program to its end. Why it failed, if it did, is noted in the run."""
    identity = run.identity
    settings = {
        "project": identity.project,
        "stack": identity.stack,
        "organization": identity.organization,
        "root_directory": str(project.directory),
        "monitor": address,
        "engine": address,
        "dry_run": run.is_preview,
        "parallel": PARALLEL,
        "config": dict(identity.configuration.values),
        "config_secret_keys": sorted(identity.configuration.secret_keys),
    }
    complaints: list[str] = []
    process = ChildProcess(
        "program",
        project.main,
        environment=environment,
        said=lambda line: run.reporter.diagnostic(Severity.INFO, line),
        complained=complaints.append,
        standard_input=json.dumps(settings),
    )
    # Whatever ends the operation ends the program.
    cleanup.callback(process.stop)
    while (code := process.wait(_LOOK_SECONDS)) is None:
        if run.cancelled.is_wanted_outside:
            process.stop()
            return
    for line in complaints:
        run.reporter.diagnostic(Severity.WARNING, line)
    if code == 0 or run.ending:
        return
    run.ending.program_failed(
        is_broken=code != STOPPED_WITH_MESSAGE,
        message=f"The program ended with exit code {code}." + "\n".join(["", *complaints]),
    )
