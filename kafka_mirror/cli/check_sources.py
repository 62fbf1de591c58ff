"""Where ``kafka-mirror check`` finds what it judges: a stack file, a Pulumi state, or plain YAML."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml

from kafka_mirror.cli.offline import OfflineStack, read_stack
from kafka_mirror.cli.render import rendered
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.errors import UsageError
from mirror_policies.deployment.declarations import DISABLED
from mirror_policies.fields import UNKNOWN
from mirror_policies.objects import OPERATOR_GROUPS, Declaration, KubernetesObject, stack_settings

STDIN: Final = Path("-")
"""In place of a file: what another command writes, such as ``kustomize build``."""

_MANIFESTS: Final = (".yaml", ".yml", ".json")
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_REFERENCE: Final = "pulumi:pulumi:StackReference"
_ROOT: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be judged.

    Attributes:
        objects: In the order they were found.
        sites: What the output ``sites`` of the stacks says, as far as it is at hand.
        settings: The configuration of the Pulumi stack, if there is one.
        unread: Files that are no YAML, with what is wrong.
        nodes: By object, its YAML text's tree, to find lines in.
        clusters: Directories that are judged as Kubernetes clusters of their own.
    """

    objects: tuple[KubernetesObject, ...]
    sites: Mapping[str, object] = field(default_factory=dict)
    settings: KubernetesObject | None = None
    unread: tuple[tuple[str, str], ...] = ()
    nodes: Mapping[KubernetesObject, yaml.Node] = field(default_factory=dict)
    clusters: tuple[str, ...] = ()


def of_stack(project: Path, stack: str) -> Material:
    """Read a stack of a project as its program would declare it, without any cluster.

    Raises:
        UsageError: There is no such stack file.
        ConfigurationError: Everything wrong with the stack.
    """
    offline = read_stack(project, stack, sites_of_other_stacks(project, stack))
    file = f"Pulumi.{stack}.yaml"
    written = yaml.safe_load((project / file).read_text(encoding="utf-8")) or {}
    config = written.get("config") or {}
    known = {DISABLED: _as_the_program_reads(config[DISABLED])} if DISABLED in config else {}
    return replace(rendered_objects(offline, origin=file), settings=stack_settings(stack, known))


def _as_the_program_reads(value: object) -> object:
    """Return a configured value; Pulumi tells no list from a text that is the JSON of one, as ``pulumi new`` writes it."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def rendered_objects(offline: OfflineStack, *, origin: str) -> Material:
    """Return what a planned stack declares, and what is known of its sites."""
    return Material(
        objects=tuple(
            KubernetesObject(_without_placeholders(one), origin=origin) for one in rendered(offline)
        ),
        sites={
            name: description.model_dump(mode="json", by_alias=True)
            for name, description in offline.plan.descriptions.items()
        },
    )


def of_state(file: Path) -> Material:
    """Read what a Pulumi state holds, be it an export or a backend's file; needs no passphrase.

    What a stack reads and does not make, such as an adopted Kafka, is left out: it is its owner's to mend.

    Raises:
        UsageError: It cannot be read, or is no state.
    """
    try:
        document = json.loads(_text(file))
        body = document.get("deployment") or document["checkpoint"]["latest"]
        resources: list[dict[str, Any]] = [
            one for one in body.get("resources") or () if not one.get("delete")
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{file} is no Pulumi state. `pulumi stack export --file {file.name}` writes one."
        ) from error
    return Material(
        objects=tuple(_of_resource(one) for one in resources if _is_made_object(one)),
        sites=_sites_in(resources),
    )


def of_manifests(paths: Sequence[Path], sites: Iterable[Path] = ()) -> Material:
    """Read Kubernetes objects from YAML or JSON files, and from all of those in directories.

    Two files that declare the same Kafka resource speak of two Kubernetes clusters, or of a base and what
    is made of it: their directories, where the ways to them part, are judged as clusters of their own.

    Raises:
        UsageError: A named file is not there or is no YAML.
    """
    read: list[tuple[KubernetesObject, yaml.Node]] = []
    unread: list[tuple[str, str]] = []
    for path, is_named in _files(paths):
        try:
            for data, node in _documents(path):
                read.append((KubernetesObject(data, origin=path.as_posix()), node))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            problem = _problem(error)
            if is_named:
                raise UsageError(f"{path} is no YAML: {problem}.") from error
            # A repository holds templates too, which are no YAML before they are rendered.
            unread.append((path.as_posix(), problem))
    described: dict[str, object] = {}
    for file in sites:
        described.update(_described(file))
    clusters = _clusters([found for found, _ in read])
    nodes = {_placed(found, clusters): node for found, node in read}
    return Material(
        tuple(nodes), described, unread=tuple(unread), nodes=nodes, clusters=tuple(sorted(clusters))
    )


def _clusters(objects: Iterable[KubernetesObject]) -> set[str]:
    """Return the directories, or files, that are Kubernetes clusters of their own."""
    files: dict[tuple[str, ...], set[str]] = {}
    for found in objects:
        if found.name and found.group in OPERATOR_GROUPS:
            key = (found.group, found.kind, found.namespace, found.name)
            files.setdefault(key, set()).add(found.origin)
    return {place for origins in files.values() for place in _parting(origins, at=0)}


def _parting(files: Iterable[str], *, at: int) -> Iterator[str]:
    """Yield where the ways to files part, from the step `at` on; nothing for a single file."""
    branches: dict[tuple[str, ...], list[str]] = {}
    for file in files:
        branches.setdefault(PurePosixPath(file).parts[: at + 1], []).append(file)
    for steps, inside in branches.items():
        if len(branches) > 1:
            yield PurePosixPath(*steps).as_posix()
        if len(inside) > 1:
            yield from _parting(inside, at=at + 1)


def _placed(found: KubernetesObject, clusters: Iterable[str]) -> KubernetesObject:
    around = [one for one in clusters if PurePosixPath(found.origin).is_relative_to(one)]
    site = max(around, key=len, default="")
    return KubernetesObject(found.data, site=site, origin=found.origin) if site else found


def line_of(node: yaml.Node | None, steps: Sequence[str | int]) -> int:
    """Return the line, from 1, on which a place of an object stands, or the last of its parents."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    line, inner = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            inner = node.value[step] if step < len(node.value) else None
            line = line if inner is None else inner.start_mark.line + 1
        if inner is None:
            break
        node = inner
    return line


def _without_placeholders(value: object) -> Any:
    """Mark as unknown what ``render`` writes in place of an address that nobody knows yet."""
    match value:
        case str() if value.startswith("<bootstrap of "):
            return UNKNOWN
        case dict():
            return {key: _without_placeholders(inside) for key, inside in value.items()}
        case list():
            return [_without_placeholders(inside) for inside in value]
        case _:
            return value


def _is_made_object(resource: Mapping[str, Any]) -> bool:
    inputs = resource.get("inputs")
    is_object = isinstance(inputs, dict) and "apiVersion" in inputs and "kind" in inputs
    return is_object and not resource.get("external")


def _of_resource(resource: Mapping[str, Any]) -> KubernetesObject:
    provider = str(resource.get("provider") or "").rpartition("::")[0]
    status = (resource.get("outputs") or {}).get("status")
    data = {**resource["inputs"], **({} if status is None else {"status": status})}
    return KubernetesObject(
        _opened(data),
        site=provider,
        origin=str(resource.get("urn") or ""),
        declaration=Declaration(
            is_protected=bool(resource.get("protect")),
            is_provider_default=provider.rpartition("::")[2].startswith("default")
            if provider
            else None,
        ),
    )


def _sites_in(resources: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    sites: dict[str, object] = {}
    for resource in resources:
        outputs = _opened(resource.get("outputs") or {})
        if resource.get("type") == _REFERENCE and isinstance(outputs, dict):
            outputs = outputs.get("outputs")
        elif resource.get("type") != _ROOT:
            continue
        found = outputs.get("sites") if isinstance(outputs, dict) else None
        if isinstance(found, dict):
            sites.update(found)
    return sites


def _opened(value: object) -> Any:
    """Return a value of a state with everything secret marked as unknown: it stays encrypted."""
    match value:
        case dict():
            if _SIGNATURE in value:
                return UNKNOWN
            return {key: _opened(inside) for key, inside in value.items()}
        case list():
            return [_opened(inside) for inside in value]
        case _:
            return value


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield every file, and whether it was named itself."""
    for path in paths:
        if path.is_dir():
            found = (one for one in path.rglob("*") if one.suffix in _MANIFESTS and one.is_file())
            yield from ((one, False) for one in sorted(found))
        else:
            yield path, True


def _documents(path: Path) -> Iterator[tuple[object, yaml.Node]]:
    text = _text(path)
    nodes = yaml.compose_all(text, Loader=yaml.SafeLoader)
    for data, node in zip(yaml.safe_load_all(text), nodes, strict=False):
        yield from _items(data, node)


def _items(data: object, node: yaml.Node) -> Iterator[tuple[object, yaml.Node]]:
    """Yield an object, or the objects of a ``List``."""
    if (
        isinstance(data, dict)
        and data.get("kind") == "List"
        and isinstance(data.get("items"), list)
    ):
        for place in node.value if isinstance(node, yaml.MappingNode) else ():
            if place[0].value == "items" and isinstance(place[1], yaml.SequenceNode):
                yield from zip(data["items"], place[1].value, strict=False)
    elif isinstance(data, dict):
        yield data, node


def _described(file: Path) -> Mapping[str, object]:
    try:
        sites = yaml.safe_load(_text(file))
    except yaml.YAMLError as error:
        raise UsageError(f"{file} is no JSON or YAML: {_problem(error)}.") from error
    if isinstance(sites, dict) and isinstance(sites.get("outputs"), dict):
        sites = sites["outputs"]
    if isinstance(sites, dict) and isinstance(sites.get("sites"), dict):
        sites = sites["sites"]
    if not isinstance(sites, dict):
        raise UsageError(
            f"{file}: the output `sites` of a stack is expected, an object by site name."
        )
    return sites


def _text(file: Path) -> str:
    try:
        if file == STDIN:
            return sys.stdin.read()
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {file}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text.") from error


def _problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or type(error).__name__
    return f"line {mark.line + 1}: {what}" if mark is not None else str(what)
