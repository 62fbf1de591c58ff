"""Everything that is wrong with a configuration is told at once, each in one line."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import Topology, load
from tests.strategies import places, replaced
from tests.topology.configurations import changed, problems_of, site, two_sites

FLOW = ("flows", "dev-to-stg")
LABEL = "lower-case letters, digits and hyphens, no hyphen first or last"


def test_nothing_at_all_is_an_empty_topology() -> None:
    assert load({}) == Topology()


def test_every_problem_is_told_at_once_in_file_order() -> None:
    configuration = {
        "flows": changed(two_sites(), *FLOW, "naming", to="both")["flows"],
        "typo": 1,
        "users": {"reader": {"sites": ["prod"], "generation": 0}},
        "topics": {"b": {"sites": ["dev"], "partitions": 0}, "a": {"sites": ["prod"]}},
        "sites": {"stg": site("stg"), "dev": changed(site("dev"), "kafka", "name", to="K")},
    }

    assert [problem.partition(": ")[0] for problem in problems_of(configuration)] == [
        'flows["dev-to-stg"].naming',
        "typo",
        "users.reader.generation",
        "topics.b.partitions",
        "topics.a.sites[0]",
        "sites.dev.kafka.name",
    ]


def test_names_that_are_no_texts_are_refused() -> None:
    label = f"{LABEL}, at most 63 characters"
    assert problems_of({None: 1, "users": {123: {"sites": [1]}}}) == [
        "None: unknown key 'None'. Allowed: flows, sites, topics, users.",
        f'users["123"]: found 123, must be {LABEL}, parts joined by dots, at most 63 characters',
        f'users["123"].sites[0]: found 1, must be {label}',
    ]


def test_no_message_repeats_a_text_without_end() -> None:
    huge = "x" * 1_000_000
    configuration = {huge: 1, "sites": {huge: huge}, "topics": {"t": {"sites": [huge], huge: huge}}}

    assert all(len(problem) < 1_000 for problem in problems_of(configuration))


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["all", "dev", "stack", "kafka", "pattern", "producer", "99999999999d", "("]),
)
KEYS = st.one_of(
    st.text(max_size=3),
    st.sampled_from(
        [*two_sites(), "kafka", "stack", "access", "role", "pattern", "site", "config"]
    ),
)
GARBAGE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS | LEAVES, inner, max_size=4)
    ),
    max_leaves=20,
)
PLACES = [at for at, _ in places(two_sites()) if at]


def is_loaded_or_refused(configuration: Any) -> bool:
    try:
        load(copy.deepcopy(configuration))
    except ConfigurationError as error:
        return bool(error.problems) and "\n" not in "".join(map(str, error.problems))
    return True


@given(configuration=st.dictionaries(KEYS | LEAVES, GARBAGE, max_size=4))
def test_anything_at_all_is_loaded_or_refused(configuration: Any) -> None:
    assert is_loaded_or_refused(configuration)


@given(at=st.sampled_from(PLACES), value=GARBAGE)
def test_anything_in_any_place_is_loaded_or_refused(at: tuple[str | int, ...], value: Any) -> None:
    assert is_loaded_or_refused(replaced(two_sites(), at, value))
