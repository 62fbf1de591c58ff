"""``kafka-mirror stack``: previews and deploys the stacks of a Pulumi project, with the Pulumi CLI or without."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final

import typer
import yaml
from rich.text import Text

import engine
from engine import pulumi_cli
from kafka_mirror.cli.console import OutputFormat, errors, print_json, results
from kafka_mirror.cli.restart_impact import impact_text
from kafka_mirror.cli.stack_drawing import changes_text, drawn, outputs_text, summary
from kafka_mirror.errors import UsageError

_DEFAULT_PACK: Final = "policies"
_LONGEST_OUTPUT: Final = 100

app = typer.Typer(
    help="Preview and deploy the stacks of a Pulumi project.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


class EngineChoice(StrEnum):
    """What runs the program."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"


StackArgument = Annotated[str, typer.Argument(help="The stack, as in Pulumi.<STACK>.yaml.")]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="The folder of Pulumi.yaml.", file_okay=False, exists=True)
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        envvar="KAFKA_MIRROR_STATE",
        file_okay=False,
        help="Where state is kept; .kafka-mirror/state of the project by default.",
    ),
]
PacksOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy-pack",
        file_okay=False,
        exists=True,
        help="A policy pack; may be repeated. The project's policies folder by default.",
    ),
]
NoPackOption = Annotated[bool, typer.Option("--no-policy-pack", help="Run no policy pack.")]
PackConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--policy-pack-config",
        dir_okay=False,
        exists=True,
        help="JSON or YAML: per policy an enforcement level, or a mapping with its settings.",
    ),
]
EngineOption = Annotated[
    EngineChoice,
    typer.Option("--engine", help="What runs the program: our own engine, or the Pulumi CLI."),
]
OutputOption = Annotated[OutputFormat, typer.Option("--output", help="text, or json for programs.")]


@app.command("preview")
def preview_command(
    stack: StackArgument,
    *,
    project: ProjectOption = Path(),
    state_dir: StateOption = None,
    policy_pack: PacksOption = None,
    policy_pack_config: PackConfigOption = None,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    output: OutputOption = OutputFormat.TEXT,
    no_policy_pack: NoPackOption = False,
) -> None:
    """Show what up would do. Changes nothing and needs no cluster."""
    packs = _packs(project, policy_pack, is_without=no_policy_pack)
    options = _options(state_dir, packs, policy_pack_config)
    outcome = _run(_engine(engine_choice).preview, project, stack, options, output)
    if output is OutputFormat.TEXT:
        results().print(changes_text(outcome), end="")
        results().print(impact_text(outcome.changed), end="")
        results().print(summary(outcome))


@app.command("up")
def up_command(
    stack: StackArgument,
    *,
    project: ProjectOption = Path(),
    state_dir: StateOption = None,
    policy_pack: PacksOption = None,
    policy_pack_config: PackConfigOption = None,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    output: OutputOption = OutputFormat.TEXT,
    no_policy_pack: NoPackOption = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read the live objects first, and mend what drifted.")
    ] = False,
) -> None:
    """Make the stack what its configuration says. Previews first; a violated policy ends it there."""
    packs = _packs(project, policy_pack, is_without=no_policy_pack)
    options = _options(state_dir, packs, policy_pack_config, refresh=refresh)
    outcome = _run(_engine(engine_choice).up, project, stack, options, output)
    if output is OutputFormat.TEXT:
        results().print(outputs_text(outcome.outputs, longest=_LONGEST_OUTPUT), end="")
        results().print(summary(outcome))
        if outcome.outputs:
            chosen = " --engine pulumi" if engine_choice is EngineChoice.PULUMI else ""
            errors().print(f"Next:  kafka-mirror stack output {stack}{chosen}")


@app.command("refresh")
def refresh_command(
    stack: StackArgument,
    *,
    project: ProjectOption = Path(),
    state_dir: StateOption = None,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Read the live objects into the state."""
    outcome = _run(
        _engine(engine_choice).refresh, project, stack, _options(state_dir, (), None), output
    )
    if output is OutputFormat.TEXT:
        results().print(changes_text(outcome), end="")
        results().print(summary(outcome))


@app.command("destroy")
def destroy_command(
    stack: StackArgument,
    *,
    project: ProjectOption = Path(),
    state_dir: StateOption = None,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Delete everything the stack has made, in reverse order. Refuses protected resources."""
    outcome = _run(
        _engine(engine_choice).destroy, project, stack, _options(state_dir, (), None), output
    )
    if output is OutputFormat.TEXT:
        results().print(summary(outcome))


@app.command("output")
def output_command(
    stack: StackArgument,
    name: Annotated[str | None, typer.Argument(help="One output; all by default.")] = None,
    *,
    project: ProjectOption = Path(),
    state_dir: StateOption = None,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    output: OutputOption = OutputFormat.TEXT,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Show secrets in clear.")
    ] = False,
) -> None:
    """Show the outputs of a stack as it was last deployed."""
    values = _engine(engine_choice).outputs(
        engine.Project.load(project),
        stack,
        options=_options(state_dir, (), None),
        show_secrets=show_secrets,
    )
    if name is not None:
        if name not in values:
            has = ", ".join(values) or "none"
            raise UsageError(f"stack '{stack}' has no output '{name}' (has {has}).")
        values = {name: values[name]}
    if output is OutputFormat.JSON:
        print_json({"stack": stack, "outputs": dict(values)})
    else:
        results().print(outputs_text(values), end="")


def _engine(choice: EngineChoice) -> ModuleType:
    """Return what has the operations on stacks; both do them alike."""
    return pulumi_cli if choice is EngineChoice.PULUMI else engine


def _packs(project: Path, chosen: list[Path] | None, *, is_without: bool) -> tuple[Path, ...]:
    if is_without:
        return ()
    if chosen:
        return tuple(path.resolve() for path in chosen)
    default = (project / _DEFAULT_PACK).resolve()
    return (default,) if (default / "PulumiPolicy.yaml").is_file() else ()


def _options(
    state_dir: Path | None,
    packs: tuple[Path, ...],
    settings: Path | None,
    *,
    refresh: bool = False,
) -> engine.Options:
    return engine.Options(
        state_directory=state_dir,
        policy_packs=packs,
        policy_settings=_settings(settings),
        refresh=refresh,
    )


def _settings(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, OSError) as error:
        raise UsageError(f"{file} cannot be read as JSON or YAML.") from error
    if not isinstance(content, dict):
        raise UsageError(f"{file}: a mapping by policy name is expected.")
    return content


def _run(
    operation: Callable[..., engine.Outcome],
    project: Path,
    stack: str,
    options: engine.Options,
    output: OutputFormat,
) -> engine.Outcome:
    """Run an operation, drawn as it goes on; in JSON its result is printed even if it was refused."""
    loaded = engine.Project.load(project)
    with _stopping_on_terminate():
        try:
            with drawn(errors()) as listener:
                outcome = operation(loaded, stack, options=options, on_event=listener)
        except engine.DeploymentError as error:
            if output is OutputFormat.JSON:
                print_json(_document(error.outcome, error=str(error)))
                errors().print(Text(f"Error: {error}"), style="red")
                sys.exit(error.exit_code)
            raise
    if output is OutputFormat.JSON:
        print_json(_document(outcome))
    return outcome


@contextmanager
def _stopping_on_terminate() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: steps that have begun are recorded."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _document(outcome: engine.Outcome, *, error: str = "") -> dict[str, Any]:
    return {
        "stack": outcome.stack,
        "phase": outcome.phase.value,
        "changes": {op.value: count for op, count in outcome.changes.items()},
        "steps": [
            {
                "op": step.op.value,
                "urn": step.urn,
                "reason": step.reason,
                "changes": [
                    {"path": change.path, "before": change.before, "after": change.after}
                    for change in step.changes
                ],
            }
            for step in outcome.steps
        ],
        "outputs": dict(outcome.outputs),
        "findings": [
            {
                "rule": found.policy,
                "level": "mandatory" if found.is_mandatory else "advisory",
                "object": found.urn,
                "path": "",
                "message": found.message,
            }
            for found in outcome.violations
        ],
        "error": error,
        "elapsedSeconds": round(outcome.elapsed.total_seconds(), 3),
    }
