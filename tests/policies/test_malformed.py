"""What is malformed is said to be so; it never ends the check, and no message tells a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.cli.sarif import sarif
from mirror_policies import RULES, Configuration, check
from mirror_policies.fields import UNKNOWN, Hidden
from mirror_policies.objects import Declaration, KubernetesObject
from mirror_policies.rule import Profile
from mirror_policies.shape.well_formed import LONGEST
from tests.policies.resources import Resource, at, changed, mirror_maker, target_config
from tests.policies.test_checking import JSON, paths
from tests.policies.test_mutations import VALID

KINDS = sorted({kind for rule in RULES for kind in rule.kinds})
SECRET = "correct-horse-battery"
DECLARED = Declaration(is_protected=False, is_provider_default=None)


def well_formed(resource: Any) -> list[tuple[str, str]]:
    return [(f.path, f.message) for f in check([resource]) if f.rule == "object-well-formed"]


@pytest.mark.parametrize(
    ("resource", "path", "message"),
    [
        pytest.param(
            {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaMirrorMaker2"},
            "spec",
            "the KafkaMirrorMaker2 has no spec, so it asks for nothing. Write one",
            id="no spec",
        ),
        pytest.param(
            {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "spec": []},
            "spec",
            "spec is a list, an object is needed. Write one",
            id="a list for a spec",
        ),
        pytest.param(
            mirror_maker((at("spec.mirrors"), {"source": {}})),
            "spec.mirrors",
            "it is an object, a list is needed: nothing in it can be judged",
            id="an object for a list",
        ),
        pytest.param(
            mirror_maker((at("spec.mirrors.0"), "dev")),
            "spec.mirrors[0]",
            "it is a text, an object is needed: nothing in it can be judged",
            id="a text for an object",
        ),
        pytest.param(
            mirror_maker((at("spec.target.bootstrapServers"), "kafka")),
            "spec.target.bootstrapServers",
            "it is 'kafka', a list of host:port is needed: nothing in it can be judged",
            id="an address without a port",
        ),
        pytest.param(
            mirror_maker((at("spec.target.alias"), "x" * (LONGEST + 1))),
            "spec.target.alias",
            "it has more than 10,000 characters. Shorten it",
            id="a huge text",
        ),
    ],
)
def test_what_cannot_be_judged_is_said(resource, path, message):
    assert (path, message) in well_formed(resource)


def test_empty_lists_are_said_to_do_nothing():
    empty = changed(mirror_maker(), (at("spec.mirrors"), []))
    assert ("source-connector-present", "spec.mirrors") in [
        (f.rule, f.path) for f in check([empty])
    ]


def test_a_yaml_anchor_in_a_cycle_ends():
    text = json.dumps(mirror_maker()).replace('"mirrors": [', '"mirrors": &round [*round, ')
    (resource,) = yaml.safe_load_all(text)
    assert (
        "spec.mirrors[0]",
        "it is a list, an object is needed: nothing in it can be judged",
    ) in (well_formed(resource))


@given(st.sampled_from(KINDS), st.sampled_from(["kafka.strimzi.io", "eventstreams.ibm.com"]), JSON)
def test_every_rule_takes_any_data_of_its_kinds(kind: str, group: str, spec: Any) -> None:
    metadata = {"name": "x", "namespace": "y", "labels": spec, "annotations": spec}
    resource = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, "spec": spec}
    judge([resource])


@given(st.data())
def test_a_whole_stack_with_any_data_at_any_place_is_judged(data: st.DataObject) -> None:
    resources: list[Resource] = json.loads(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(resources) - 1))
        place = data.draw(st.sampled_from(paths(resources[index]) or [("spec",)]))
        resources[index] = changed(resources[index], (place, data.draw(JSON)))
    for finding in judge(resources):
        assert finding.message.isprintable()
        assert len(finding.message) < 700
        assert "not-for-messages" not in finding.message


def containers(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict | list):
        if steps:
            yield steps
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inside in members:
            yield from containers(inside, (*steps, step))


STRUCTURE = {
    (one["kind"], *("[]" if isinstance(step, int) else step for step in steps)): (index, steps)
    for index, one in enumerate(json.loads(VALID))
    if one["kind"] != "Secret"
    for steps in containers(one)
}
"""Every place of every kind where an object or a list stands, by one that has it."""


@pytest.mark.parametrize("kind_and_path", STRUCTURE, ids=lambda one: ".".join(map(str, one)))
@pytest.mark.parametrize("value", [SECRET, 7, [[]]], ids=["a text", "a number", "a list of lists"])
def test_a_part_of_the_wrong_kind_is_found_wherever_it_stands(kind_and_path, value):
    index, steps = STRUCTURE[kind_and_path]
    resources = json.loads(VALID)
    resources[index] = changed(resources[index], (steps, value))
    findings = judge(resources)
    assert any(one.object.startswith(f"{kind_and_path[0]} ") for one in findings)
    assert SECRET not in str(findings)


PASSWORD_LIKE = re.compile(r"pass|secret|jaas|token|credential|key$|certificate", re.IGNORECASE)
SECRETS = st.from_regex(r"[A-Za-z0-9!/+]{12,40}Q", fullmatch=True)
NAMES = st.sampled_from(
    (
        "password",
        "sasl.jaas.config",
        "ssl.keystore.password",
        "producer.override.sasl.jaas.config",
        "source.cluster.ssl.truststore.password",
        "token",
        "api.key",
    )
)


@given(st.data(), SECRETS)
def test_no_output_tells_a_secret_wherever_it_was_put(data: st.DataObject, secret: str) -> None:
    resources: list[Resource] = json.loads(VALID)
    index = data.draw(st.integers(0, len(resources) - 1))
    places = [p for p in paths(resources[index]) if PASSWORD_LIKE.search(str(p[-1]))]
    # Names of Secrets and their keys are no secrets, unless somebody writes the credential there.
    places = [p for p in places if "secretName" not in p and "trustedCertificates" not in p]
    configs = [p for p in containers(resources[index]) if p[-1] in ("config", "authentication")]
    free = [(*place, data.draw(NAMES)) for place in configs]
    if not (places or free):
        return
    place = data.draw(st.sampled_from([*places, *free]))
    value = data.draw(st.sampled_from([secret, Hidden(secret), f'x required password="{secret}";']))
    resources[index] = changed(resources[index], (place, value))
    findings = judge(resources)
    log = sarif(findings, rules=RULES, version="1", line_of=lambda _: 1)
    assert secret not in json.dumps(log)
    assert secret not in str(findings)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=3))
def test_any_description_of_sites_is_read(sites: dict[str, Any]) -> None:
    check(json.loads(VALID), sites={"dev": sites, **sites})


def judge(resources: list[Resource]) -> tuple[Any, ...]:
    objects = [KubernetesObject(one, declaration=DECLARED) for one in resources]
    return check(objects, configuration=Configuration(profile=Profile.PRODUCTION))


@pytest.mark.parametrize(
    "value",
    [SECRET, Hidden(SECRET), {"value": SECRET}, [SECRET], UNKNOWN],
    ids=["a text", "a secret", "an object", "a list", "unknown"],
)
@pytest.mark.parametrize(
    "place",
    [
        at("spec.target.authentication.password"),
        at("spec.target.authentication.passwordSecret"),
        at("spec.target.authentication"),
        at("spec.mirrors.0.source.authentication.passwordSecret.password"),
        target_config("sasl.jaas.config"),
        target_config("ssl.keystore.password"),
        at("spec.mirrors.0.sourceConnector.config", "producer.override.sasl.jaas.config"),
        at("spec.mirrors.0.checkpointConnector.config", "source.cluster.ssl.key.password"),
    ],
    ids=lambda place: ".".join(map(str, place[2:])),
)
def test_no_message_repeats_what_stands_where_a_credential_does(place, value):
    assert SECRET not in str(check([mirror_maker((place, value))]))


def test_a_value_of_a_secret_is_never_looked_at():
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "dev-ca", "namespace": "stg"},
        "stringData": {SECRET[:7]: SECRET},
    }
    findings = check([mirror_maker(), secret])
    assert [f.rule for f in findings if f.stops] == ["referenced-secrets-exist"]
    assert SECRET not in str(findings)
