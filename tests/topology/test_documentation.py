"""The page of the configuration is the one that the models write, and says what each field means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, StrictBool

from kafka_mirror.topology.documentation import UndescribedError, configuration_page
from kafka_mirror.topology.names import SiteKey
from kafka_mirror.topology.selectors import TopicSelection
from kafka_mirror.topology.written import Duration, Settings, Written

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


class Part(Written):
    """A part, with ``<code>`` and <none>.

    It has more to say.

    Attributes:
        kept: Whether it stays
            for a while; either | or.

    Not: An attribute.
    """

    kept: StrictBool = True


class SpecialPart(Part):
    """A part of a kind.

    Attributes:
        kind: Which.
    """

    kind: Literal["a", "b"]


class Whole(Written):
    """A whole.

    Attributes:
        parts: By name.
        first_part: The first.
        sites: Where.
        topics: Which.
        leader: Who of them.
        within: How soon.
        level: How high.
        config: More.
    """

    parts: dict[SiteKey, Part | SpecialPart] = Field(default_factory=dict)
    first_part: Part | None = None
    sites: Annotated[tuple[SiteKey, ...], Field(min_length=1)]
    topics: TopicSelection = ()
    leader: SiteKey | None = None
    within: Duration
    level: Annotated[int, Field(ge=1, le=32767)] = 5
    config: Settings = Field(default_factory=dict)


def section(page: str, title: str) -> list[str]:
    _, _, after = page.partition(f"## {title}\n\n")
    return after.partition("\n\n## ")[0].splitlines()


def test_the_page_is_the_one_the_models_write() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == configuration_page(), (
        "run: python -m kafka_mirror.topology.documentation > docs/configuration.md"
    )


def test_a_field_that_nobody_describes_is_told() -> None:
    class Hidden(Written):
        """Has one.

        Attributes:
            other: Not a field.
        """

        one: int = 1

    class Outer(Written):
        """Holds it.

        Attributes:
            inner: It.
        """

        inner: tuple[Hidden, ...]
        second: str = ""

    with pytest.raises(UndescribedError) as told:
        configuration_page(Outer)

    assert [one.rpartition("<locals>.")[2] for one in told.value.fields] == [
        "Outer.second",
        "Hidden.one",
    ]


def test_a_table_tells_keys_values_defaults_and_meanings() -> None:
    topics = "a list of names, or `{pattern: …}` ([topic pattern](#topic-pattern))"
    setting = "a Kafka setting is one text, number or truth value, and a list is written as one text with commas"

    assert section(configuration_page(Whole), "Whole") == [
        "A whole.",
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
        "| `parts` | map, each: [part](#part), or [special part](#special-part) | none | By name. |",
        "| `firstPart` | [part](#part) | *absent* | The first. |",
        "| `sites` | list, at least one, each: site name | **required** | Where. |",
        f"| `topics` | {topics} | none | Which. |",
        "| `leader` | site name | *absent* | Who of them. |",
        (
            "| `within` | a whole number and a unit (ms, s, m, h or d), for example 15s | **required** "
            "| How soon. |"
        ),
        "| `level` | whole number from 1 to 32767 | `5` | How high. |",
        f"| `config` | map, each: {setting} | none | More. |",
    ]


def test_a_section_tells_where_its_keys_stand_and_what_those_it_is_made_from_say() -> None:
    page = configuration_page(Whole)

    assert section(page, "Part") == [
        "A part, with `<code>` and &lt;none>.",
        "",
        "It has more to say.",
        "",
        "At `parts.<name>`, `firstPart`.",
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
        "| `kept` | `true` or `false` | `true` | Whether it stays for a while; either \\| or. |",
    ]
    assert section(page, "Special part")[-2:] == [
        "| `kept` | `true` or `false` | `true` | Whether it stays for a while; either \\| or. |",
        "| `kind` | `a`, `b` | **required** | Which. |",
    ]


def test_every_link_of_the_page_leads_to_a_section() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    titles = {line[3:].lower().replace(" ", "-") for line in lines if line.startswith("## ")}
    links = {part.partition(")")[0] for line in lines for part in line.split("](#")[1:]}

    assert links <= titles
    assert {"flow", "managed-site", "producer-access"} <= links
