from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab.java
from kafka_mirror.errors import UsageError
from lab.java import JavaRuntime, find_java


def make_java(home: Path, version: int, *, has_release: bool = True) -> Path:
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}.0.1\"' >&2\n")
    executable.chmod(0o755)
    if has_release:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}.0.1"\n')
    return executable


@pytest.fixture(autouse=True)
def _an_empty_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(lab.java, "_KNOWN_HOMES", ())
    monkeypatch.setattr(lab.java, "_bundled", lambda: iter(()))
    find_java.cache_clear()
    yield
    find_java.cache_clear()


def test_java_home_comes_first(tmp_path, monkeypatch):
    chosen = make_java(tmp_path / "home", 21)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(make_java(tmp_path / "path", 25).parent))
    assert find_java() == JavaRuntime(21, chosen)


def test_one_that_is_too_old_is_passed_over(tmp_path, monkeypatch):
    make_java(tmp_path / "home", 17)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    chosen = make_java(tmp_path / "path", 25)
    monkeypatch.setenv("PATH", str(chosen.parent))
    assert find_java() == JavaRuntime(25, chosen)


def test_a_usual_directory_is_looked_into(tmp_path, monkeypatch):
    chosen = make_java(tmp_path / "jvm" / "temurin-21", 21)
    monkeypatch.setattr(lab.java, "_KNOWN_HOMES", (tmp_path / "jvm",))
    assert find_java().executable == chosen


def test_one_without_a_release_file_is_asked(tmp_path, monkeypatch):
    chosen = make_java(tmp_path / "home", 22, has_release=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert find_java() == JavaRuntime(22, chosen)


def test_the_bundled_one_is_the_last_resort(tmp_path, monkeypatch):
    chosen = make_java(tmp_path / "wheel", 25)
    monkeypatch.setattr(lab.java, "_bundled", lambda: iter((chosen,)))
    assert find_java().executable == chosen


def test_none_at_all_names_what_was_found_and_what_to_install(tmp_path, monkeypatch):
    old = make_java(tmp_path / "home", 17)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    message = (
        f"The lab needs a Java runtime of 21 or later; {old} is 17. Install the lab's extra (pip install "
        "'kafka-mirror[lab]' brings Java 25), or set JAVA_HOME."
    )
    with pytest.raises(UsageError, match=re.escape(message)):
        find_java()
