"""Sets of names agree with what the patterns say of each name, whatever is done to them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.mirrormaker.keys import DEFAULT_TOPICS_EXCLUDE
from kafka_mirror.mirrormaker.name_sets import Names, mirrored
from kafka_mirror.mirrormaker.patterns import quote

NAMES = st.text(alphabet="ab.-", max_size=5)
PATTERNS = st.sampled_from(["a.*", ".*b", r"a\.(b|a)*", "[ab]{2}", ".*", "a|b", r"b\.a", "-?a+"])
LISTS = st.lists(st.one_of(PATTERNS, NAMES.filter(bool).map(quote)), max_size=4)


def is_matched(name: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in patterns)


@given(patterns=LISTS, name=NAMES)
def test_a_set_holds_what_one_of_its_patterns_matches(patterns: list[str], name: str) -> None:
    assert (name in Names.matching(patterns)) is is_matched(name, patterns)


@given(one=LISTS, other=LISTS, name=NAMES)
def test_differences_and_intersections_are_exact(
    one: list[str], other: list[str], name: str
) -> None:
    first, second = Names.matching(one), Names.matching(other)

    assert (name in first.minus(second)) is (is_matched(name, one) and not is_matched(name, other))
    assert (name in first.both(second)) is (is_matched(name, one) and is_matched(name, other))


@given(patterns=LISTS, prefix=st.sampled_from(["", "a", "a.", "a.b", "zz"]), name=NAMES)
def test_after_a_prefix_are_the_rests(patterns: list[str], prefix: str, name: str) -> None:
    assert (name in Names.matching(patterns).after(prefix)) is is_matched(prefix + name, patterns)


@given(one=LISTS, other=LISTS)
def test_an_example_is_in_the_set_and_an_empty_set_has_none(
    one: list[str], other: list[str]
) -> None:
    names = Names.matching(one).minus(Names.matching(other))

    if names.is_empty():
        with pytest.raises(ValueError, match="no name is in the set"):
            names.example()
    else:
        assert names.example() in names


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        pytest.param(r"[^x]+y.*", "ay", id="any character but one"),
        pytest.param(r"[a-z]{9}-.*", "aaaaaaaaa-", id="long, found without trying every text"),
        pytest.param(r"[-.]x|-b", "-b", id="shortest, letters before signs"),
        pytest.param(r"[^A-Za-z0-9._-]", "?", id="no character that a topic may hold"),
    ],
)
def test_an_example_is_short_and_readable(pattern: str, example: str) -> None:
    assert Names.matching([pattern]).example() == example


def test_an_example_is_the_same_in_every_process() -> None:
    code = (
        "from kafka_mirror.mirrormaker.name_sets import Names\n"
        "names = Names.matching([r'[^x.]+y.*']).both(Names.matching(['[A-Za-z0-9._-]+']))\n"
        "print(names.example())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }

    assert outputs == {"0y\n"}


@given(includes=LISTS, name=NAMES)
def test_what_mirror_maker_keeps_out_by_itself_is_never_mirrored(
    includes: list[str], name: str
) -> None:
    kept_out = name.startswith((".", "__")) or is_matched(name, list(DEFAULT_TOPICS_EXCLUDE))

    assert (name in mirrored(includes)) is (is_matched(name, includes) and not kept_out)


@pytest.mark.parametrize(
    "name",
    [
        "__consumer_offsets",
        ".hidden",
        "orders.replica",
        "mm2-offset-syncs.stg.internal",
        "dev.checkpoints.internal",
    ],
)
def test_internal_topics_stay_out_of_a_pattern_for_everything(name: str) -> None:
    assert name not in mirrored([".*"])
    assert "orders.internal" in mirrored([".*"])


def test_own_excludes_come_on_top() -> None:
    names = mirrored(["inv-.*"], ["inv-test-.*"])

    assert "inv-a" in names
    assert "inv-test-a" not in names
