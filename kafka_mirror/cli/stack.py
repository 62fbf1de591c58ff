"""``kafka-mirror stack``: previews and deploys the stacks of a Pulumi project, with the Pulumi CLI or without."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml
from rich.text import Text

import engine
from kafka_mirror.cli.console import OutputFormat, errors, print_json, results
from kafka_mirror.cli.engine_choice import EngineChoice, EngineOption
from kafka_mirror.cli.interruption import ending_in_order, ending_on_termination
from kafka_mirror.cli.options import OutputOption, ProjectOption, StackArgument
from kafka_mirror.cli.restart_impact import ToldImpact, impact_text, told_impacts
from kafka_mirror.cli.served_apis import check_served_apis
from kafka_mirror.cli.stack_drawing import changes_text, drawn, outputs_text, summary
from kafka_mirror.errors import UsageError

_DEFAULT_PACK: Final = "policies"
_LONGEST_OUTPUT: Final = 100
# A kill at any moment loses nothing; the Pulumi CLI is asked to end, and then left to it.
_EMBEDDED: Final = frozenset({engine.preview, engine.up, engine.refresh, engine.destroy})

app = typer.Typer(
    help="Preview and deploy the stacks of a Pulumi project.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


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
RefreshOption = Annotated[
    bool,
    typer.Option(
        "--refresh",
        help="Read the live objects first: what drifted in the clusters counts as well.",
    ),
]


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
    refresh: RefreshOption = False,
) -> None:
    """Show what up would do. Changes nothing; without --refresh it needs no cluster."""
    packs = _packs(project, policy_pack, is_without=no_policy_pack)
    options = _options(state_dir, packs, policy_pack_config, refresh=refresh)
    outcome = _run(engine_choice.operations.preview, project, stack, options, output)
    if output is OutputFormat.TEXT:
        results().print(changes_text(outcome), end="")
        results().print(impact_text(outcome.steps), end="")
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
    refresh: RefreshOption = False,
    force_conflicts: Annotated[
        bool,
        typer.Option(
            "--force-conflicts",
            help="Set what is declared even where somebody else has set it otherwise; such a field is refused "
            "without.",
        ),
    ] = False,
) -> None:
    """Make the stack what its configuration says. Previews first; a violated policy ends it there."""
    packs = _packs(project, policy_pack, is_without=no_policy_pack)
    options = _options(
        state_dir, packs, policy_pack_config, refresh=refresh, force_conflicts=force_conflicts
    )
    check_served_apis(project, stack)
    outcome = _run(engine_choice.operations.up, project, stack, options, output)
    if output is OutputFormat.TEXT:
        results().print(outputs_text(outcome.outputs, longest=_LONGEST_OUTPUT), end="")
        results().print(summary(outcome))
        if outcome.changed_outputs:
            changed = ", ".join(change.path for change in outcome.changed_outputs)
            errors().print(
                f"Outputs changed: {changed}. Stacks that read this one follow with their own up."
            )
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
        engine_choice.operations.refresh, project, stack, _options(state_dir, (), None), output
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
        engine_choice.operations.destroy, project, stack, _options(state_dir, (), None), output
    )
    if output is OutputFormat.TEXT:
        results().print(summary(outcome))


@app.command("output")
def output_command(
    stack: StackArgument,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One output; all by default.")
    ] = None,
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
    values = engine_choice.operations.outputs(
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
    force_conflicts: bool = False,
) -> engine.Options:
    return engine.Options(
        state_directory=state_dir,
        policy_packs=packs,
        policy_settings=_settings(settings),
        refresh=refresh,
        force_conflicts=force_conflicts,
    )


def _settings(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, OSError, ValueError):
        # The error itself may quote the file.
        raise UsageError(f"{file} cannot be read as JSON or YAML.") from None
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
    with ending_in_order() if operation in _EMBEDDED else ending_on_termination():
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


def _told(outcome: engine.Outcome) -> tuple[ToldImpact, ...]:
    """Return what a deployment, or the preview of one, does to what runs."""
    deploys = outcome.phase in {engine.Phase.PREVIEW, engine.Phase.UPDATE}
    return told_impacts(outcome.steps) if deploys else ()


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
        "impacts": [told.document() for told in _told(outcome)],
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
