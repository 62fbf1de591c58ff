"""Reads a stack's configuration into a topology, or says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.topology.credentials import FromConfig, Sealed
from kafka_mirror.topology.external import ExternalSite
from kafka_mirror.topology.flows import Flow
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.names import FlowKey, SiteKey, TopicKey, UserKey
from kafka_mirror.topology.paths import listed, nearest, path, shown
from kafka_mirror.topology.references import Declared, broken_references
from kafka_mirror.topology.sites import ManagedSite, StackSite
from kafka_mirror.topology.topics import Topic
from kafka_mirror.topology.users import User
from kafka_mirror.topology.validation import key_problem, validated

_KEYS: Final[dict[str, TypeAdapter[Any]]] = {
    "sites": TypeAdapter(SiteKey),
    "topics": TypeAdapter(TopicKey),
    "users": TypeAdapter(UserKey),
    "flows": TypeAdapter(FlowKey),
}
_SITES: Final[dict[str, type[BaseModel]]] = {
    "kafka": ManagedSite,
    "stack": StackSite,
    "external": ExternalSite,
}
_MODELS: Final[dict[str, type[BaseModel]]] = {"topics": Topic, "users": User, "flows": Flow}

_EITHER: Final = (
    "a site has one of kafka (this stack makes it), stack (another stack owns it) and external (no operator here "
    "looks after it)"
)


def load(configuration: Mapping[str, Any]) -> Topology:
    """Return the topology that the keys of the configuration namespace describe.

    Args:
        configuration: Every key of the ``kafka-mirror`` namespace without the namespace, its value as
            plain data; ``Sealed()`` for one that is encrypted.

    Raises:
        ConfigurationError: Every unknown key, wrong type and broken reference, in file order.
    """
    problems: list[Problem] = []
    sections: dict[str, Any] = {}
    for section in _KEYS:
        entries = configuration.get(section, {})
        if not isinstance(entries, Mapping):
            told = f"found {shown(entries)}, must be a map: every {section[:-1]} under its name"
            problems.append(Problem(section, told))
            entries = {}
        sections[section] = {}
        for name, value in entries.items():
            entry, wrong = _entry(section, name, value)
            problems.extend(wrong)
            if entry is not None:
                sections[section][name] = entry
    topology = Topology.model_construct(**sections)
    problems.extend(_unknown_sections(configuration, topology))
    if all(isinstance(configuration.get(section, {}), Mapping) for section in _KEYS):
        problems.extend(broken_references(topology, _declared(configuration)))
    if problems:
        raise ConfigurationError(_in_file_order(problems, configuration))
    return topology


def _unknown_sections(configuration: Mapping[str, Any], topology: Topology) -> Iterator[Problem]:
    sources = [user.password for user in topology.users.values()]
    for_users = {source.config for source in sources if isinstance(source, FromConfig)}
    for key, value in configuration.items():
        if key in _KEYS or isinstance(value, Sealed):
            continue
        if key in for_users:
            yield Problem(
                path(key),
                "is a password and not encrypted. Make a new one, for this one has been written down, and put it "
                f"here by pulumi config set --secret kafka-mirror:{key}",
            )
            continue
        name = str(key)
        yield Problem(
            path(name),
            f"unknown key {shown(name)}. Allowed: {listed(_KEYS)}.{nearest(name, _KEYS)}",
        )


def _entry(section: str, name: Any, value: Any) -> tuple[BaseModel | None, list[Problem]]:
    at = (section, str(name))
    wrong = key_problem(_KEYS[section], name, at=(section,))
    if not isinstance(value, Mapping):
        return None, [*wrong, Problem(path(*at), _no_map(section, value))]
    if section == "sites":
        model = _site_model(value)
        if model is None:
            return None, [*wrong, _which_site(at, value)]
    else:
        model = _MODELS[section]
    result = validated(model, value, at=at)
    if isinstance(result, list):
        return None, [*wrong, *result]
    return (None if wrong else result), wrong


def _no_map(section: str, value: Any) -> str:
    if section == "sites":
        return f"found {shown(value)}, must be a map; {_EITHER}"
    keys = (str(field.alias) for field in _MODELS[section].model_fields.values())
    return f"found {shown(value)}, must be a map of {listed(keys)}"


def _site_model(value: Mapping[str, Any]) -> type[BaseModel] | None:
    kinds = [model for key, model in _SITES.items() if key in value]
    return kinds[0] if len(kinds) == 1 else None


def _which_site(at: tuple[str, str], value: Mapping[str, Any]) -> Problem:
    several = [key for key in _SITES if key in value]
    keys = [str(key) for key in value]
    hint = next((close for key in keys if (close := nearest(key, _SITES))), "")
    here = f" (has {listed(keys)})" if keys else ""
    found = listed(several) if several else f"none of them{here}{'.' if hint else ''}{hint}"
    return Problem(path(*at), f"{_EITHER}; found {found}")


def _declared(configuration: Mapping[str, Any]) -> Declared:
    """Name everything that is declared, well-formed or not, so that one fault is told once."""
    names = {section: frozenset(map(str, configuration.get(section, {}))) for section in _KEYS}
    further = frozenset(map(str, configuration)) - frozenset(_KEYS)
    return Declared(sites=names["sites"], users=names["users"], flows=names["flows"], keys=further)


def _in_file_order(problems: Iterable[Problem], configuration: Mapping[str, Any]) -> list[Problem]:
    places: dict[str, int] = {}
    for section, entries in configuration.items():
        places.setdefault(path(str(section)), len(places))
        for name in entries if isinstance(entries, Mapping) else ():
            places.setdefault(path(str(section), str(name)), len(places))

    def place(problem: Problem) -> int:
        """Return the place of the entry a problem is in: of the longest start of its path."""
        ends = [end for end, sign in enumerate(problem.path) if sign in ".["]
        starts = [problem.path, *(problem.path[:end] for end in reversed(ends))]
        return next((places[start] for start in starts if start in places), len(places))

    return sorted(dict.fromkeys(problems), key=place)
