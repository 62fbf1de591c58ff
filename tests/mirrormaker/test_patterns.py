"""What a pattern may hold, and the narrowest rights that cover what it matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.mirrormaker.patterns import (
    Covering,
    PatternError,
    behind,
    check,
    coverings,
    literal,
    machine,
    quote,
)

NAMES = st.text(alphabet="ab.-_1", max_size=6)
ATOMS = st.sampled_from(
    ["a", "b", "1", r"\.", "-", ".", "[ab]", "[^a]", r"[\w.]", r"\d", r"\w", r"\W", "[a-b-]", "_"]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "*?", "{2}"])),
    ),
    max_leaves=6,
)


@given(pattern=EXPRESSIONS, name=NAMES)
def test_a_machine_accepts_what_the_pattern_matches_in_full(pattern: str, name: str) -> None:
    check(pattern)

    assert machine(pattern).accepts(name) is bool(re.fullmatch(pattern, name, re.ASCII))


@given(
    name=st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1)
)
def test_a_quoted_name_matches_itself_alone(name: str) -> None:
    assert re.fullmatch(quote(name), name)
    assert literal(quote(name)) == name
    assert not re.fullmatch(quote(name), name + "x")


@pytest.mark.parametrize("pattern", ["a.b", "a*", "[a]", "(a)", r"\d", "a|b", ""])
def test_what_stands_for_several_names_is_no_literal(pattern: str) -> None:
    assert literal(pattern) is None


@given(pattern=EXPRESSIONS, name=NAMES)
def test_a_pattern_behind_a_prefix_matches_the_prefixed_names(pattern: str, name: str) -> None:
    assert machine(behind("b.", pattern)).accepts("b." + name) is machine(pattern).accepts(name)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        pytest.param(
            "inv-(.*",
            "does not compile: missing ), unterminated subpattern at position 4",
            id="open group",
        ),
        pytest.param(
            "a**", "does not compile: multiple repeat at position 2", id="repeat of a repeat"
        ),
        pytest.param(
            "items, store",
            "holds a comma, at which MirrorMaker would split it into two patterns",
            id="list in one text",
        ),
        pytest.param(
            "a{1,2}",
            "holds a comma, at which MirrorMaker would split it into two patterns",
            id="count with a comma",
        ),
        pytest.param(
            " a", "is empty, or starts or ends with a blank, which MirrorMaker cuts off", id="blank"
        ),
        pytest.param(
            "", "is empty, or starts or ends with a blank, which MirrorMaker cuts off", id="empty"
        ),
        pytest.param("^a", "holds '^'; leave it out, a whole name is matched anyway", id="start"),
        pytest.param("a$", "holds '$'; leave it out, a whole name is matched anyway", id="end"),
        pytest.param(
            "(a{60}){60}",
            "repeats something 3600 times; no name is longer than 249 characters",
            id="count of counts",
        ),
    ],
)
def test_a_pattern_that_cannot_work_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as error:
        check(pattern)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("pattern", "found", "position"),
    [
        pytest.param(r"(a)\1", r"\\1", 3, id="back reference"),
        pytest.param("(?i)a", "(?i)", 0, id="flags"),
        pytest.param("(?i:a)", "(?i:", 0, id="flags of a group"),
        pytest.param("a(?!b).", "(?!b", 1, id="look ahead"),
        pytest.param("(?<=a)b", "(?<=", 0, id="look behind"),
        pytest.param("(?P<x>a)", "(?P<", 0, id="named group, Python only"),
        pytest.param("(?>a)", "(?>a", 0, id="atomic group"),
        pytest.param("(?#x)a", "(?#x", 0, id="comment, Python only"),
        pytest.param(r"\bfoo", r"\\bfo", 0, id="word boundary"),
        pytest.param(r"\Afoo", r"\\Afo", 0, id="anchor by letter"),
        pytest.param("[a-z&&[^b]]", "[a-z", 0, id="intersection, Java only"),
        pytest.param("[[a]b]", "[[a]", 0, id="nested class, Java only"),
        pytest.param("[]a]", "[]a]", 0, id="bracket first in a class"),
        pytest.param("a*+b", "*+b", 1, id="possessive count"),
        pytest.param("x{a}", "{a}", 1, id="brace that is no count, Python only"),
        pytest.param("a]", "]", 1, id="loose bracket"),
    ],
)
def test_a_construct_that_is_not_read_alike_everywhere_is_refused(
    pattern: str, found: str, position: int
) -> None:
    with pytest.raises(PatternError) as error:
        check(pattern)

    assert str(error.value) == (
        f"holds '{found}' at position {position}, which cannot be checked for overlaps. A pattern is made of "
        "characters, dots, classes, groups, | and the counts *, +, ? and {n}; to leave names out there are excludes"
    )


@pytest.mark.filterwarnings("error")
def test_checking_never_warns() -> None:
    with pytest.raises(PatternError):
        check("[a||b]")


def test_what_the_library_cannot_read_is_a_pattern_error_too() -> None:
    with pytest.raises(PatternError, match="cannot be checked for overlaps"):
        machine(r"(a)\1")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("inv-.*", [Covering("inv-", is_exact=False)], id="prefix"),
        pytest.param(
            r"items\.inventory", [Covering("items.inventory", is_exact=True)], id="a name"
        ),
        pytest.param(
            r"(inv|ord)-.*",
            [Covering("inv-", is_exact=False), Covering("ord-", is_exact=False)],
            id="two prefixes",
        ),
        pytest.param(
            r"items|items\.inventory",
            [Covering("items", is_exact=True), Covering("items.inventory", is_exact=True)],
            id="a name that another one begins with",
        ),
        pytest.param(
            "items.*", [Covering("items", is_exact=False)], id="prefix that is a name too"
        ),
        pytest.param(".*", [Covering("", is_exact=False)], id="everything"),
        pytest.param(".*-eu", [Covering("", is_exact=False)], id="known end only"),
        pytest.param("[0-9]{4}-.*", [Covering("", is_exact=False)], id="too many starts"),
        pytest.param(
            "v[0-9]{4}", [Covering("v", is_exact=False)], id="too many, one start in common"
        ),
        pytest.param("a+", [Covering("a", is_exact=False)], id="one start without end"),
        pytest.param(r"a[^\w\W]|b", [Covering("b", is_exact=True)], id="a start without an end"),
        pytest.param("ab[^c]", [Covering("ab", is_exact=False)], id="any other character"),
    ],
)
def test_coverings_are_the_narrowest_an_acl_can_say(pattern: str, expected: list[Covering]) -> None:
    assert list(coverings(pattern)) == expected


@given(pattern=EXPRESSIONS, name=NAMES)
def test_every_match_is_covered(pattern: str, name: str) -> None:
    if machine(pattern).accepts(name):
        assert any(
            name == one.start if one.is_exact else name.startswith(one.start)
            for one in coverings(pattern)
        )
