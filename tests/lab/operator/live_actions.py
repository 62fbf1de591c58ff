"""What was done in each step of the recorded cases of users and topics: the recordings name the steps, in words alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from lab.operator.acls import declared_acls
from lab.operator.objects import PAUSE_ANNOTATION
from tests.lab.operator.live import eventually
from tests.lab.operator.live_replay import COPIED, Replay

_API = "v1"


def act(replay: Replay, case: str, step: str) -> None:
    """Do what was done in one step of a case."""
    known = _ACTIONS.get((case, step)) or _ANYWHERE.get(step)
    assert known is not None, f"it is not known what was done in step {step!r} of {case}"
    known(replay)


def _spec(**spec: Any) -> Callable[[Replay], None]:
    """Return the step that changes parts of an object's spec; None takes a part away."""

    def act(replay: Replay) -> None:
        merged = {**replay.object.get("spec", {}), **spec}
        replay.apply_spec({key: value for key, value in merged.items() if value is not None})

    return act


def _unpause(replay: Replay) -> None:
    replay.object["metadata"].get("annotations", {}).pop(PAUSE_ANNOTATION)
    replay.apply(replay.object)


def _shorten_acls(replay: Replay) -> None:
    rules = replay.object["spec"]["authorization"]["acls"][:1]
    replay.apply_spec(
        {
            **replay.object["spec"],
            "authorization": {"type": "simple", "acls": rules},
        }
    )


def _paused_then_copied(replay: Replay) -> None:
    replay.another("u-copy3", **{PAUSE_ANNOTATION: "true"})
    eventually(lambda: replay.site.get("KafkaUser", "u-copy3").get("status"), why="it is paused")
    replay.apply_copy("u-copy3")
    _unpause(replay)


def _overwritten(replay: Replay) -> None:
    replay.another("u-copy4")
    replay.wait_until_ready()
    replay.apply_secret("u-copy4", password=COPIED)


def _copied_in_one_go(replay: Replay) -> None:
    replay.apply_copy("u-copy2")
    replay.another("u-copy2")


def _made_by_hand(replay: Replay) -> None:
    def make() -> None:
        replay.admin.set_password("by-hand", "made-up")
        replay.admin.create_acls(_rules_by_hand())

    make()
    # The operator takes it away, and looks for such things whenever a user of another case comes or goes: maybe before it was seen.
    replay.again.append(make)


def _rules_by_hand() -> frozenset[Any]:
    rule = {"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]}
    return declared_acls("User:by-hand2", {"acls": [rule]})


def _adopted(replay: Replay) -> None:
    replay.admin.create_topic("existing", partitions=4, copies=1, config={})
    replay.apply(*replay.documents)


def _second_topic(replay: Replay) -> None:
    second = copy.deepcopy(replay.object)
    second["metadata"]["name"] = "t-second"
    replay.extra.append(("KafkaTopic", "t-second"))
    replay.apply(second)


def _touched(replay: Replay) -> None:
    replay.rotate("made-up-ref-4")
    replay.site.annotate("KafkaUser", "u-lat", touched="1")


_HOURS, _HOUR = {"retention.ms": 7200000}, {"retention.ms": 3600000}
_ANYWHERE: dict[str, Callable[[Replay], None]] = {
    "created": lambda replay: replay.apply(*replay.documents),
    "unpaused": _unpause,
    "KafkaUser deleted": Replay.delete,
    "KafkaTopic deleted": Replay.delete,
}
_ACTIONS: dict[tuple[str, str], Callable[[Replay], None]] = {
    ("user-acls", "ACL list shortened"): _shorten_acls,
    ("user-acls", "authorization removed"): _spec(authorization=None),
    ("user-auth-changed", "scram -> tls"): _spec(authentication={"type": "tls"}),
    ("user-auth-changed", "tls -> tls-external"): _spec(authentication={"type": "tls-external"}),
    ("user-auth-changed", "authentication removed"): _spec(authentication=None),
    ("user-quotas", "one quota removed, one changed"): _spec(
        quotas={"producerByteRate": 1048576, "requestPercentage": 60, "controllerMutationRate": 10}
    ),
    ("user-quotas", "quotas removed"): _spec(quotas=None),
    ("user-scram-generated", "Secret deleted by hand"): lambda replay: replay.site.delete(
        "Secret", "u-gen", api_version=_API
    ),
    ("user-scram-generated", "Secret password changed by hand"): lambda replay: replay.apply_secret(
        "u-gen", password="made-up-by-hand"
    ),
    ("user-scram-password-change", "referenced Secret changed to made-up-ref-2"): lambda replay: (
        replay.rotate("made-up-ref-2")
    ),
    ("user-scram-password-change", "referenced Secret changed to made-up-ref-3"): lambda replay: (
        replay.rotate("made-up-ref-3")
    ),
    (
        "user-scram-password-change",
        "referenced Secret changed, then any change to the KafkaUser (annotation)",
    ): _touched,
    (
        "user-scram-precreated-secret-labels",
        "Secret with both Strimzi labels created, no KafkaUser",
    ): lambda replay: replay.apply_copy("u-copy"),
    (
        "user-scram-precreated-secret-labels",
        "labelled Secret and KafkaUser created in one go",
    ): _copied_in_one_go,
    (
        "user-scram-precreated-secret-labels",
        "KafkaUser created paused, labelled Secret created, then unpaused",
    ): _paused_then_copied,
    (
        "user-scram-precreated-secret-labels",
        "KafkaUser first, its Secret's password then overwritten",
    ): _overwritten,
    ("user-scram-secretref", "referenced Secret changed"): lambda replay: replay.apply_secret(
        "u-ref-pw", pw="made-up-ref-2"
    ),
    ("user-scram-secretref", "referenced Secret deleted"): lambda replay: replay.site.delete(
        "Secret", "u-ref-pw", api_version=_API
    ),
    ("user-scram-secretref-missing", "Secret without the key created"): lambda replay: (
        replay.apply_secret("no-such-secret", other="x")
    ),
    ("user-scram-secretref-missing", "key added"): lambda replay: replay.apply_secret(
        "no-such-secret", pw="made-up-late"
    ),
    (
        "user-unknown-in-kafka",
        "SCRAM user by-hand and an ACL of User:by-hand2 made with Kafka's own tools",
    ): _made_by_hand,
    ("user-unknown-in-kafka", "after the next periodic reconciliation"): lambda replay: None,
    ("topic-adopt-existing", "created"): _adopted,
    ("topic-adopt-existing", "annotation strimzi.io/managed=false"): lambda replay: (
        replay.site.annotate("KafkaTopic", "existing", managed="false")
    ),
    ("topic-adopt-existing", "config changed while unmanaged"): _spec(config={"retention.ms": 1}),
    ("topic-adopt-existing", "KafkaTopic deleted while unmanaged"): Replay.delete,
    ("topic-basic", "partitions 3 -> 5"): _spec(partitions=5),
    ("topic-basic", "partitions 5 -> 2 (refused)"): _spec(partitions=2),
    ("topic-basic", "partitions back to 5"): _spec(partitions=5),
    ("topic-basic", "config changed and one added"): _spec(
        config={**_HOUR, "cleanup.policy": "compact,delete"}
    ),
    ("topic-basic", "config key removed"): _spec(config=_HOUR),
    ("topic-basic", "unknown config key"): _spec(config={**_HOUR, "no.such.key": "x"}),
    ("topic-basic", "bad config value"): _spec(config={"retention.ms": "abc"}),
    ("topic-basic", "config fixed"): _spec(config=_HOUR),
    ("topic-basic", "replicas 1 -> 3"): _spec(replicas=3),
    ("topic-basic", "replicas back to 1"): _spec(replicas=1),
    ("topic-basic", "topicName changed"): _spec(topicName="other"),
    ("topic-basic", "topicName change undone"): _spec(topicName=None),
    ("topic-basic", "config changed in Kafka by hand, then waited one interval"): lambda replay: (
        replay.admin.alter_topic_config("items", changed={"retention.ms": "1000"}, removed=())
    ),
    ("topic-basic", "topic deleted in Kafka by hand, then waited one interval"): lambda replay: (
        replay.admin.delete_topic("items")
    ),
    ("topic-name-field", "second KafkaTopic for the same topic"): _second_topic,
    ("topic-name-field", "second deleted"): lambda replay: replay.site.delete(
        "KafkaTopic", "t-second"
    ),
}
