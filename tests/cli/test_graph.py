"""``kafka-mirror graph`` prints a picture that Mermaid can draw, whatever the topology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.cli.graph_drawing import flowchart
from kafka_mirror.cli.mermaid import identifier, label
from kafka_mirror.topology import SiteName, Topology, load
from kafka_mirror.topology.written import Written
from tests.cli.projects import Command, write_stack
from tests.strategies import Configuration, Stack, several_stacks, stacks
from tests.topology.configurations import changed, loaded, site, two_sites

# What is written is far less than Mermaid takes: every picture is made of these lines alone.
ID = r"(?:site|kafka|other|users)_[A-Za-z0-9_]+"
LABEL = r'"(?:[A-Za-z0-9 .,()/-]|#[0-9]+;|<br/>)+"'
NODE = re.compile(
    rf"    (?P<id>{ID})(?:\[\((?P<kafka>{LABEL})\)\]|\[(?P<users>{LABEL})\])"
    rf"|  (?P<other>{ID})\[/(?P<neighbour>{LABEL})/\]"
)
SUBGRAPH = re.compile(rf"  subgraph (?P<id>{ID})\[(?P<title>{LABEL})\]")
ARROW = re.compile(
    rf"  (?P<source>{ID}) (?P<line>-->|-\.->|-\.-x)\|(?P<label>{LABEL})\| (?P<target>{ID})"
)
FURTHER = re.compile(
    rf"  end|    {ID} --- {ID}|  classDef neighbour stroke-dasharray: 5 5|  class {ID}(?:,{ID})* neighbour"
)


def said(quoted: str) -> list[str]:
    """Return the lines that a label shows."""
    return [
        re.sub("#([0-9]+);", lambda found: chr(int(found[1])), line)
        for line in quoted[1:-1].split("<br/>")
    ]


def arrows(picture: str) -> list[tuple[str, str, list[str], str]]:
    """Return the source, line, label and target of every arrow."""
    found = map(ARROW.fullmatch, picture.splitlines())
    return [(one["source"], one["line"], said(one["label"]), one["target"]) for one in found if one]


def defined(picture: str) -> Iterator[str]:
    """Yield every id where it is given its label."""
    for line in picture.splitlines():
        found = SUBGRAPH.fullmatch(line) or NODE.fullmatch(line)
        if found:
            yield found.groupdict().get("other") or found["id"]


def assert_is_drawn(picture: str) -> None:
    """Assert that a picture is well-formed: known lines, closed boxes, ids of one thing each, no other ids."""
    first, *lines = picture.splitlines()
    assert first == "flowchart LR"
    for line in lines:
        assert any(form.fullmatch(line) for form in (SUBGRAPH, NODE, ARROW, FURTHER)), line
    opened = [line for line in lines if line.startswith("  subgraph ")]
    assert len(opened) == lines.count("  end")
    ids = list(defined(picture))
    assert len(ids) == len(set(ids))
    bare = re.sub(LABEL, "", picture)
    assert set(re.findall(rf"\b{ID}", bare)) == set(ids)


@given(stack=stacks(), with_users=st.booleans())
def test_every_topology_is_drawn_with_its_flows_from_source_to_target(
    stack: Stack, with_users: bool
) -> None:
    topology = load(stack.configuration)

    picture = flowchart({"one": topology}, with_users=with_users)

    assert_is_drawn(picture)
    ends = {
        name: identifier("kafka", "one", name)
        if "kafka" in written
        else identifier("other", written["stack"], name)
        for name, written in stack.configuration["sites"].items()
    }
    lines = {"running": "-->", "paused": "-.->", "stopped": "-.-x"}
    told = [
        (source, line, name, naming, target)
        for source, line, (name, naming, *_), target in arrows(picture)
    ]
    assert told == [
        (
            ends[flow.source.site],
            lines[flow.state],
            name if flow.state == "running" else f"{name} ({flow.state})",
            f"{flow.naming} naming",
            ends[flow.target.site],
        )
        for name, flow in sorted(topology.flows.items())
    ]


@given(configurations=several_stacks(), with_users=st.booleans())
def test_a_site_of_several_stacks_is_drawn_once(
    configurations: dict[str, Configuration], with_users: bool
) -> None:
    topologies = {name: load(one) for name, one in configurations.items()}

    picture = flowchart(topologies, with_users=with_users)

    assert_is_drawn(picture)
    assert sorted(one for one in defined(picture) if one.startswith(("kafka", "other"))) == sorted(
        identifier("kafka", stack, name)
        for stack, topology in topologies.items()
        for name in topology.managed_sites()
    )
    backwards = dict(reversed(topologies.items()))
    assert flowchart(backwards, with_users=with_users) == picture


@given(lines=st.lists(st.text(min_size=1), min_size=1))
def test_a_label_shows_any_text_and_holds_no_sign_of_mermaids(lines: list[str]) -> None:
    quoted = label(*lines)

    assert re.fullmatch(LABEL, quoted)
    assert said(quoted) == lines


@given(names=st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=2, unique_by=str))
def test_different_names_have_different_ids(names: list[list[str]]) -> None:
    ids = [identifier("site", *one) for one in names]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"site_\w*", one, re.ASCII) for one in ids)


def test_a_word_that_would_be_drawn_as_a_link_is_text() -> None:
    assert label("topic www.items", "WWW.x") == '"topic www#46;items<br/>WWW#46;x"'


def test_a_pair_of_flows_is_two_arrows() -> None:
    back = {
        "source": {"site": "stg", "user": "writer"},
        "target": {"site": "dev", "user": "reader"},
        "naming": "prefix",
        "topics": {"pattern": "orders-.*"},
        "topicsExclude": {"pattern": "orders-tmp"},
        "state": "paused",
    }
    both = loaded((("flows", "stg-to-dev"), back))

    assert arrows(flowchart({"both": both}, with_users=False)) == [
        (
            "kafka_both__dev",
            "-->",
            ["dev-to-stg", "identity naming", "topic items"],
            "kafka_both__stg",
        ),
        (
            "kafka_both__stg",
            "-.->",
            [
                "stg-to-dev (paused)",
                "prefix naming",
                "topics like orders-.*",
                "but not orders-tmp",
            ],
            "kafka_both__dev",
        ),
    ]


def test_of_many_topics_and_long_ones_the_beginning_is_shown() -> None:
    many = ["a" * 200, *(f"t{number}" for number in range(9))]
    flow = loaded((("flows", "dev-to-stg", "topics"), many))

    ((_, _, shown, _),) = arrows(flowchart({"one": flow}, with_users=False))

    assert shown[2] == f"topic {'a' * 73}…"
    assert shown[3:] == [*(f"topic t{number}" for number in range(7)), "and 2 more"]


def test_namesakes_of_two_stacks_are_two_sites_and_neighbours_stay_outside() -> None:
    here = load({"sites": {"dev": site("dev"), "far": {"stack": "team/infra/far"}}})
    there = load({"sites": {"dev": site("dev"), "far": {"stack": "here"}}})

    picture = flowchart({"here": here, "there": there}, with_users=False)

    assert list(defined(picture)) == [
        "site_here__dev",
        "kafka_here__dev",
        "site_there__dev",
        "kafka_there__dev",
        # Stack here is drawn and does not make the site.
        "other_here__far",
        "other_team_2finfra_2ffar__far",
    ]


def test_a_kind_of_site_that_is_neither_made_nor_read_is_drawn_with_its_kind() -> None:
    class Cloud(Written):
        external: str

    sites: Any = {SiteName("cloud"): Cloud(external="kafka.example.com:9092")}
    topology = Topology.model_construct(sites=sites)

    assert flowchart({"one": topology}, with_users=True).splitlines()[1:] == [
        '  subgraph site_one__cloud["cloud"]',
        '    kafka_one__cloud[("Kafka<br/>external")]',
        "  end",
    ]


def test_a_project_is_printed_with_every_stack(kafka_mirror: Command, project: Path) -> None:
    ended = kafka_mirror("graph", "--project", project)

    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == (
        "flowchart LR\n"
        '  subgraph site_dev__dev["dev<br/>stack dev<br/>context dev, namespace kafka-dev"]\n'
        '    kafka_dev__dev[("Kafka k-dev<br/>strimzi v1")]\n'
        "  end\n"
        '  subgraph site_stg__stg["stg<br/>stack stg<br/>context stg, namespace kafka-stg"]\n'
        '    kafka_stg__stg[("Kafka k-stg<br/>strimzi v1")]\n'
        "  end\n"
        '  kafka_dev__dev -->|"dev-to-stg<br/>identity naming<br/>topic items"| kafka_stg__stg\n'
    )


def test_one_stack_is_printed_with_its_neighbours(kafka_mirror: Command, project: Path) -> None:
    (project / "Pulumi.dev.yaml").unlink()

    ended = kafka_mirror("graph", "stg", "--project", project, "--users")

    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == (
        "flowchart LR\n"
        '  subgraph site_stg__stg["stg<br/>context stg, namespace kafka-stg"]\n'
        '    kafka_stg__stg[("Kafka k-stg<br/>strimzi v1")]\n'
        '    users_stg__stg["users<br/>consumer, replicated by dev-to-stg<br/>producer, replicated by dev-to-stg<br/>'
        'writer"]\n'
        "    users_stg__stg --- kafka_stg__stg\n"
        "  end\n"
        '  other_dev__dev[/"dev<br/>of stack dev"/]\n'
        "  classDef neighbour stroke-dasharray: 5 5\n"
        "  class other_dev__dev neighbour\n"
        '  other_dev__dev -->|"dev-to-stg<br/>identity naming<br/>topic items"| kafka_stg__stg\n'
    )


def test_stopped_flows_fenced_users_and_production_are_shown(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    whole = changed(two_sites(), "flows", "dev-to-stg", "state", to="stopped")
    whole = changed(whole, "flows", "dev-to-stg", "fenced", to=["producer"])
    whole = changed(whole, "users", "producer", "fenced", to=True)
    whole = changed(whole, "sites", "stg", "production", to=True)
    write_stack(tmp_path, "both", whole)

    picture = kafka_mirror("graph", "--users", "--project", tmp_path).stdout

    assert '"users<br/>consumer<br/>producer, fenced<br/>reader"' in picture
    assert "producer, replicated by dev-to-stg, fenced<br/>writer" in picture
    assert '[("Kafka k-stg<br/>strimzi v1<br/>production")]' in picture
    assert '-.-x|"dev-to-stg (stopped)<br/>' in picture


def test_what_is_wrong_with_any_stack_is_told_with_its_file(
    kafka_mirror: Command, project: Path
) -> None:
    write_stack(project, "bad", changed(two_sites(), "flows", "dev-to-stg", "naming", to="both"))
    write_stack(project, "worse", {"typo": {}})

    ended = kafka_mirror("graph", "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        (
            "Error: Pulumi.bad.yaml: flows[\"dev-to-stg\"].naming: found 'both', allowed: "
            "identity, prefix"
        ),
        "Pulumi.worse.yaml: typo: unknown key 'typo'. Allowed: flows, sites, topics, users.",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "there is no stack in {project}: a stack has a file Pulumi.<STACK>.yaml"),
        (("prod",), "no stack 'prod' in {project} (has none): Pulumi.prod.yaml is missing"),
    ],
)
def test_a_stack_that_is_not_there_is_told(
    arguments: tuple[str, ...], told: str, kafka_mirror: Command, tmp_path: Path
) -> None:
    ended = kafka_mirror("graph", *arguments, "--project", tmp_path)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr == f"Error: {told.format(project=tmp_path)}\n"


def test_the_help_has_an_example(kafka_mirror: Command) -> None:
    assert "kafka-mirror graph --users > topology.mmd" in kafka_mirror("graph", "--help").stdout
