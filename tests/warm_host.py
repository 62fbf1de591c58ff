"""Forks a process for each start it is asked for: ``python -u warm_host.py <listening socket> <module> …``.

What the modules need is imported once, before the first fork; nothing else happens in this process, no thread is started
and no connection to a server made. It ends when its standard input does, that is with the tests that started it.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

HEADER_BYTES = 8
STOP = b"s"


class Start(NamedTuple):
    """What a fork is to become."""

    arguments: list[str]
    environment: dict[str, str]
    directory: str
    streams: list[int]


class Host:
    """The processes that run, each with the connection of whoever has asked for it."""

    def __init__(self, listener: socket.socket) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, lambda: self._begin(listener))
        self._selector.register(sys.stdin, selectors.EVENT_READ, lambda: sys.exit(0))

    def serve(self) -> Start:
        """Return in a fork what it is to become; elsewhere, go on to the end of the tests."""
        while True:
            for key, _ in self._selector.select():
                # What has ended a moment ago is not watched any more.
                if key.fd not in self._selector.get_map():
                    continue
                start: Start | None = key.data()
                if start is not None:
                    return start

    def _begin(self, listener: socket.socket) -> Start | None:
        connection, _ = listener.accept()
        start = _received(connection)
        child = os.fork()
        if child == 0:
            for key in self._selector.get_map().values():
                if key.fileobj is not sys.stdin:
                    os.close(key.fd)
            self._selector.close()
            connection.close()
            return start
        for stream in start.streams:
            os.close(stream)
        ended = os.pidfd_open(child)
        connection.sendall(child.to_bytes(HEADER_BYTES, "big"))
        self._selector.register(
            connection, selectors.EVENT_READ, lambda: self._told(connection, child)
        )
        self._selector.register(
            ended, selectors.EVENT_READ, lambda: self._ended(connection, child, ended)
        )
        return None

    def _told(self, connection: socket.socket, child: int) -> None:
        """End a process: so it was asked for, or nobody is there any more who could."""
        if connection.recv(1) != STOP:
            self._selector.unregister(connection)
        os.kill(child, signal.SIGKILL)

    def _ended(self, connection: socket.socket, child: int, ended: int) -> None:
        _, status = os.waitpid(child, 0)
        self._selector.unregister(ended)
        os.close(ended)
        if connection.fileno() in self._selector.get_map():
            code = os.waitstatus_to_exitcode(status)
            connection.sendall(code.to_bytes(HEADER_BYTES, "big", signed=True))
            self._selector.unregister(connection)
        connection.close()


def _received(connection: socket.socket) -> Start:
    header, streams, _, _ = socket.recv_fds(connection, HEADER_BYTES, 3)
    with connection.makefile("rb") as file:
        told = json.loads(file.read(int.from_bytes(header, "big")))
    parent = str(os.getpid())
    arguments = [parent if one is None else one for one in told["arguments"]]
    return Start(arguments, told["environment"], told["directory"], streams)


def become(start: Start) -> None:
    """Run a script as ``python -u <script> …`` does, and end."""
    for number, stream in enumerate(start.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(start.environment)
    os.chdir(start.directory)
    script = Path(start.arguments[0])
    sys.argv = start.arguments
    sys.path[0] = str(script.parent)
    module = ModuleType("__main__")
    module.__file__ = str(script)
    sys.modules["__main__"] = module
    code: object = 0
    try:
        exec(compile(script.read_bytes(), script, "exec"), module.__dict__)  # noqa: S102 - it is a script
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter does at its end, too
    atexit._run_exitfuncs()
    # Freeing one by one all that was imported would take as long as importing has.
    os._exit(code if isinstance(code, int) else 0)


def main() -> None:
    """Import, go away from whoever started this, and serve."""
    # Beside this file is `tests/pulumi.py`, which is not what `import pulumi` means.
    sys.path[0] = str(Path(__file__).parents[1])
    listener = socket.socket(fileno=int(sys.argv[1]))
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    if os.fork():
        # The tests wait for this process: from here on it is none of their children, as no test expects one.
        os._exit(0)
    become(Host(listener).serve())


if __name__ == "__main__":
    main()
