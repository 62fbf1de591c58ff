"""With what the engine is led into a lab."""

from __future__ import annotations

import os

from engine.encryption import read_passphrase
from lab.deployment import engine_options
from lab.directory import LabDirectory


def test_a_lab_has_its_own_passphrase_whatever_the_callers_is(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of other stacks")
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    directory.passphrase.write_text("of the lab")
    options = engine_options(directory)
    assert read_passphrase({**os.environ, **options.environment}, stack="dev") == "of the lab"
    assert "of the lab" not in repr(options)
