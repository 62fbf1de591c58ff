"""Names, order, durations and masks."""

from __future__ import annotations

import base64

import pytest

from engine.checkpoint import ResourceState
from engine.graph import deletion_waves, in_creation_order
from engine.handlers import KubernetesProviderHandler
from engine.properties import Secret
from engine.redaction import Redactor
from engine.registration import Goal, WrongTimeoutError, seconds
from engine.urns import label, make_urn, name_of, referenced_urn, type_of


def test_a_urn_holds_the_types_of_the_parents_but_not_the_stacks() -> None:
    names = {"project": "p", "stack": "dev"}
    root = make_urn(parent="", type_="pulumi:pulumi:Stack", name="p-dev", **names)
    site = make_urn(parent=root, type_="p:index:Site", name="eu", **names)
    topic = make_urn(
        parent=site, type_="kubernetes:kafka.strimzi.io/v1:KafkaTopic", name="a::b", **names
    )
    assert site == "urn:pulumi:dev::p::p:index:Site::eu"
    assert (
        topic == "urn:pulumi:dev::p::p:index:Site$kubernetes:kafka.strimzi.io/v1:KafkaTopic::a::b"
    )
    assert (type_of(topic), name_of(topic)) == ("kubernetes:kafka.strimzi.io/v1:KafkaTopic", "a::b")
    assert label(topic) == "KafkaTopic 'a::b'"
    assert referenced_urn(f"{site}::id") == site


def resource(name: str, *, needs: str = "", parent: str = "", provider: str = "") -> ResourceState:
    return ResourceState(
        urn=name,
        dependencies=(needs,) if needs else (),
        parent=parent,
        provider=f"{provider}::id" if provider else "",
    )


def test_nothing_is_deleted_before_what_still_needs_it() -> None:
    resources = [
        resource("provider"),
        resource("site", parent="stack"),
        resource("kafka", parent="site", provider="provider"),
        resource("topic", needs="kafka", parent="site", provider="provider"),
        resource("stack"),
    ]
    waves = [[state.urn for state in wave] for wave in deletion_waves(resources)]
    assert waves == [["topic"], ["kafka"], ["provider", "site"], ["stack"]]
    order = [state.urn for state in in_creation_order(resources)]
    assert order == ["stack", "provider", "site", "kafka", "topic"]


def test_a_circle_in_a_damaged_state_can_still_be_deleted() -> None:
    waves = deletion_waves([resource("a", needs="b"), resource("b", needs="a")])
    assert [[state.urn for state in wave] for wave in waves] == [["a", "b"]]


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("500ms", 0.5), ("", 0)]
)
def test_a_duration_is_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["5", "m", "5d", "1h x"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(WrongTimeoutError, match="is not a duration such as 90s or 10m"):
        seconds(text)


def test_secrets_are_masked_in_each_of_their_forms_and_names_beside_them_are_not() -> None:
    password = "zUq3kfL0Pa-9x"
    redactor = Redactor()
    redactor.learn([{"a": Secret({"user": "item-producer", "password": password})}])
    encoded = base64.b64encode(password.encode()).decode()
    assert redactor.masked(f"item-producer has {password} or {encoded}") == (
        "item-producer has [secret] or [secret]"
    )


def test_short_secrets_are_not_masked_for_they_would_mask_everything() -> None:
    redactor = Redactor()
    redactor.learn([Secret("true")])
    assert redactor.masked("it is true") == "it is true"


@pytest.mark.parametrize("content", ["apiVersion: v1\nkind: Config\n", '{"kind": "Config"}'])
def test_a_kubeconfig_given_by_content_is_a_secret(content: str) -> None:
    goal = Goal(urn="", type="", name="", custom=True, inputs={"kubeconfig": content})
    assert KubernetesProviderHandler().check(goal)["kubeconfig"] == Secret(content)


def test_the_path_of_a_kubeconfig_is_no_secret() -> None:
    goal = Goal(urn="", type="", name="", custom=True, inputs={"kubeconfig": "~/.kube/config"})
    assert KubernetesProviderHandler().check(goal)["kubeconfig"] == "~/.kube/config"
