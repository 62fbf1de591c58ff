"""``kafka-mirror check``: the policy pack on a stack, a state or plain YAML. No CLI, no cluster."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.text import Text

from kafka_mirror.cli.check_sources import Material, line_of, of_manifests, of_stack, of_state
from kafka_mirror.cli.console import errors, print_json, results
from kafka_mirror.cli.exit_codes import FINDING
from kafka_mirror.cli.options import ProjectOption
from kafka_mirror.cli.sarif import sarif
from kafka_mirror.errors import UsageError
from mirror_policies import RULES, Configuration, Finding, check
from mirror_policies.rule import Profile
from mirror_policies.version import VERSION


class CheckOutput(StrEnum):
    """How the findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def check_command(
    *,
    stack: Annotated[
        str | None,
        typer.Option("--stack", help="Judge a stack as Pulumi.<STACK>.yaml declares it."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", help="Judge a Pulumi state: `pulumi stack export`, or a backend's file."
        ),
    ] = None,
    manifests: Annotated[
        list[Path] | None,
        typer.Option(
            "--manifests",
            help="Judge YAML or JSON: a file, a directory with all below it, or - for stdin. May be repeated.",
        ),
    ] = None,
    more: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Further files or directories of --manifests."),
    ] = None,
    project: ProjectOption = Path(),
    profile: Annotated[
        Profile, typer.Option("--profile", help="Whose levels and thresholds hold.")
    ] = Profile.DEVELOPMENT,
    policy_pack_config: Annotated[
        Path | None,
        typer.Option(
            "--policy-pack-config",
            help="Levels and thresholds by rule, in JSON or YAML, as Pulumi takes them.",
        ),
    ] = None,
    sites: Annotated[
        list[Path] | None,
        typer.Option("--sites", help="What another stack's output `sites` says, in a file."),
    ] = None,
    output: Annotated[
        CheckOutput, typer.Option("--output", help="text, json or sarif.")
    ] = CheckOutput.TEXT,
) -> None:
    """Judge Kafka resources with the policy pack. Needs neither the Pulumi CLI nor a cluster.

    A stack:       kafka-mirror check --stack stg --profile production

    A repository:  kafka-mirror check --manifests clusters/ --output sarif

    A tool's YAML: kustomize build stg | kafka-mirror check --manifests -

    Mandatory findings stop a deployment, advisory ones do not; what is "not
    judged" hangs on something that is not known or not shown here. Why a rule
    is there and how to keep it: docs/policies.md. The annotation
    exempt.kafka-mirror/RULE with a reason exempts an object.

    Leaves with 0 if no mandatory rule is broken, with 1 if one is, with 2 if something cannot be read.
    """
    material = _material(stack, state, [*(manifests or ()), *(more or ())], project, sites or ())
    findings = check(
        material.objects,
        configuration=_configuration(policy_pack_config, profile),
        sites=material.sites,
        settings=material.settings,
    )
    for file, problem in material.unread:
        errors().print(f"Not judged: {file} is no YAML ({problem}).")
    if material.clusters:
        errors().print(
            f"Judged as Kubernetes clusters of their own: {', '.join(material.clusters)}."
        )
    _print(findings, material, profile, output, state)
    if any(finding.stops for finding in findings):
        sys.exit(FINDING)


def _material(
    stack: str | None,
    state: Path | None,
    manifests: Sequence[Path],
    project: Path,
    sites: Sequence[Path],
) -> Material:
    if sum((stack is not None, state is not None, bool(manifests))) != 1:
        raise UsageError("Say what to check: one of --stack STACK, --state FILE, --manifests PATH.")
    if sites and not manifests:
        raise UsageError("--sites goes with --manifests: a stack and a state know their sites.")
    if stack is not None:
        return of_stack(project, stack)
    if state is not None:
        return of_state(state)
    return of_manifests(manifests, sites)


def _configuration(file: Path | None, profile: Profile) -> Configuration:
    if file is None:
        return Configuration(profile=profile)
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as JSON or YAML.") from error
    if not isinstance(given, dict):
        raise UsageError(f"{file}: a mapping by rule is expected.")
    return Configuration.read(given, rules=RULES, profile=profile)


def _print(
    findings: Sequence[Finding],
    material: Material,
    profile: Profile,
    output: CheckOutput,
    state: Path | None,
) -> None:
    match output:
        case CheckOutput.JSON:
            print_json(_document(findings, material, profile))
        case CheckOutput.SARIF:
            nodes = {(o.origin, o.title): node for o, node in material.nodes.items()}

            def line(finding: Finding) -> int:
                return line_of(nodes.get((finding.origin, finding.object)), finding.steps)

            # A resource of a state has no file but the state.
            log = sarif(findings, rules=RULES, version=VERSION, line_of=line, file=state)
            sys.stdout.write(json.dumps(log, indent=2) + "\n")
        case CheckOutput.TEXT:
            _draw(findings, len(material.objects), profile)


def _document(findings: Sequence[Finding], material: Material, profile: Profile) -> dict[str, Any]:
    return {
        "profile": profile.value,
        "pack": VERSION,
        "objects": len(material.objects),
        "unread": [{"file": file, "message": problem} for file, problem in material.unread],
        "findings": [
            {
                "rule": one.rule,
                "level": one.level.value,
                "object": one.object,
                "path": one.path,
                "message": one.message,
                "origin": one.origin,
                "decided": one.is_decided,
                "exemption": one.exemption or None,
            }
            for one in findings
        ],
    }


def _draw(findings: Sequence[Finding], objects: int, profile: Profile) -> None:
    console = results()
    shown = ""
    for one in findings:
        title = f"{one.object} ({one.origin})" if one.origin else one.object
        if title != shown:
            console.print(Text(title))
            shown = title
        # Whole lines, so that names can be copied, and no table that cuts them.
        console.print(Text(f"  {_level(one)}  {one.rule}"))
        for line in filter(None, (one.path, *_what(one).splitlines())):
            console.print(Text(_indented(line, console.width)))
    stopping = sum(one.stops for one in findings)
    exempt = sum(bool(one.exemption) for one in findings)
    advice = len(findings) - stopping - exempt
    results().print(
        f"{objects} object{'' if objects == 1 else 's'} under profile {profile}: {stopping} mandatory, {advice} advisory, "
        f"{exempt} exempt"
    )


def _indented(line: str, width: int) -> str:
    return textwrap.fill(
        line,
        width,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _level(finding: Finding) -> str:
    if finding.exemption:
        return "exempt"
    return finding.level.value if finding.is_decided else "not judged"


def _what(finding: Finding) -> str:
    if finding.exemption:
        return f"{finding.message}\nExempt: {finding.exemption}"
    return finding.message
