from __future__ import annotations

import re
from pathlib import Path

import pytest

import lab.directory
from kafka_mirror.errors import UsageError
from lab.directory import LabDirectory


def test_the_option_comes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("KAFKA_MIRROR_LAB", str(tmp_path / "variable"))
    assert LabDirectory.locate(tmp_path / "option").root == tmp_path / "option"
    assert LabDirectory.locate().root == tmp_path / "variable"


def test_the_checkout_holds_the_lab_by_default():
    assert LabDirectory.locate().root == Path(lab.directory.__file__).parents[1] / ".lab"


def test_a_new_lab_is_private_and_knows_its_sites(tmp_path):
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["edge", "core"])
    assert directory.sites() == ("edge", "core")
    assert directory.root.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in directory.root.iterdir()} == {0}


def test_a_directory_with_other_things_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    message = (
        f"{tmp_path} is not empty and holds no lab. Name a directory that does not exist yet, since "
        "'lab down' deletes it."
    )
    with pytest.raises(UsageError, match=re.escape(message)):
        LabDirectory(tmp_path).create(["dev"])


def test_only_a_lab_is_deleted(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    LabDirectory(tmp_path).delete()
    assert (tmp_path / "thesis.txt").exists()


def test_a_deleted_lab_leaves_nothing(tmp_path):
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    (directory.site("dev") / "data").mkdir(parents=True)
    directory.delete()
    assert not directory.root.exists()


def test_deleting_follows_no_link_out_of_the_lab(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    (directory.root / "link").symlink_to(outside)
    directory.delete()
    assert (outside / "kept").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_damaged_lab_says_how_to_remove_it(tmp_path, content):
    directory = LabDirectory(tmp_path)
    (tmp_path / "lab.json").write_text(content)
    with pytest.raises(UsageError, match=r"lab\.json is damaged\. Remove the lab with"):
        directory.sites()


def test_asking_for_a_lab_that_is_not_there_says_how_to_start_one(tmp_path):
    message = f"There is no lab in {tmp_path}. Start one with 'kafka-mirror lab up'."
    with pytest.raises(UsageError, match=re.escape(message)):
        LabDirectory(tmp_path).sites()
