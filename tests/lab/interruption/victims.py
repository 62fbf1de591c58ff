"""What can be killed while a stack is deployed, and how: with SIGKILL, whatever it is at."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from enum import StrEnum

from lab.directory import LabDirectory
from lab.processes import ProcessRecord, ProcessTable
from lab.waiting import wait_until

_THERE_WITHIN = timedelta(seconds=120)


class Victim(StrEnum):
    """A part of what deploys a stack, or of what was deployed."""

    ENGINE = "engine"
    OPERATOR = "operator"
    API_SERVER = "API server"
    BROKER = "broker"
    WORKER = "worker"


# The beginnings of their processes' names in a lab, at the site that the stack is deployed to.
_PROCESSES = {
    Victim.OPERATOR: "operator",
    Victim.API_SERVER: "kube-apiserver-stg",
    Victim.BROKER: "kafka-stg-",
    Victim.WORKER: "mirrormaker2-stg-",
}


def processes(lab: LabDirectory, victim: Victim) -> list[ProcessRecord]:
    """Return the victim's processes that run."""
    records = ProcessTable(lab.processes).records()
    start = _PROCESSES[victim]
    return [record for record in records if record.name.startswith(start) and record.is_alive]


def kill(lab: LabDirectory, victim: Victim) -> None:
    """Kill the victim; one that is just about to start is waited for."""
    if victim is Victim.ENGINE:
        os.kill(os.getpid(), signal.SIGKILL)
    assert wait_until(lambda: bool(processes(lab, victim)), within=_THERE_WITHIN), victim
    for record in processes(lab, victim):
        record.signal(signal.SIGKILL)
