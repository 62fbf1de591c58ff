"""Findings as SARIF 2.1.0, the format in which code hosts show them beside the changed lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote

from mirror_policies import Finding, Rule
from mirror_policies.rule import Level, Severity

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Level.MANDATORY: "error", Level.ADVISORY: "warning", Level.DISABLED: "none"}
_SECURITY: Final = {
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.0",
    Severity.HIGH: "7.5",
    Severity.CRITICAL: "9.5",
}
"""What a code host sorts by; its bounds are 4, 7 and 9."""


def sarif(
    findings: Iterable[Finding],
    *,
    rules: Sequence[Rule],
    version: str,
    line_of: Callable[[Finding], int],
    file: Path | None = None,
) -> Mapping[str, Any]:
    """Return a SARIF log of one run.

    Args:
        findings: What was found; exempted ones become suppressed results.
        rules: All that were applied.
        version: Of the pack.
        line_of: Tells on which line of its file a finding stands.
        file: Holds everything, whatever the findings say of their origin.
    """
    index = {rule.id: position for position, rule in enumerate(rules)}
    driver = {
        "name": "kafka-mirror",
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(one, index[one.rule], line_of(one), _uri(file, one)) for one in findings
                ],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix, "markdown": f"{rule.why}\n\n**Fix**: {rule.fix}"},
        "helpUri": rule.link,
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {
            "tags": [rule.family.value, *rule.tags],
            "security-severity": _SECURITY[rule.severity],
        },
    }


def _uri(file: Path | None, finding: Finding) -> str:
    """Return a file as code hosts know it: by its way from where the command runs."""
    name = PurePath(finding.origin or "stack") if file is None else file
    here = Path.cwd()
    return quote((name.relative_to(here) if name.is_relative_to(here) else name).as_posix())


def _result(finding: Finding, index: int, line: int, uri: str) -> dict[str, Any]:
    place = ", ".join(part for part in (finding.object, finding.path) if part)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.level] if finding.is_decided else "note",
        "message": {"text": f"{place}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": line},
                },
                "logicalLocations": [{"fullyQualifiedName": place}],
            }
        ],
        # The same finding on another line is still the same.
        "partialFingerprints": {
            "rulePlace/v1": _fingerprint(finding.rule, finding.object, finding.path)
        },
    }
    if finding.exemption:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.exemption}]
    return result


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
