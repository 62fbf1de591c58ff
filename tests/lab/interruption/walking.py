"""One step of the walk: an operation on real parts with something killed in it, and the command that comes after."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import engine
from engine.kubernetes_objects import is_ours
from kafka_mirror.errors import KafkaMirrorError, UnreachableError
from kafka_mirror.kubernetes_api import ApiError
from lab.deployment import engine_options
from lab.waiting import wait_until
from tests.lab.interruption.stages import Once, Stage
from tests.lab.interruption.victims import Victim, kill, processes
from tests.lab.stacks.small import CHECKOUT, SmallStacks, changed

STACK = SITE = "stg"
PROJECT = "kafka-mirror"
_SYSTEM = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
# Told without a traceback: a step that failed, or a cluster that did not answer.
_MESSAGES = {1, 3}
_BACK_WITHIN = timedelta(seconds=120)
_RUN_WITHIN_SECONDS = 600
_KINDS = (
    ("v1", "Namespace"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    *(
        ("kafka.strimzi.io/v1", kind)
        for kind in ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What came of an interrupted operation.

    Attributes:
        message: How it ended; empty if it came to its end all the same.
        interrupted: How long it took.
        until_converged: How long the command after it took.
    """

    message: str
    interrupted: timedelta
    until_converged: timedelta


class Walker:
    """Deploys and destroys one of the small stacks while its parts are killed."""

    def __init__(self, stacks: SmallStacks) -> None:
        self.stacks = stacks

    def walk(self, operation: str, kills: Mapping[Stage, Victim]) -> Walked:
        """Run an operation, kill in it, run the same command again, and check what is there then."""
        began = time.monotonic()
        message = self._interrupted(operation, kills)
        ended = time.monotonic()
        self._wait_for_server()
        again = time.monotonic()
        self._run(operation)
        converged = time.monotonic()
        self.check(operation)
        return Walked(
            message=message,
            interrupted=timedelta(seconds=ended - began),
            until_converged=timedelta(seconds=converged - again),
        )

    def ensure(self, *, is_deployed: bool) -> None:
        """Bring the stack to where an operation starts from."""
        if is_deployed:
            self.stacks.up(STACK)
        elif self.recorded_resources():
            self.stacks.destroy(STACK)

    def check(self, operation: str) -> None:
        """Check that nothing is missing, double or half done after an operation."""
        if operation == "up":
            assert changed(self.stacks.up(STACK)) == set()
        state = self.state()
        assert "pending_operations" not in state
        assert not self._file.with_suffix(".journal").exists()
        assert not [one["urn"] for one in self.recorded_resources() if one.get("initErrors")]
        live, recorded = sorted(self.objects()), sorted(self.recorded_objects())
        assert live == recorded, (live, recorded)
        if operation == "up":
            assert len(processes(self.stacks.lab, Victim.BROKER)) == 1
            assert len(processes(self.stacks.lab, Victim.WORKER)) == 1
        else:
            assert self.recorded_resources() == []
            assert wait_until(self._has_no_process, within=_BACK_WITHIN)

    def state(self) -> dict[str, Any]:
        """Return the deployment in the state file."""
        if not self._file.exists():
            return {}
        state: dict[str, Any] = json.loads(self._file.read_text())["deployment"]
        return state

    def recorded_resources(self) -> list[dict[str, Any]]:
        """Return the resources in the state."""
        return list(self.state().get("resources") or ())

    def recorded_objects(self) -> list[str]:
        """Return the objects that the state has, as ``<kind> <namespace>/<name>``."""
        return [
            f"{one['inputs']['kind']} {one['id']}"
            for one in self.recorded_resources()
            if one["type"].startswith("kubernetes:") and not one.get("external")
        ]

    def objects(self) -> Iterator[str]:
        """Yield the objects of the site that the engine has made, in whatever namespace they are."""
        api = self.stacks.api(SITE)
        for api_version, kind in _KINDS:
            for found in api.list_objects(api_version, kind)["items"]:
                namespace, name = found["metadata"].get("namespace"), found["metadata"]["name"]
                if is_ours(found) and (namespace or name) not in _SYSTEM:
                    yield f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"

    def _interrupted(self, operation: str, kills: Mapping[Stage, Victim]) -> str:
        """Run an operation with kills in it; return how it ended, or nothing if it came to its end."""
        for stage, victim in kills.items():
            if victim is Victim.ENGINE:
                assert len(kills) == 1, "an engine that is killed does not come to another stage"
                return self._killed(operation, stage)
        lab = self.stacks.lab
        listeners = [Once(stage, partial(kill, lab, victim)) for stage, victim in kills.items()]

        def listen(event: engine.Event) -> None:
            for listener in listeners:
                listener(event)

        error: KafkaMirrorError | None = None
        try:
            self._run(operation, listen)
        except KafkaMirrorError as raised:
            error = raised
        # All of them are asked: a victim that is still waited for must not be killed in the command that comes next.
        reached = [listener.was_reached for listener in listeners]
        assert reached[0]
        if error is None:
            return ""
        assert error.exit_code in _MESSAGES, error
        assert "Traceback" not in str(error)
        return str(error)

    def _killed(self, operation: str, stage: Stage) -> str:
        arguments = [self.stacks.directory, self.stacks.lab.root, STACK, operation]
        command = [sys.executable, "-m", "tests.lab.interruption.killed_run"]
        ended = subprocess.run(
            [*command, *map(str, arguments), stage.kind, stage.moment],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'policies'}"},
            timeout=_RUN_WITHIN_SECONDS,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL, stage
        return "killed"

    def _run(self, operation: str, listener: engine.Listener = lambda event: None) -> None:
        run = engine.up if operation == "up" else engine.destroy
        options = engine_options(self.stacks.lab)
        run(self.stacks.project(), STACK, options=options, on_event=listener)

    def _wait_for_server(self) -> None:
        """Wait as whoever looks at what has come of it would: until the API server serves again what it did before."""
        api = self.stacks.api(SITE)

        def answers() -> bool:
            try:
                return bool(api.list_objects("kafka.strimzi.io/v1", "Kafka"))
            except (ApiError, UnreachableError):
                return False

        assert wait_until(answers, within=_BACK_WITHIN)

    def _has_no_process(self) -> bool:
        return not any(
            processes(self.stacks.lab, victim) for victim in (Victim.BROKER, Victim.WORKER)
        )

    @property
    def _file(self) -> Any:
        return self.stacks.lab.state / "stacks" / PROJECT / f"{STACK}.json"
