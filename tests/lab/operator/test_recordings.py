"""Everything that the real operators were recorded to write, case by case and file by file, against what the stand-in writes.

What only a live broker or API server can answer is compared by ``test_live_recordings.py``. The differences that must be are in
``differences.py``.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.planning import names
from tests.lab.operator import as_run, normal_forms, recordings
from tests.lab.operator.cluster_replay import cluster_artefacts
from tests.lab.operator.differences import KNOWN, NOT_COMPARED, differences, known
from tests.lab.operator.live_replay import LIVE, LIVE_PLACES
from tests.lab.operator.replay import connect_artefacts, mirror_maker_artefacts


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the files of one name are compared.

    Attributes:
        files: A pattern of ``<case>/<file>``.
        read: Reads what was recorded.
        normal: Puts it, and what is made, into comparable form.
        make: Returns what the stand-in makes of a case, by file.
    """

    files: str
    read: Callable[[Path], Any]
    normal: Callable[[Any], Any]
    make: Callable[[Path], dict[str, Any]]


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def of_workers(cases: str, make: Callable[[Path], dict[str, Any]]) -> tuple[Comparison, ...]:
    """Return how the files of cases are compared in which Connect workers run."""
    read_yaml, read_json = recordings.yaml_file, recordings.json_file
    return (
        Comparison(f"{cases}/worker.properties", Path.read_text, normal_forms.text, make),
        Comparison(f"{cases}/connectors.json", read_json, normal_forms.connectors, make),
        Comparison(f"{cases}/events.txt", lines_of, normal_forms.changes, make),
        Comparison(f"{cases}/status.yaml", read_yaml, normal_forms.masked, make),
        Comparison(f"{cases}/objects.yaml", read_yaml, normal_forms.objects, make),
    )


def of_cluster(file: str, read: Callable[[Path], Any], normal: Callable[[Any], Any]) -> Comparison:
    return Comparison(f"kafka-cr/{file}", read, normal, cluster_artefacts)


COMPARISONS = (
    *of_workers("mm2-*", mirror_maker_artefacts),
    Comparison(
        "mm2-*/phases.yaml", recordings.yaml_file, normal_forms.phases, mirror_maker_artefacts
    ),
    *of_workers("connect-*", connect_artefacts),
    of_cluster("server.properties", Path.read_text, normal_forms.broker_file),
    of_cluster("status.yaml", recordings.yaml_file, normal_forms.masked),
    of_cluster("objects.yaml", recordings.yaml_file, normal_forms.objects),
)


def found_in(file: Path) -> dict[str, tuple[Any, Any]]:
    """Return the differences in one recorded file, by place: in what is written, and in what is run from it (``run.…``)."""
    name = f"{file.parent.name}/{file.name}"
    (comparison,) = [one for one in COMPARISONS if fnmatch.fnmatchcase(name, one.files)]
    recorded, made = comparison.read(file), comparison.make(file.parent)
    found = [*differences(comparison.normal(recorded), comparison.normal(made[file.name]))]
    if file.name in as_run.RECORDED:
        given = as_run.RECORDED[file.name](recorded)
        found += differences(given, made[f"run {file.name}"], "run")
    return {f"{name}#{path}": (was, now) for path, was, now in found}


@pytest.mark.parametrize("file", recordings.files([one.files for one in COMPARISONS]))
def test_what_is_made_of_a_recorded_case_is_what_was_recorded(file: Path) -> None:
    unexpected = {
        where: f"recorded {was!r}, made {now!r}"
        for where, (was, now) in found_in(file).items()
        if known(where) is None
    }

    assert not unexpected, "\n".join(f"{where}: {what}" for where, what in unexpected.items())


def test_every_recorded_file_is_compared_or_said_not_to_be_and_why() -> None:
    recorded = [f"{file.parent.name}/{file.name}" for file in recordings.all_files()]
    if not recorded:
        pytest.skip(recordings.MISSING)
    left_out = [one.where for one in NOT_COMPARED]
    compared = [*(one.files for one in COMPARISONS), *LIVE]

    claims = {
        name: [one for one in left_out if fnmatch.fnmatchcase(name, one)]
        or [one for one in compared if fnmatch.fnmatchcase(name, one)]
        for name in recorded
    }

    assert {name: found for name, found in claims.items() if len(found) != 1} == {}
    assert {one for found in claims.values() for one in found} == {*left_out, *compared}


def test_no_known_difference_has_gone() -> None:
    pure = [one.files for one in COMPARISONS]
    places = {
        where
        for file in recordings.all_files()
        if any(fnmatch.fnmatchcase(f"{file.parent.name}/{file.name}", one) for one in pure)
        for where in found_in(file)
    }
    if not places:
        pytest.skip(recordings.MISSING)

    gone = [
        entry.where
        for entry in KNOWN
        if not any(fnmatch.fnmatchcase(entry.where, live) for live in LIVE_PLACES)
        and not any(fnmatch.fnmatchcase(where, entry.where) for where in places)
    ]

    assert gone == []


def test_the_names_that_a_user_may_not_have_are_those_of_the_recorded_secrets() -> None:
    recorded = recordings.yaml_file(recordings.case("kafka-cr") / "objects.yaml")

    known_names = {
        name.replace(f"-{names.NODE_POOL}-", "-dual-")
        for name in names.operator_secrets("dev", nodes=1)
    }

    assert known_names == {one["name"] for one in recorded if one["kind"] == "Secret"}


@pytest.mark.parametrize("file", recordings.files(["mm2-*/objects.yaml"]))
def test_the_secret_of_a_workers_trust_has_the_recorded_name(file: Path) -> None:
    flow = recordings.resource(file.parent, "KafkaMirrorMaker2")["metadata"]["name"]
    recorded = recordings.yaml_file(file) or []

    assert {one["name"] for one in recorded if one["kind"] == "Secret"} <= {
        names.worker_trust_secret(flow)
    }
