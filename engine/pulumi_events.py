"""Reads what the Pulumi CLI logs of a run: its engine's events become the events and steps of this package.

The log has one JSON object per line (``apitype.EngineEvent``, sdk/go/common/apitype/events.go). Secrets in it are
already hidden.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

from engine.diff import PropertyChange, changes_between
from engine.events import (
    Diagnostic,
    Listener,
    Op,
    Phase,
    PhaseStarted,
    PolicyViolation,
    Severity,
    Step,
    StepDone,
    StepStarted,
)
from engine.properties import SIGNATURE_KEY
from engine.urns import ROOT_TYPE, label, name_of, type_of

_OPS: Final = {
    "same": Op.SAME,
    "refresh": Op.SAME,
    "create": Op.CREATE,
    "update": Op.UPDATE,
    "replace": Op.REPLACE,
    "delete": Op.DELETE,
    "read": Op.READ,
    "read-replacement": Op.READ,
}
_SEVERITIES: Final = {
    "info": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}
_CONSEQUENCE: Final = re.compile(
    r"(preview|update|refresh|destroy) failed$"
    r"|an unhandled error occurred: program exited with non-zero exit code"
    r"|failed to run policy: context canceled"
)
_Told = TypeVar("_Told", Diagnostic, PolicyViolation)
_PASSING: Final = re.compile(r"Will retry in \S+ \[\d+/\d+\]$")
_INTERRUPTED: Final = re.compile(
    r"Attempting to deploy or update resources with (\d+) pending operations"
)
_HIDDEN: Final = "[secret]"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(slots=True)
class EventLog:
    """What the log has told so far.

    Attributes:
        stack: The stack of the run.
        phase: What is run.
        listener: Told each event as it comes.
        told: What was told before and is not told again.
        complaints: What the program printed on its standard error, line by line.
    """

    stack: str
    phase: Phase
    listener: Listener
    told: set[Diagnostic | PolicyViolation] = field(default_factory=set)
    steps: dict[str, Step] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    violations: list[PolicyViolation] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _rest: str = ""
    _begun: dict[str, float] = field(default_factory=dict)

    def errors(self) -> list[str]:
        """Return what went wrong, each thing once and without what only follows from it."""
        found = []
        for one in self.diagnostics:
            if one.severity is Severity.ERROR and not _CONSEQUENCE.match(one.message):
                is_of_a_step = one.urn and type_of(one.urn) != ROOT_TYPE
                found.append(f"{label(one.urn)}: {one.message}" if is_of_a_step else one.message)
        return found

    def tell_complaints(self) -> None:
        """Hand on what the program printed on its standard error.

        Not done for a run that failed: it interrupts the program, which then ends with a traceback of no meaning.
        """
        for line in self.complaints:
            self._tell(Diagnostic(Severity.WARNING, line), self.diagnostics)

    def feed(self, text: str) -> None:
        """Take what was added to the log; the last line may be cut short."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._read(json.loads(line))

    def _read(self, event: Mapping[str, Any]) -> None:
        if "preludeEvent" in event:
            self.listener(PhaseStarted(self.phase, self.stack))
        elif "resourcePreEvent" in event:
            self._begin_step(event["resourcePreEvent"]["metadata"])
        elif "resOutputsEvent" in event:
            self._end_step(event["resOutputsEvent"]["metadata"], error="")
        elif "resOpFailedEvent" in event:
            self._end_step(event["resOpFailedEvent"]["metadata"], error="failed")
        elif "diagnosticEvent" in event:
            self._diagnostic(event["diagnosticEvent"])
        elif "policyEvent" in event:
            self._violation(event["policyEvent"])

    def _begin_step(self, metadata: Mapping[str, Any]) -> None:
        step = _step(metadata)
        if step is not None and step.op not in {Op.SAME, Op.READ}:
            self._begun[step.urn] = time.monotonic()
            self.listener(StepStarted(self.phase, step))

    def _end_step(self, metadata: Mapping[str, Any], *, error: str) -> None:
        step = _step(metadata)
        if step is None:
            return
        self.steps[step.urn] = step
        if step.type == ROOT_TYPE and metadata.get("new"):
            self.outputs = _shown(metadata["new"].get("outputs") or {})
        begun = self._begun.pop(step.urn, time.monotonic())
        elapsed = timedelta(seconds=time.monotonic() - begun)
        self.listener(StepDone(self.phase, step, elapsed, error))

    def _diagnostic(self, raw: Mapping[str, Any]) -> None:
        severity, message = _SEVERITIES.get(raw["severity"]), raw["message"].strip()
        if raw["severity"] == "info#err" and message:
            self.complaints.append(message)
        if severity is None or raw.get("ephemeral") or not message or _PASSING.search(message):
            return
        if found := _INTERRUPTED.match(message):
            # Its advice is for other clouds, and for a terminal.
            message = f"steps interrupted: {found[1]}; `up` finds out what became of them"
        self._tell(Diagnostic(severity, message, raw.get("urn", "")), self.diagnostics)

    def _violation(self, raw: Mapping[str, Any]) -> None:
        message = raw["message"].strip()
        found = PolicyViolation(
            policy=raw["policyName"],
            urn=raw.get("resourceUrn", ""),
            message=message,
            is_mandatory=raw["enforcementLevel"] == "mandatory",
            pack=raw["policyPackName"],
            description=message.partition("\n")[0],
            severity=raw.get("severity", ""),
        )
        self._tell(found, self.violations)

    def _tell(self, event: _Told, found: list[_Told]) -> None:
        if event not in found:
            found.append(event)
        if event not in self.told:
            self.told.add(event)
            self.listener(event)


def _step(metadata: Mapping[str, Any]) -> Step | None:
    """Return a step; None for the parts of a replacement, which is a step itself."""
    op = _OPS.get(metadata["op"])
    if op is None:
        return None
    changes = _changes(metadata) if op in {Op.UPDATE, Op.REPLACE} else ()
    urn = metadata["urn"]
    return Step(
        op=op,
        urn=urn,
        type=metadata["type"],
        name=name_of(urn),
        changes=changes,
        before=_inputs(metadata, "old"),
        after=_inputs(metadata, "new"),
    )


def _inputs(metadata: Mapping[str, Any], side: str) -> dict[str, Any]:
    return dict(_shown((metadata.get(side) or {}).get("inputs") or {}))


def _changes(metadata: Mapping[str, Any]) -> tuple[PropertyChange, ...]:
    before, after = _inputs(metadata, "old"), _inputs(metadata, "new")
    differing = {
        re.split(r"[.\[]", path)[0]
        for path in (*(metadata.get("detailedDiff") or ()), *(metadata.get("diffs") or ()))
    }
    hidden = (
        PropertyChange(key, _HIDDEN, _HIDDEN)
        for key, value in after.items()
        if key in differing and _HIDDEN in json.dumps(value)
    )
    return (*changes_between(before, after), *hidden)


def _shown(value: Any) -> Any:
    """Return a value as this package shows it: secrets and unknowns as words."""
    if isinstance(value, dict):
        if SIGNATURE_KEY in value:
            return _HIDDEN
        return {key: _shown(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return "[unknown]" if value == _UNKNOWN else value
