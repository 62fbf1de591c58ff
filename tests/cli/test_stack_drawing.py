"""How runs of the engine are drawn: what a refresh has found reads otherwise than what an update has done."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from rich.console import Console  # noqa: TID251 - the one that is drawn on

import engine
from engine import Op, Phase, PropertyChange
from kafka_mirror.cli.stack_drawing import changes_text, drawn, summary

TYPE = "kubernetes:kafka.strimzi.io/v1:KafkaTopic"
RETENTION = PropertyChange('spec.config["retention.ms"]', "7200000", "3600000")


def _step(op: Op, *changes: PropertyChange, reason: str = "") -> engine.Step:
    return engine.Step(
        op=op,
        urn=f"urn:pulumi:dev::kafka-mirror::{TYPE}::dev-items",
        type=TYPE,
        name="dev-items",
        changes=changes,
        reason=reason,
    )


def _lines(phase: Phase, step: engine.Step, *, error: str = "") -> list[str]:
    written = io.StringIO()
    with drawn(Console(file=written, width=200)) as listener:
        listener(engine.StepDone(phase, step, timedelta(seconds=1.25), error))
    return written.getvalue().splitlines()


@pytest.mark.parametrize(
    ("phase", "step", "lines"),
    [
        pytest.param(
            Phase.REFRESH,
            _step(Op.UPDATE, RETENTION, reason="changed by kubectl-edit"),
            [
                ' ~ KafkaTopic dev-items drifted: spec.config["retention.ms"]  (changed by kubectl-edit)'
            ],
            id="drift is named with its hand",
        ),
        pytest.param(
            Phase.REFRESH,
            _step(Op.DELETE, reason="it is gone from its cluster"),
            [" - KafkaTopic dev-items gone"],
            id="what is gone",
        ),
        pytest.param(
            Phase.REFRESH,
            _step(Op.SAME, reason="status.topicName changed"),
            ["   KafkaTopic dev-items: status.topicName changed"],
            id="what an operator reports",
        ),
        pytest.param(Phase.REFRESH, _step(Op.SAME), [], id="what is as recorded"),
        pytest.param(
            Phase.UPDATE,
            _step(Op.UPDATE, RETENTION),
            [" ✓ KafkaTopic dev-items updated                        1.2 s"],
            id="what is mended",
        ),
        pytest.param(Phase.PREVIEW, _step(Op.UPDATE, RETENTION), [], id="nothing while previewing"),
    ],
)
def test_a_step_is_drawn_by_what_it_means(
    phase: Phase, step: engine.Step, lines: list[str]
) -> None:
    assert _lines(phase, step) == lines


def test_a_step_that_waits_for_long_says_for_what_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = iter(range(0, 100, 10))
    monkeypatch.setattr("kafka_mirror.cli.stack_drawing.time.monotonic", lambda: next(seconds))
    step, written = _step(Op.UPDATE), io.StringIO()
    with drawn(Console(file=written, width=200)) as listener:
        listener(engine.StepStarted(Phase.UPDATE, step))
        for _ in range(5):
            listener(engine.StepProgress(step, "waiting for condition Ready"))
    line = " … KafkaTopic dev-items: waiting for condition Ready"
    assert written.getvalue().splitlines() == [line, line]


def test_what_could_not_be_read_is_an_error() -> None:
    assert _lines(Phase.REFRESH, _step(Op.SAME), error="no answer") == [
        " ✗ KafkaTopic dev-items: no answer"
    ]


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (Phase.REFRESH, "1 drifted, 1 gone, 1 as recorded in 0.0 s"),
        (Phase.PREVIEW, "1 to update, 1 to delete, 1 unchanged in 0.0 s"),
        (Phase.UPDATE, "1 updated, 1 deleted, 1 unchanged in 0.0 s"),
    ],
)
def test_a_summary_counts_in_the_words_of_its_phase(phase: Phase, said: str) -> None:
    steps = (_step(Op.UPDATE), _step(Op.DELETE), _step(Op.SAME))
    assert summary(engine.Outcome(phase=phase, stack="dev", steps=steps)) == said


def test_changes_are_shown_with_both_values() -> None:
    step = _step(Op.UPDATE, RETENTION, PropertyChange("data", "[secret]", None))
    outcome = engine.Outcome(phase=Phase.PREVIEW, stack="dev", steps=(step,))
    assert str(changes_text(outcome)).splitlines() == [
        " ~ KafkaTopic dev-items",
        '     spec.config["retention.ms"]: 7200000 -> 3600000',
        "     data: [secret] -> (none)",
    ]
