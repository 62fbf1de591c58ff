"""What an update would restart, shown beneath a preview: a stand-still nobody expected is a bad surprise."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

import engine
from kafka_mirror.planning.restarts import Restart, restarts

_FLOW = "kafka-mirror:index:MirrorFlow$"


def impact_text(steps: Iterable[engine.Step]) -> Text:
    """Return a line for each part that one of the steps restarts; empty if nothing is restarted."""
    text = Text()
    for step in steps:
        for restart in _restarts_of(step):
            text.append(f" ! {_kind(step)} {step.name} restarts {restart.part}", style="yellow")
            text.append(f" ({restart.because}): {restart.cost}\n")
    return text


def _restarts_of(step: engine.Step) -> tuple[Restart, ...]:
    if step.op is not engine.Op.UPDATE:
        return ()
    if _kind(step) == "Secret" and _FLOW in step.urn:
        # The operator puts a hash over what the workers trust and log in with onto their pods.
        return restarts("KafkaMirrorMaker2", ["spec.mirrors[0].source.authentication"])
    return restarts(_kind(step), (change.path for change in step.changes))


def _kind(step: engine.Step) -> str:
    return step.type.rsplit(":", 1)[-1]
