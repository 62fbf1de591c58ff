"""What was done to the real operators and API servers, done to a running lab: the answers are the recorded ones."""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.lab.operator import normal_forms, recordings
from tests.lab.operator.differences import KNOWN, NOT_COMPARED, differences, known
from tests.lab.operator.live import LivePair, eventually
from tests.lab.operator.live_actions import act
from tests.lab.operator.live_replay import LIVE_PLACES, normal, replay_all
from tests.lab.operator.live_schema import complaints, dry_run, proposal

pytestmark = pytest.mark.lab
# Refused, or done, before any worker would start.
_WITHOUT_WORKERS = (
    "mm2-bad-version",
    "mm2-ca-not-x509",
    "mm2-config-map",
    "mm2-metrics-missing-cm",
    "mm2-missing-ca-key",
    "mm2-missing-ca-secret",
    "mm2-missing-password-source",
    "mm2-missing-password-target",
    "mm2-missing-secret-key",
    "mm2-missing-secret-source",
    "mm2-missing-secret-target",
    "mm2-replicas-zero",
    "mm2-tls-auth-empty-target",
)


def step_files() -> list[Any]:
    left_out = [one.where for one in NOT_COMPARED]
    found = recordings.files(["user-*/steps.yaml", "topic-*/steps.yaml"])
    return [
        one for one in found if not any(fnmatch.fnmatchcase(str(one.id), out) for out in left_out)
    ]


@pytest.fixture(scope="module")
def seen(pair: LivePair) -> dict[str, Future[list[dict[str, Any]]]]:
    """What the lab answered to every step of every case of users and topics."""
    return replay_all(pair.dev, [one.values[0].parent for one in step_files()], act)


@pytest.mark.parametrize("file", step_files())
def test_steps_with_a_user_or_a_topic_lead_where_they_were_recorded_to_lead(
    file: Path, seen: dict[str, Future[list[dict[str, Any]]]]
) -> None:
    unexpected = {
        where: f"recorded {was!r}, seen {now!r}"
        for where, was, now in found_in(file, seen[file.parent.name].result())
        if known(where) is None
    }

    assert not unexpected, "\n".join(f"{where}: {what}" for where, what in unexpected.items())


def found_in(file: Path, seen: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    steps = zip(recordings.yaml_file(file), seen, strict=True)
    return [
        (f"{file.parent.name}/{file.name}#{recorded['step']}.{place}", was, now)
        for recorded, made in steps
        for place, was, now in differences(normal(recorded), normal(made))
    ]


def test_no_known_difference_of_steps_has_gone(
    seen: dict[str, Future[list[dict[str, Any]]]],
) -> None:
    places = [
        where
        for (file,) in (one.values for one in step_files())
        for where, _, _ in found_in(file, seen[file.parent.name].result())
    ]

    live = [one for one in KNOWN if any(fnmatch.fnmatchcase(one.where, at) for at in LIVE_PLACES)]

    assert [
        one.where
        for one in live
        if not any(fnmatch.fnmatchcase(where, one.where) for where in places)
    ] == []


@pytest.mark.parametrize("file", recordings.files(["*-schema/results.yaml"]))
def test_the_api_server_takes_and_refuses_what_was_recorded(file: Path, pair: LivePair) -> None:
    recorded, answered = {}, {}
    for result in recordings.yaml_file(file):
        expected = complaints(result["message"])
        recorded[result["case"]] = {"accepted": result["accepted"], "complaints": expected}
        document = proposal(file.parent, result)
        api = pair.dev.api if document["metadata"]["namespace"] == "dev" else pair.stg.api
        answered[result["case"]] = dry_run(api, document, expected)

    assert answered == recorded


@pytest.fixture(scope="module")
def statuses(pair: LivePair) -> dict[str, Mapping[str, Any]]:
    """The statuses that wrong flows of the recordings get, applied all at once."""
    cases = [recordings.case(name) for name in _WITHOUT_WORKERS]
    documents = {case.name: applicable(case) for case in cases}
    try:
        for case in cases:
            pair.stg.apply(*documents[case.name])
        return {
            case.name: settled(pair, recordings.resource(case, "KafkaMirrorMaker2"))
            for case in cases
        }
    finally:
        for document in (one for found in documents.values() for one in found):
            name = document["metadata"]["name"]
            pair.stg.delete(document["kind"], name, api_version=document["apiVersion"])


def applicable(case: Path) -> list[dict[str, Any]]:
    documents = copy.deepcopy(recordings.documents(case))
    for document in documents:
        del document["metadata"]["uid"], document["metadata"]["generation"]
    return documents


def settled(pair: LivePair, resource: Mapping[str, Any]) -> Mapping[str, Any]:
    name = resource["metadata"]["name"]

    def look() -> Mapping[str, Any]:
        found: Mapping[str, Any] = pair.stg.get("KafkaMirrorMaker2", name).get("status") or {}
        return found

    return eventually(look, why=f"{name} has a status")


@pytest.mark.parametrize("name", _WITHOUT_WORKERS)
def test_wrong_flow_gets_the_recorded_status(
    name: str, statuses: dict[str, Mapping[str, Any]]
) -> None:
    recorded = recordings.yaml_file(recordings.case(name) / "status.yaml")["status"]

    assert normal_forms.masked(statuses[name]) == normal_forms.masked(recorded)
