from __future__ import annotations

from lab.operator.connectors import normalised


def test_login_module_is_normalised_to_username_first() -> None:
    config = {"a": 'x.ScramLoginModule required password="p" username="u";', "tasks.max": 1}

    assert normalised(config) == {
        "a": 'x.ScramLoginModule required username="u" password="p";',
        "tasks.max": "1",
    }
