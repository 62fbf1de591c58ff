"""Runs a Pulumi program, or a policy pack, in a process of its own: ``python host.py program|pack <directory>``.

Started by path and importing nothing of the engine, so that what it runs meets a clean interpreter. It ends when the
engine ends, however that happens. For a program it does what Pulumi's language host does
(sdk/python/cmd/pulumi-language-python-exec); its settings, secrets among them, come as one JSON object on the standard
input.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

STOPPED_WITH_MESSAGE = 3
ENDED_WITH_TRACEBACK = 32
_PR_SET_PDEATHSIG = 1
# Importing Pulumi and a program makes some 50,000 objects that stay: looking through them for garbage a hundred times
# over, and once more at the end, takes a quarter of the time that starting takes.
_OBJECTS_BEFORE_COLLECTION = 100_000


def main() -> int:
    """Run what the arguments name."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    kind, directory, parent = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    _die_with(parent)
    settings = json.load(sys.stdin) if kind == "program" else {}
    # The directory of this file is no place to import from.
    sys.path[0] = str(directory if directory.is_dir() else directory.parent)
    sys.argv = [str(directory)]
    os.chdir(sys.path[0])
    return _run_program(directory, settings) if kind == "program" else _run_pack(directory)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It died before the wish was known.
        os._exit(1)
    # Ctrl-C reaches the whole group: the engine alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_pack(directory: Path) -> int:
    runpy.run_path(str(directory), run_name="__main__")
    return 0


def _run_program(directory: Path, settings: dict[str, Any]) -> int:
    import pulumi  # noqa: PLC0415 - only a program needs it, and its absence is the program's
    import pulumi.runtime  # noqa: PLC0415

    pulumi.runtime.set_all_config(settings.pop("config"), settings.pop("config_secret_keys"))
    settings["engine"] = _engine_without_debugging(settings["engine"])
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each awaited resource holds a thread: with the usual handful of them, few would be awaited at once.
    executor = ThreadPoolExecutor(max_workers=settings["parallel"])
    loop.set_default_executor(executor)
    # A program that is given up leaves futures behind, which asyncio would complain about.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def run() -> None:
        runpy.run_path(str(directory), run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return STOPPED_WITH_MESSAGE
    except Exception:  # noqa: BLE001 - whatever the program did not catch is shown to its author
        pulumi.log.error(_own_traceback(directory))
        return ENDED_WITH_TRACEBACK
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _engine_without_debugging(address: str) -> Any:
    """Return a client of the engine that keeps debugging messages to itself.

    The SDK sends three for each resource and waits for each to arrive: half of the time of a large program.
    """
    import grpc  # noqa: PLC0415 - only a program needs them
    from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc  # noqa: PLC0415

    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
    send = stub.Log

    def log(request: Any) -> Any:
        return None if request.severity == engine_pb2.DEBUG else send(request)

    stub.Log = log
    return stub


def _own_traceback(directory: Path) -> str:
    """Return the current traceback from the program's own first line on."""
    error = sys.exc_info()[1]
    frames = traceback.extract_tb(error.__traceback__) if error else []
    own = [i for i, frame in enumerate(frames) if frame.filename.startswith(str(directory))]
    limit = own[0] - len(frames) if own else None
    return "".join(traceback.format_exception(error, limit=limit)) if error else ""


if __name__ == "__main__":
    code = main()
    # What is left goes with the process.
    gc.freeze()
    sys.exit(code)
