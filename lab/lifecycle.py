"""Starts and ends a lab: `up`, `down`, `kill` and the context manager `running`.

All but `running` are generators of `Step`: nothing happens before the first event is asked for. A start that does not come to its
end, because it failed or was interrupted, leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from kafka_mirror.errors import UsageError
from lab.binaries import ensure_everything
from lab.commands import tail
from lab.directory import DEFAULT_SITES, LabDirectory
from lab.errors import LabError
from lab.files import private_directory, write_text
from lab.ports import PortBlock, is_listening
from lab.processes import ProcessSpec, ProcessTable
from lab.sites import check_names
from lab.steps import Steps, Work
from lab.supervision import LabState, Supervision, read_supervision
from lab.waiting import wait_until

SUPERVISOR = "supervisor"
_READY_WITHIN = timedelta(seconds=180)
_DOWN_GRACE = timedelta(seconds=25)
_GONE_WITHIN = timedelta(seconds=10)


def up(
    directory: Path | None = None,
    *,
    sites: Sequence[str] = DEFAULT_SITES,
    with_operator: bool = True,
) -> Steps:
    """Start a lab and wait until it is ready; nothing happens if it runs already.

    Args:
        directory: Of the lab; ``KAFKA_MIRROR_LAB`` or ``.lab`` in the checkout by default.
        sites: Their names, which become contexts of the lab's kubeconfig.
        with_operator: Without it there are API servers with all definitions, and nothing acts on the objects.

    Raises:
        UsageError: If the directory is not a lab's, a tool is missing, or the lab runs with other sites.
        LabError: If a part could not be had or did not become ready.
    """
    lab = LabDirectory.locate(directory)
    check_names(sites)
    lab.check_usable()
    if lab.exists:
        with _held(lab):
            if _is_ready(lab):
                _check_same(lab, sites, with_operator=with_operator)
                yield Work(f"Lab: sites {' and '.join(sites)}").done("runs already")
                return
            yield from _clean(lab, "Leftovers of a lab that does not run")
    yield from ensure_everything()
    lab.check_usable()
    private_directory(lab.root)
    with _held(lab):
        if lab.exists:
            raise UsageError(f"Another process has started the lab in {lab.root} meanwhile.")
        lab.create(sites)
        is_ready = False
        try:
            yield from _start(lab, with_operator=with_operator)
            is_ready = True
        finally:
            if not is_ready:
                with _undisturbed():
                    for _ in _clean(lab, "What was started"):
                        pass


def down(directory: Path | None = None) -> Steps:
    """Stop a lab in order and delete it; fine if there is none.

    Raises:
        LabError: If a process or a listener is left.
    """
    lab = LabDirectory.locate(directory)
    if not lab.exists:
        yield Work("Lab").done(f"there is none in {lab.root}")
        return
    work = Work("Processes")
    yield work.started()
    supervisor = ProcessTable(lab.processes).find(SUPERVISOR)
    if supervisor is not None and supervisor.is_alive:
        supervisor.signal(signal.SIGTERM)
        wait_until(lambda: not supervisor.is_alive, within=_DOWN_GRACE)
    yield work.done("stopped")
    yield from _clean(lab, "Files")


def kill(directory: Path | None = None) -> Steps:
    """End every process of a lab at once and delete it, whatever state it is in; fine if there is none."""
    lab = LabDirectory.locate(directory)
    if not lab.exists:
        yield Work("Lab").done(f"there is none in {lab.root}")
        return
    yield from _clean(lab, "Processes and files")


@contextlib.contextmanager
def running(
    directory: Path | None = None,
    *,
    sites: Sequence[str] = DEFAULT_SITES,
    with_operator: bool = True,
) -> Iterator[LabDirectory]:
    """Run a lab for the length of a ``with`` block, and end it whatever happens in there."""
    for _ in up(directory, sites=sites, with_operator=with_operator):
        pass
    try:
        yield LabDirectory.locate(directory)
    finally:
        with _undisturbed():
            for _ in kill(directory):
                pass


def _start(lab: LabDirectory, *, with_operator: bool) -> Steps:
    PortBlock.reserve(lab.root)
    write_text(lab.passphrase, secrets.token_urlsafe(32))
    argv = (sys.executable, "-m", "lab.supervisor", "--lab", str(lab.root))
    log = lab.log(SUPERVISOR)
    spec = ProcessSpec(
        name=SUPERVISOR,
        argv=argv if with_operator else (*argv, "--without-operator"),
        cwd=Path(__file__).resolve().parents[1],
        log=log,
    )
    supervisor = ProcessTable(lab.processes).start_detached(spec)
    said = Supervision()
    told = 0

    def has_moved() -> bool:
        nonlocal said
        said = read_supervision(lab.supervision) or said
        return (
            said.state is not LabState.STARTING or len(said.steps) > told or not supervisor.is_alive
        )

    while said.state is LabState.STARTING:
        if not wait_until(has_moved, within=_READY_WITHIN):
            raise LabError(f"the lab was not ready within {_READY_WITHIN}:\n{tail(log)}")
        yield from said.steps[told:]
        told = len(said.steps)
        if said.state is LabState.STARTING and not supervisor.is_alive:
            raise LabError(f"the supervisor of the lab ended while starting it:\n{tail(log)}")
    if said.state is not LabState.READY:
        raise LabError(f"the lab did not become ready: {said.message or said.state}\n{tail(log)}")


def _clean(lab: LabDirectory, what: str) -> Steps:
    """Kill what is left of a lab, verify that nothing is, and delete its directory."""
    work = Work(what)
    yield work.started()
    table = ProcessTable(lab.processes)
    # The supervisor first: it would start the operator again. With it goes whatever it started.
    names = sorted((record.name for record in table.records()), key=lambda name: name != SUPERVISOR)
    ports = list(PortBlock.of(lab.root).assigned().values())
    stubborn = [name for name in names if not _is_killed(table, name)]
    if stubborn:
        raise LabError(
            f"{', '.join(stubborn)} of the lab in {lab.root} cannot be ended; its directory is kept"
        )
    still: list[int] = []

    def are_closed() -> bool:
        still[:] = [port for port in ports if is_listening(port)]
        return not still

    if not wait_until(are_closed, within=_GONE_WITHIN):
        raise LabError(
            f"somebody still listens on {', '.join(map(str, still))}, which the lab in {lab.root} had reserved; "
            "its directory is kept"
        )
    lab.delete()
    yield work.done("nothing is left")


def _is_killed(table: ProcessTable, name: str) -> bool:
    try:
        table.kill(name)
    except LabError:
        return False
    return True


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal break a clean-up off: a second Ctrl-C would leave what the first was to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler or signal.SIG_DFL)


def _is_ready(lab: LabDirectory) -> bool:
    record = ProcessTable(lab.processes).find(SUPERVISOR)
    said = read_supervision(lab.supervision)
    return (
        record is not None and record.is_alive and said is not None and said.state is LabState.READY
    )


def _check_same(lab: LabDirectory, sites: Sequence[str], *, with_operator: bool) -> None:
    if lab.sites() != tuple(sites):
        raise UsageError(
            f"The lab in {lab.root} runs with the sites {', '.join(lab.sites())}, asked for are {', '.join(sites)}. "
            "End it with 'kafka-mirror lab down' first, or name another --directory."
        )
    found = read_supervision(lab.supervision)
    if found is not None and found.has_operator != with_operator:
        has = "an" if found.has_operator else "no"
        raise UsageError(
            f"The lab in {lab.root} runs with {has} operator. End it with 'kafka-mirror lab down' first."
        )


@contextlib.contextmanager
def _held(lab: LabDirectory) -> Iterator[None]:
    """Keep two starts of one lab apart; the lock is on the directory itself, so that no file is left."""
    descriptor = os.open(lab.root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"Another process is starting the lab in {lab.root}.") from None
    else:
        yield
    finally:
        os.close(descriptor)
