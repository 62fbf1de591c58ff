"""What a program may say about a resource, and that it is honoured."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

import engine
from engine import Op
from engine.encryption import PassphraseCrypter
from kafka_mirror.errors import UsageError
from kafka_mirror.kubernetes_api import ApiError, JsonObject
from tests.engine.conftest import PASSPHRASE, Sandbox, changed
from tests.engine.fake_cluster import FakeCluster

TOPIC = "KafkaTopic shop/items"


def test_protected_resources_are_not_destroyed_and_all_are_named(cases: Sandbox) -> None:
    cases.configure(case="parents")
    cases.up()
    with pytest.raises(UsageError) as refused:
        cases.destroy()
    assert str(refused.value) == (
        "Empty 'box', KafkaTopic 'items' are protected and would be deleted; nothing was changed. "
        "Set protect to false in the program and deploy that first."
    )
    assert cases.cluster.writes == []


def test_a_protected_resource_is_not_removed_with_its_line(cases: Sandbox) -> None:
    cases.configure(case="protect")
    cases.up()
    cases.configure(case="nothing")
    with pytest.raises(UsageError, match="KafkaTopic 'items' is protected and would be deleted"):
        cases.up()
    assert TOPIC in cases.cluster.objects


def test_a_retained_object_outlives_its_resource(cases: Sandbox) -> None:
    cases.configure(case="retain")
    cases.up()
    cases.configure(case="nothing")
    cases.up()
    assert TOPIC in cases.cluster.objects
    assert "items" not in cases.resources()


def test_ignored_properties_keep_what_they_were(cases: Sandbox) -> None:
    cases.configure(case="ignore_changes", size=1)
    cases.up()
    cases.configure(size=5)
    assert changed(cases.up()) == []
    assert cases.cluster.objects[TOPIC]["spec"] == {"partitions": 1}


def test_replace_on_changes_deletes_before_it_creates(cases: Sandbox) -> None:
    cases.configure(case="replace_on_changes", size=1)
    cases.up()
    cases.configure(size=2)
    (step,) = cases.preview().changed
    assert (step.op, step.reason) == (Op.REPLACE, "replace_on_changes")
    cases.up()
    assert cases.cluster.writes == ["delete KafkaTopic items", "apply KafkaTopic items"]


def test_a_new_name_replaces_the_object_and_updates_what_uses_it(cases: Sandbox) -> None:
    cases.configure(case="moved", size=1)
    cases.up()
    cases.configure(size=2)
    assert changed(cases.preview()) == ["replace items", "update after"]
    cases.up()
    assert sorted(cases.cluster.objects) == ["KafkaTopic shop/after", "KafkaTopic shop/items-2"]
    assert cases.cluster.objects["KafkaTopic shop/after"]["spec"] == {"of": "items-2"}


def test_an_object_that_changes_its_resource_is_refused_in_the_preview(cases: Sandbox) -> None:
    cases.configure(case="renamed", size=1)
    cases.up()
    cases.configure(size=2)
    with pytest.raises(engine.UnservedError) as refused:
        cases.preview()
    assert str(refused.value) == (
        "KafkaTopic 'goods': its object is in this stack as "
        "urn:pulumi:dev::cases::kubernetes:kafka.strimzi.io/v1:KafkaTopic::items. With another name, "
        "parent or API version it is another resource, and 'aliases' are not served: take the old "
        "one away first, or keep it."
    )


def test_an_immutable_secret_is_replaced(cases: Sandbox) -> None:
    cases.configure(case="immutable", size=1)
    cases.up()
    cases.configure(size=2)
    assert changed(cases.up()) == ["replace secret"]


def test_a_provider_of_another_cluster_moves_its_objects(cases: Sandbox) -> None:
    clusters = {
        name: FakeCluster(cases.project.directory / f"{name}.json") for name in ("dev", "stg")
    }

    def connect(kubeconfig: str | None, context: str | None) -> FakeCluster:
        assert context is not None
        return clusters[context]

    cases.configure(case="other_cluster", size=1)
    cases.up(connect=connect)
    cases.configure(size=2)
    outcome = cases.up(connect=connect)
    assert changed(outcome) == ["replace cluster", "replace items"]
    assert (list(clusters["dev"].objects), list(clusters["stg"].objects)) == ([], [TOPIC])
    assert cases.up(connect=connect).changed == ()
    assert [item for item in _all(cases) if item.get("delete")] == []


def test_a_custom_timeout_ends_the_wait(cases: Sandbox) -> None:
    cases.configure(case="custom_timeouts")
    cases.up()
    assert cases.resources()["items"]["customTimeouts"] == {"create": 1.0, "delete": 120.0}


def test_without_a_forbidding_configuration_there_is_one_default_provider(cases: Sandbox) -> None:
    file = cases.project.directory / "Pulumi.dev.yaml"
    file.write_text("config:\n  kubernetes:context: dev\n")
    cases.configure(case="default_provider")
    cases.up()
    (default,) = [
        name for name, item in cases.resources().items() if item["type"].endswith(":kubernetes")
    ]
    assert cases.resources()[default]["inputs"]["context"] == "dev"


def test_a_default_provider_that_cannot_be_used_is_told_with_every_resource(cases: Sandbox) -> None:
    file = cases.project.directory / "Pulumi.dev.yaml"
    file.write_text("config:\n  kubernetes:renderYamlToDirectory: out\n")
    cases.configure(case="default_provider")
    with pytest.raises(engine.UnservedError) as refused:
        cases.preview()
    assert sorted(str(refused.value).splitlines()) == [
        "KafkaTopic 'items': the provider settings renderYamlToDirectory are not served by this engine.",
        "KafkaTopic 'prices': the provider settings renderYamlToDirectory are not served by this engine.",
    ]


def test_secrets_of_the_configuration_are_masked_wherever_the_program_says_them(
    cases: Sandbox,
) -> None:
    cases.configure(case="secrets", password={"secure": _sealed(cases, "tr0ub4dor-and-3")})
    outcome = cases.up()
    said = {item.message for item in outcome.diagnostics}
    assert said == {"the password is [secret]", "it is [secret]"}
    inputs = cases.resources()["items"]["inputs"]["spec"]["config"]
    assert "ciphertext" in inputs["password"]
    assert "ciphertext" in cases.resources()["items"]["outputs"]["status"]
    assert "tr0ub4dor" not in cases.state_file.read_text()
    assert cases.cluster.objects[TOPIC]["spec"]["config"]["password"] == "tr0ub4dor-and-3"


def test_a_traceback_shows_no_secret(cases: Sandbox) -> None:
    cases.configure(case="crash_with_secret", password={"secure": _sealed(cases, "tr0ub4dor-3")})
    with pytest.raises(engine.ProgramBugError) as broken:
        cases.preview()
    assert "RuntimeError: no luck with [secret]" in str(broken.value)
    assert "tr0ub4dor" not in str([broken.value, cases.events])


def test_structured_and_partly_secret_configuration_reaches_the_program(cases: Sandbox) -> None:
    tree = {"a": [1, "on", {"secure": _sealed(cases, "hidden-value")}], "b": {"c": True}}
    cases.configure(case="structured", tree=tree, flag=True)
    assert cases.preview().outputs == {
        "flag": True,
        "read": {"a": [1, "on", "hidden-value"], "b": {"c": True}},
    }


def test_get_is_unknown_in_a_preview_and_read_when_deploying(cases: Sandbox) -> None:
    cases.configure(case="read_secret")
    cases.cluster.add(_secret("theirs", "cGFzc3dvcmQtb2YtdGhlaXJz"), manager="strimzi")
    assert cases.preview().outputs == {"password": "[unknown]"}
    assert cases.cluster.reads == []
    cases.up()
    assert cases.cluster.objects[TOPIC]["spec"] == {"password": "cGFzc3dvcmQtb2YtdGhlaXJz"}
    assert "cGFzc3dvcmQ" not in cases.state_file.read_text()
    assert cases.preview().outputs == {"password": "[secret]"}
    cases.destroy()
    assert list(cases.cluster.objects) == ["Secret shop/theirs"]


def test_get_of_a_name_that_follows_from_a_status(cases: Sandbox) -> None:
    cases.configure(case="read_derived")
    cases.cluster.add(_secret("items-secret", "eA=="), manager="strimzi")
    assert cases.preview().outputs == {"keys": "[unknown]"}
    assert cases.up().outputs == {"keys": "[secret]"}


def test_get_of_what_is_not_there_says_so(cases: Sandbox) -> None:
    cases.configure(case="read_secret")
    with pytest.raises(engine.DeploymentError) as failed:
        cases.up()
    assert str(failed.value) == "Secret 'theirs': there is no 'shop/theirs' on its cluster."


def test_a_failure_stops_the_waits_of_the_others(cases: Sandbox) -> None:
    cases.configure(case="many", size=3)
    waiting = {"topic-0", "topic-1"}
    cases.cluster.never_ready = waiting

    def refuse(moment: str, verb: str, name: str) -> None:
        if name == "topic-2":
            raise _api_error()

    cases.cluster.around_write = refuse
    with pytest.raises(engine.DeploymentError, match="no such quota"):
        cases.up()
    assert len(cases.cluster.objects) <= len(waiting)


def test_the_state_is_in_pulumis_order_and_form(cases: Sandbox) -> None:
    cases.configure(case="moved", size=1)
    cases.up()
    raw = json.loads(cases.state_file.read_text())
    assert raw["version"] == 3
    urns = [item["urn"] for item in _all(cases)]
    for item in _all(cases):
        needed = [item.get("parent"), *item.get("dependencies", ())]
        needed.append((item.get("provider") or "::").rpartition("::")[0])
        assert all(urns.index(urn) < urns.index(item["urn"]) for urn in needed if urn)


def _all(sandbox: Sandbox) -> list[JsonObject]:
    resources: list[JsonObject] = json.loads(sandbox.state_file.read_text())["deployment"][
        "resources"
    ]
    return resources


def _api_error() -> Exception:
    return ApiError(403, "Forbidden", "no such quota")


def _secret(name: str, value: str) -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "shop"},
        "data": {"password": value},
    }


def _sealed(sandbox: Sandbox, text: str) -> Any:
    """Encrypt a configuration value as ``pulumi config set --secret`` does."""
    file = sandbox.project.directory / "Pulumi.dev.yaml"
    content = yaml.safe_load(file.read_text())
    salt = content.get("encryptionsalt")
    crypter = (
        PassphraseCrypter(PASSPHRASE, salt, stack="dev")
        if salt
        else PassphraseCrypter.create(PASSPHRASE, stack="dev")
    )
    file.write_text(yaml.safe_dump({**content, "encryptionsalt": crypter.salt}))
    return crypter.encrypt(text)
