"""Which port is whose: a lab reserves one block below the range the kernel hands out, and keeps it.

Two labs of one user never get the same block: blocks are handed out under a lock, and a block stays taken while the lab it was
given to exists. A block in which somebody else listens is passed over.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from lab.errors import LabError
from lab.files import private_directory, write_text

LOOPBACK = "127.0.0.1"
BLOCK_SIZE = 300
# The kernel's ephemeral range starts at 32768: a port of ours below it cannot be taken by an outgoing connection.
_FIRST, _LAST = 20_000, 32_767


class PortBlock:
    """The ports of one lab, on disk; safe to use from several processes and threads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def reserve(cls, lab: Path, *, registry: Path | None = None) -> PortBlock:
        """Reserve a block for a lab, or return the one it has.

        Args:
            lab: The lab's directory; the block is kept in its ``ports.json``.
            registry: Where this user's labs are remembered; for tests.

        Raises:
            LabError: If every block is taken.
        """
        file = lab / "ports.json"
        registry = registry or platformdirs.user_state_path("kafka-mirror") / "ports.json"
        with _locked(registry):
            if not file.exists():
                labs = {
                    start: owner
                    for start, owner in _read(registry).items()
                    if _read(Path(owner)).get("start") == int(start)
                }
                start = next(
                    (
                        start
                        for start in range(_FIRST, _LAST - BLOCK_SIZE, BLOCK_SIZE)
                        if str(start) not in labs and _are_free(range(start, start + BLOCK_SIZE))
                    ),
                    None,
                )
                if start is None:
                    raise LabError(
                        f"no {BLOCK_SIZE} free ports in a row between {_FIRST} and {_LAST}; "
                        f"{len(labs)} labs hold a block: {', '.join(sorted(labs.values()))}"
                    )
                write_text(file, json.dumps({"start": start, "assigned": {}}))
                write_text(registry, json.dumps({**labs, str(start): str(file.absolute())}))
        return cls(file)

    @classmethod
    def of(cls, lab: Path) -> PortBlock:
        """Return the block that a lab has reserved."""
        return cls(lab / "ports.json")

    def port_for(self, key: str) -> int:
        """Return the port of a key: always the same until it is released.

        Raises:
            LabError: If the block is used up.
        """
        with _locked(self._file):
            content = _read(self._file)
            assigned: dict[str, int] = content["assigned"]
            if key not in assigned:
                assigned[key] = _free_port(content, key)
                write_text(self._file, json.dumps(content))
            return assigned[key]

    def move(self, key: str) -> int:
        """Give a key another port, as a cloud may give a load balancer another address.

        The lab's operator soon starts whoever listens there anew, on the new one.

        Raises:
            LabError: If the block is used up.
        """
        with _locked(self._file):
            content = _read(self._file)
            port = content["assigned"][key] = _free_port(content, key)
            write_text(self._file, json.dumps(content))
            return port

    def release(self, key: str) -> None:
        """Give a key's port back, for example when the object that listened there is deleted."""
        with _locked(self._file):
            content = _read(self._file)
            if content["assigned"].pop(key, None) is not None:
                write_text(self._file, json.dumps(content))

    def assigned(self) -> Mapping[str, int]:
        """Return every key that has a port."""
        return dict(_read(self._file).get("assigned", {}))


def _free_port(content: Mapping[str, Any], key: str) -> int:
    taken = set(content["assigned"].values())
    block = range(content["start"], content["start"] + BLOCK_SIZE)
    port = next((port for port in block if port not in taken), None)
    if port is None:
        raise LabError(f"the lab's {BLOCK_SIZE} ports are used up; {key!r} gets none")
    return port


def is_listening(port: int) -> bool:
    """Tell whether somebody listens on a loopback port."""
    return not _are_free([port])


def _are_free(ports: Sequence[int]) -> bool:
    with contextlib.ExitStack() as held:
        for port in ports:
            probe = held.enter_context(socket.socket())
            # Without it, a connection that was closed a moment ago would count as a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


def _read(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return content


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    private_directory(file.parent)
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
