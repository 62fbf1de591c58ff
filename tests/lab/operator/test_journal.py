from __future__ import annotations

import json
from pathlib import Path

from lab.operator import journal


def test_journal_is_private_and_one_object_per_line(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "operator.log"
    journal.open_journal(path)

    journal.note("started", sites="dev,stg")
    try:
        int("x")
    except ValueError:
        journal.bug("a bug of the operator", object="Kafka(dev:ns/c)")

    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert (first["event"], first["sites"], first["level"]) == ("started", "dev,stg", "info")
    assert (second["level"], second["object"]) == ("error", "Kafka(dev:ns/c)")
    assert "ValueError: invalid literal" in second["trace"]
    assert path.stat().st_mode & 0o077 == 0
    journal.close_journal()
