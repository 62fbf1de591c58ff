"""How long the policy pack takes: a resource by itself, a stack of 2,000, and the same asked over gRPC."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from mirror_policies import check

CHECKOUT = Path(__file__).resolve().parents[1]
RESOURCES = 2_000
FLOWS = 20
ROUNDS = 5
MEGABYTES = 64 * 1024 * 1024

Resource = dict[str, Any]


def main() -> None:
    """Print the table."""
    stack = _stack()
    check(stack)
    print(f"the whole pack on {len(stack):,} resources, {FLOWS} flows among them")
    for kind in ("KafkaTopic", "KafkaUser", "KafkaMirrorMaker2"):
        one = [resource for resource in stack if resource["kind"] == kind][:50]
        each = _median(partial(_check_each, one)) / len(one)
        print(f"  one {kind:<20}{each * 1000:8.2f} ms  (to stay under 2 ms)")
    whole = _median(lambda: check(stack))
    print(f"  the stack together      {whole:8.2f} s   (to stay under 1 s)")
    print(f"    for each resource     {whole / len(stack) * 1000:8.2f} ms")
    analyze, analyze_stack = _over_grpc(stack)
    print(f"  asked by Pulumi, each   {analyze * 1000:8.2f} ms  (to stay under 2 ms; by the clock)")
    print(f"  asked for the stack     {analyze_stack:8.2f} s   (by the clock)")


def _check_each(resources: list[Resource]) -> None:
    for resource in resources:
        check([resource])


def _median(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds of the median round; of the processor, so that other work is no matter."""
    seconds = []
    for _ in range(ROUNDS):
        began = clock()
        work()
        seconds.append(clock() - began)
    return statistics.median(seconds)


def _over_grpc(stack: list[Resource]) -> tuple[float, float]:
    """Return the seconds for one resource, and for the stack, in a process of its own as Pulumi has it."""
    command = [sys.executable, str(CHECKOUT / "policies" / "__main__.py")]
    path = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "policies")])
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for
    properties = [ParseDict(resource, Struct()) for resource in stack]
    requests = [
        analyzer_pb2.AnalyzeRequest(urn=f"urn:{n}", properties=one)
        for n, one in enumerate(properties)
    ]
    resources = [
        analyzer_pb2.AnalyzerResource(urn=f"urn:{n}", properties=one)
        for n, one in enumerate(properties)
    ]
    together = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    limits = [("grpc.max_send_message_length", MEGABYTES), ("grpc.enable_http_proxy", 0)]
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=limits) as channel:
            stub = analyzer_pb2_grpc.AnalyzerStub(channel)
            stub.GetAnalyzerInfo(empty_pb2.Empty(), wait_for_ready=True, timeout=60)
            each = _median(lambda: [stub.Analyze(one) for one in requests], time.perf_counter)
            return each / len(requests), _median(
                lambda: stub.AnalyzeStack(together), time.perf_counter
            )
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        process.stdout.close()


def _stack() -> list[Resource]:
    """Make two sites, topics and users at both, and flows from one to the other."""
    made = [one for site in ("dev", "stg") for one in _site(site)]
    made += [_flow(number) for number in range(FLOWS)]
    users = [_user(site, number) for number in range(FLOWS * 10) for site in ("dev", "stg")]
    topics = [_topic(number) for number in range(RESOURCES - len(made) - len(users))]
    return [*made, *users, *topics]


def _object(kind: str, name: str, site: str, spec: dict[str, Any], *, of: str = "") -> Resource:
    labels = {"labels": {"strimzi.io/cluster": of}} if of else {}
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": site, **labels},
        "spec": spec,
    }


def _site(site: str) -> list[Resource]:
    listener = {"name": "tls", "port": 9093, "type": "internal", "tls": True}
    kafka = {
        "listeners": [{**listener, "authentication": {"type": "scram-sha-512"}}],
        "authorization": {"type": "simple"},
        "config": {"default.replication.factor": 3, "min.insync.replicas": 2},
    }
    return [
        _object(
            "KafkaNodePool", f"pool-{site}", site, {"replicas": 3, "roles": ["broker"]}, of=site
        ),
        _object("Kafka", site, site, {"kafka": kafka}),
    ]


def _topic(number: int) -> Resource:
    settings = {"retention.ms": 604_800_000}
    spec = {"partitions": 3, "replicas": 3, "config": settings}
    return _object("KafkaTopic", f"topic-{number}", "dev", spec, of="dev")


def _user(site: str, number: int) -> Resource:
    acls = [
        {"resource": {"type": "topic", "name": f"topic-{topic}"}, "operations": ["Read", "Write"]}
        for topic in range(number, number + 10)
    ]
    authorization = {"type": "simple", "acls": acls}
    spec = {"authentication": {"type": "scram-sha-512"}, "authorization": authorization}
    return _object("KafkaUser", f"user-{number}", site, spec, of=site)


def _flow(number: int) -> Resource:
    shared = {
        "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
        "offset-syncs.topic.location": "target",
    }
    copies = {
        **shared,
        "replication.factor": 3,
        "offset-syncs.topic.replication.factor": 3,
        "sync.topic.acls.enabled": False,
    }
    checkpoints = {
        **shared,
        "checkpoints.topic.replication.factor": 3,
        "sync.group.offsets.enabled": True,
    }
    names = {
        f"{what}StorageTopic": f"__flow-{number}-{what}" for what in ("config", "offset", "status")
    }
    worker = {f"{what}.storage.replication.factor": 3 for what in ("config", "offset", "status")}
    mirror = {
        "source": _end("dev", number),
        "sourceConnector": {"tasksMax": 2, "autoRestart": {"enabled": True}, "config": copies},
        "checkpointConnector": {"autoRestart": {"enabled": True}, "config": checkpoints},
        "topicsPattern": _topics_of(number),
        "groupsPattern": f"app-{number}-.*",
    }
    target = {**_end("stg", number), "groupId": f"flow-{number}", **names, "config": worker}
    spec = {"replicas": 2, "target": target, "mirrors": [mirror]}
    return _object("KafkaMirrorMaker2", f"flow-{number}", "stg", spec)


def _topics_of(number: int) -> str:
    """Return ten names, or for one flow in five a real pattern."""
    if number % 5 == 0:
        return f"topic-{number}[0-9]"
    return "|".join(f"topic-{n}" for n in range(number * 10, number * 10 + 10))


def _end(site: str, number: int) -> dict[str, Any]:
    return {
        "alias": site,
        "bootstrapServers": f"{site}-kafka-bootstrap.{site}.svc:9093",
        "tls": {"trustedCertificates": [{"secretName": f"{site}-ca", "pattern": "*.crt"}]},
        "authentication": {
            "type": "scram-sha-512",
            "username": f"user-{number}",
            "passwordSecret": {"secretName": f"flow-{number}-{site}", "password": "password"},
        },
    }


if __name__ == "__main__":
    main()
