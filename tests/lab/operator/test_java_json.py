from __future__ import annotations

import json

from lab.operator.java_json import pretty


def test_offsets_are_written_as_a_java_program_writes_them() -> None:
    offsets = {"offsets": [{"partition": {"topic": "items", "partition": 0}, "offset": {}}]}

    assert pretty(offsets) == (
        '{\n  "offsets" : [ {\n    "partition" : {\n      "topic" : "items",\n'
        '      "partition" : 0\n    },\n    "offset" : { }\n  } ]\n}'
    )
    assert json.loads(pretty(offsets)) == offsets
