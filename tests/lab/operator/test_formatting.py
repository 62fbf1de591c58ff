from __future__ import annotations

from pathlib import Path

import pytest

from lab.binaries.versions import KAFKA
from lab.errors import LabError
from lab.operator.formatting import bootstrap_checkpoint, format_node, is_formatted, new_uuid
from lab.operator.jvm import Jvm

pytestmark = pytest.mark.lab


def test_node_is_formatted_as_by_kafkas_own_tool(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert not is_formatted(data)

    format_node(data, cluster_id="c", node_id=3, checkpoint=b"x")

    assert is_formatted(data)
    meta = dict(line.split("=", 1) for line in (data / "meta.properties").read_text().split())
    assert meta.pop("directory.id")
    assert meta == {"version": "1", "cluster.id": "c", "node.id": "3"}
    assert (data / "bootstrap.checkpoint").read_bytes() == b"x"


def test_unknown_metadata_version_is_refused_in_the_tools_words() -> None:
    with pytest.raises(
        LabError, match=f"Kafka {KAFKA} refused metadata version 9.9-IV0: .*9.9-IV0"
    ):
        bootstrap_checkpoint(Jvm.locate(), "9.9-IV0")


def test_ids_never_look_like_an_option() -> None:
    ids = {new_uuid() for _ in range(500)}

    assert len(ids) == 500
    assert not [text for text in ids if text.startswith("-")]
    assert {len(text) for text in ids} == {22}
