"""The pack as Pulumi runs it: a process of its own that is asked over gRPC."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.json_format import ParseDict
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from mirror_policies import RULES
from mirror_policies.fields import ABSENT, UNKNOWN
from mirror_policies.pulumi_pack import plain
from tests.policies import resources
from tests.policies.resources import (
    Change,
    Resource,
    at,
    kafka,
    node_pool,
    source_config,
    target_config,
)

POLICIES = Path(__file__).parents[2] / "policies"
FACTOR = source_config("replication.factor")
FACTOR_PATH = 'spec.mirrors[0].sourceConnector.config["replication.factor"]'
NAME = "KafkaMirrorMaker2 stg/dev-to-stg"
URN = "urn:pulumi:stg::kafka-mirror::kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2::flow"


def mirror_maker(*changes: Change) -> Resource:
    """Make a valid KafkaMirrorMaker2 as a program declares it, then apply the changes."""
    awaited = (("metadata", "annotations"), {"pulumi.com/waitFor": "condition=Ready"})
    return resources.mirror_maker(awaited, *changes)


@dataclass
class Pack:
    """A running pack, and how long it took until it answered."""

    stub: analyzer_pb2_grpc.AnalyzerStub
    started_after: float

    def analyze(self, properties: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
        request = analyzer_pb2.AnalyzeRequest(urn=URN, properties=struct(properties), **more)
        return said(self.stub.Analyze(request))

    def analyze_stack(self, *resources: dict[str, Any], provider: str = "") -> Any:
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(urn=f"urn:{index}", properties=struct(resource))
                for index, resource in enumerate(resources)
            ]
        )
        # That the source is not shown goes without saying here.
        found = self.stub.AnalyzeStack(request).diagnostics
        return [one for one in found if one.policyName != "source-site-shown"]

    def configure(self, **entries: tuple[int, dict[str, Any]]) -> None:
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, (level, properties) in entries.items():
            entry = request.policyConfig[name.replace("_", "-")]
            entry.enforcementLevel = level
            entry.properties.CopyFrom(struct(properties))
        self.stub.Configure(request)


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return ParseDict(properties, struct_pb2.Struct())


def said(response: Any) -> list[tuple[str, str, str]]:
    """Return rule, level and message, without the description that Pulumi puts before it."""
    return [
        (
            diagnostic.policyName,
            analyzer_pb2.EnforcementLevel.Name(diagnostic.enforcementLevel).lower(),
            diagnostic.message.removeprefix(f"{diagnostic.description}\n"),
        )
        for diagnostic in response.diagnostics
    ]


def stop(process: subprocess.Popen[bytes]) -> None:
    # Ctrl-C lets the pack end by itself, so that coverage is written; it may have been inherited as
    # ignored.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=30)
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Pack]:
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(POLICIES / "__main__.py")],
        stdout=subprocess.PIPE,
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = analyzer_pb2_grpc.AnalyzerStub(channel)
            stub.GetAnalyzerInfo(empty_pb2.Empty(), wait_for_ready=True, timeout=30)
            yield Pack(stub, time.monotonic() - begun)
    finally:
        stop(process)


@pytest.fixture
def pack(running: Pack) -> Pack:
    running.configure()
    return running


def test_the_pack_tells_pulumi_all_about_its_rules(pack):
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "kafka-mirror"
    assert [policy.name for policy in info.policies] == [rule.id for rule in RULES]
    for policy, rule in zip(info.policies, RULES, strict=True):
        assert policy.description == rule.why
        assert policy.displayName == rule.title
        assert policy.remediation_steps == rule.fix
        assert policy.url == rule.link
        assert list(policy.tags) == [rule.family, *rule.tags]
        assert analyzer_pb2.EnforcementLevel.Name(policy.enforcementLevel).lower() == rule.level
        assert rule.severity.upper() in analyzer_pb2.PolicySeverity.Name(policy.severity)


def test_a_threshold_has_a_schema_that_pulumi_can_check(pack):
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty())
    schema = next(p for p in info.policies if p.name == "replication-factor-declared").configSchema
    minimum = dict(schema.properties["minimum"])
    assert (minimum["type"], minimum["default"], minimum["minimum"]) == ("integer", 1, 1)


def test_a_sound_resource_passes(pack):
    assert pack.analyze(mirror_maker()) == []


def test_a_violation_says_object_path_and_message(pack):
    assert pack.analyze(mirror_maker((FACTOR, 0))) == [
        (
            "replication-factor-declared",
            "mandatory",
            (
                f"{NAME}, {FACTOR_PATH}: replication.factor is 0, which is no number of copies. "
                "Write a number from 1 up, or -1 for the broker's default"
            ),
        )
    ]


def test_an_unknown_value_does_not_hide_a_violation_beside_it(pack):
    broken = mirror_maker(
        (FACTOR, UNKNOWN_STRING_VALUE),
        (source_config("offset-syncs.topic.replication.factor"), ABSENT),
    )
    levels = [(rule, level) for rule, level, _ in pack.analyze(broken)]
    assert levels == [
        ("replication-factor-declared", "advisory"),
        ("replication-factor-declared", "mandatory"),
    ]


def test_what_hangs_on_an_unknown_value_is_said_and_stops_nothing(pack):
    assert pack.analyze(mirror_maker((FACTOR, UNKNOWN_STRING_VALUE))) == [
        (
            "replication-factor-declared",
            "advisory",
            (f"{NAME}, {FACTOR_PATH}: not judged yet: it can be judged once it is known"),
        )
    ]


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({}, id="no Kubernetes object"),
        pytest.param({"apiVersion": UNKNOWN_STRING_VALUE}, id="unknown API version"),
        pytest.param({"apiVersion": 3, "kind": {}}, id="wrong types"),
        pytest.param({"apiVersion": "v1", "kind": "Secret", "data": {"a": "b"}}, id="a Secret"),
        pytest.param({"apiVersion": "kafka.strimzi.io/v1"}, id="no kind"),
    ],
)
def test_other_resources_pass(pack, properties):
    assert pack.analyze(properties) == []


def test_resources_are_known_by_their_content_not_by_their_type(pack):
    broken = mirror_maker((at("spec.target.tls"), ABSENT))
    for kind in ("kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2", "strimzi:v1:MirrorMaker"):
        rules = {rule for rule, _, _ in pack.analyze(broken, type=kind)}
        assert rules == {"login-only-over-tls"}


def test_a_stack_rule_points_at_the_resource_that_breaks_it(pack):
    (diagnostic,) = pack.analyze_stack(kafka(), mirror_maker((FACTOR, 4)), node_pool(3))
    assert diagnostic.policyName == "replication-factor-fits-brokers"
    assert diagnostic.urn == "urn:1"
    assert diagnostic.message.endswith(
        f"{NAME}, {FACTOR_PATH}: replication.factor is 4, Kafka stg/stg has 3 brokers "
        "(KafkaNodePool broker: 3): the flow could not create its topics. Write 3 or less, or add "
        "brokers"
    )


def test_an_unknown_address_still_lets_a_stack_rule_speak(pack):
    unknown = mirror_maker((FACTOR, 4), (at("spec.target.bootstrapServers"), UNKNOWN_STRING_VALUE))
    assert [d.policyName for d in pack.analyze_stack(unknown, node_pool(3))] == [
        "replication-factor-fits-brokers"
    ]


def test_pulumis_configuration_sets_levels_and_thresholds(pack):
    pack.configure(replication_factor_declared=(analyzer_pb2.ADVISORY, {"minimum": 4}))
    findings = pack.analyze(mirror_maker((FACTOR, 4)))
    assert {(rule, level) for rule, level, _ in findings} == {
        ("replication-factor-declared", "advisory")
    }
    assert "is 3, the minimum here is 4" in findings[0][2]
    pack.configure(login_only_over_tls=(analyzer_pb2.DISABLED, {}))
    assert pack.analyze(mirror_maker((at("spec.target.tls"), ABSENT))) == []


def test_a_secret_in_a_resource_is_never_repeated(pack):
    hidden = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": "hidden-value",
    }
    broken = mirror_maker((target_config("sasl.jaas.config"), hidden), (FACTOR, ABSENT))
    findings = pack.analyze(broken)
    assert {rule for rule, _, _ in findings} >= {"no-inline-credentials"}
    assert "hidden-value" not in str(findings)


def test_the_pack_starts_fast(running):
    # A limit that shows an import gone wrong, not a measurement: it takes 0.4 s.
    assert running.started_after < 10


def test_plain_data_keeps_what_is_known_and_marks_what_is_not():
    proxied = unknown_checking_proxy(
        {"a": [1.0, {"b": UNKNOWN_STRING_VALUE}], "c": 0.5, "d": UNKNOWN_STRING_VALUE, "e": None}
    )
    known: Any = plain(proxied)
    assert known == {"a": [1, {"b": UNKNOWN}], "c": 0.5, "d": UNKNOWN, "e": None}
    assert isinstance(known["a"][0], int)
