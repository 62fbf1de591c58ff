"""Does to a running lab what was done in the recorded cases of users and topics, and writes down what comes of it as it was recorded."""

from __future__ import annotations

import base64
import copy
import json
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.objects import KIND_LABEL, name_of
from tests.lab.operator import normal_forms, recordings
from tests.lab.operator.differences import differences, known
from tests.lab.operator.live import LiveSite, eventually
from tests.lab.operator.resources import make_secret, make_user, scram

LIVE = ("user-*/steps.yaml", "topic-*/steps.yaml", "*-schema/results.yaml")
LIVE_PLACES = tuple(f"{files}#*" for files in LIVE)
_SITE = "dev"
_DEADLINE_SECONDS, _POLL_SECONDS = 90.0, 0.2
# Once a step has failed, those after it are likely to: nothing more is waited for long.
_DEADLINE_AFTER_A_FAILURE_SECONDS = 2.0
_AT_A_TIME = 6
_API = "v1"
_GENERATED = re.compile(r"[A-Za-z0-9]{32}")
_LABELLED = {"strimzi.io/cluster": _SITE, KIND_LABEL: "KafkaUser"}
COPIED = "made-up-copied"
# Where a step gives the object another topic's name, which does not count.
_TOPIC_NAMES = {"topic-basic": "items"}

# What a recorded step tells beside what was seen.
UNTOLD = ("step", "log", "note")
Step = Mapping[str, Any]
# Does what was done in one step of a case.
Act = Callable[["Replay", str, str], None]


@dataclass
class Replay:
    """One recorded case on its way through the lab."""

    site: LiveSite
    admin: KafkaAdmin
    case: Path
    documents: list[dict[str, Any]]
    steps: list[Step]
    act: Act
    name: str = ""
    kind: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    extra: list[tuple[str, str]] = field(default_factory=list)
    again: list[Callable[[], None]] = field(default_factory=list)
    patience: float = _DEADLINE_SECONDS

    @classmethod
    def of(cls, site: LiveSite, admin: KafkaAdmin, case: Path, act: Act) -> Replay:
        documents = [one for one in recordings.documents(case) if one["kind"] != "ConfigMap"]
        for one in documents:
            del one["metadata"]["uid"], one["metadata"]["generation"]
        found = cls(site, admin, case, documents, recordings.yaml_file(case / "steps.yaml"), act)
        for one in documents:
            if one["kind"] in ("KafkaUser", "KafkaTopic"):
                found.kind, found.name = one["kind"], name_of(one)
        return found

    def run(self) -> list[dict[str, Any]]:
        """Go through all steps, and return what was seen after each."""
        self._clear()
        try:
            return [self._step(step) for step in self.steps]
        finally:
            for document in self.documents:
                self._delete(document["kind"], name_of(document))
            for kind, name in self.extra:
                self._delete(kind, name)

    def _clear(self) -> None:
        """Take away what other tests of this lab have left under the case's names: each of its objects is a new one."""
        for one in self.documents:
            self._delete(one["kind"], name_of(one))
        eventually(lambda: not any(map(self._is_there, self.documents)), why="they have gone")

    def _is_there(self, one: Mapping[str, Any]) -> bool:
        found = self.site.api.find(one["apiVersion"], one["kind"], name_of(one), self.site.name)
        return found is not None

    def _step(self, step: Step) -> dict[str, Any]:
        label = step["step"]
        self.again.clear()
        self.act(self, self.case.name, label)
        deadline = time.monotonic() + self.patience
        # Kafka is asked last, and only if all else is as it is to be: many cases run beside each other.
        keys = sorted((key for key in step if key not in UNTOLD), key=lambda key: key == "kafka")
        while True:
            is_last = time.monotonic() > deadline
            seen: dict[str, Any] = {"step": label}
            for key in keys:
                seen[key] = self._value(key)
                if not self._is_expected(step, seen, key):
                    self.patience = _DEADLINE_AFTER_A_FAILURE_SECONDS if is_last else self.patience
                    if not is_last:
                        break
            else:
                return seen
            time.sleep(_POLL_SECONDS)
            for action in self.again:
                action()

    def _is_expected(self, step: Step, seen: Step, key: str) -> bool:
        prefix = f"{self.case.name}/steps.yaml#{step['step']}"
        found = differences(normal({key: step[key]}), normal({key: seen[key]}))
        return all(known(f"{prefix}.{place}") for place, _, _ in found)

    # What is done

    @property
    def object(self) -> dict[str, Any]:
        """The KafkaUser or KafkaTopic as it is to be."""
        return next(one for one in self.documents if one["kind"] == self.kind)

    def apply(self, *documents: dict[str, Any]) -> None:
        self.site.apply(*(copy.deepcopy(one) for one in documents))

    def apply_spec(self, spec: Mapping[str, Any]) -> None:
        change = _merge_patch(self.object.get("spec", {}), spec)
        self.object["spec"] = dict(spec)
        self.site.patch_spec(self.kind, self.name, **change)

    def apply_secret(self, name: str, **values: str) -> None:
        secret = make_secret(name, _SITE, **values)
        self.extra.append(("Secret", name))
        self.apply(secret)

    def apply_copy(self, name: str) -> None:
        """Make a Secret that looks like the User Operator's own."""
        secret = make_secret(name, _SITE, password=COPIED)
        secret["metadata"]["labels"] = _LABELLED
        self.extra.append(("Secret", name))
        self.apply(secret)

    def another(self, name: str, **annotations: str) -> None:
        """Go on with another user."""
        user = make_user(name, _SITE, _SITE, **scram())
        user["metadata"]["annotations"] = annotations
        self.kind, self.name = "KafkaUser", name
        self.documents = [user]
        self.extra.append((self.kind, name))
        self.apply(user)

    def rotate(self, password: str) -> None:
        """Change the Secret that holds the user's password."""
        self.passwords["the old"] = self.passwords.get("the new", "made-up-ref-1")
        self.passwords["the new"] = password
        self.apply_secret("u-lat-pw", pw=password)

    def delete(self) -> None:
        self.site.delete(self.kind, self.name)

    def wait_until_ready(self) -> None:
        self.site.wait_for(self.kind, self.name)

    def _delete(self, kind: str, name: str) -> None:
        self.site.delete(kind, name, api_version=_API) if kind == "Secret" else self.site.delete(
            kind, name
        )

    # What is seen

    def _value(self, key: str) -> Any:  # noqa: PLR0911 - one line for each key of the recordings
        match key:
            case "kafkaUser" | "kafkaTopic":
                return self._described(key == "kafkaUser")
            case "secret":
                return self._secret()
            case "kafka":
                return self._in_kafka()
            case "password":
                return "kept" if self._password() == COPIED else self._password()
            case "login":
                return self._login(COPIED)
            case "applied":
                return "(not timed)"
            case "result":
                is_gone = self.site.api.find(_API, "Secret", "u-copy", _SITE) is None
                return "Secret deleted by the User Operator within seconds" if is_gone else "kept"
            case "apiServer":
                return json.dumps(self.site.get(self.kind, "t-second").get("status"))
        who = key.removeprefix("login with ")
        return self._login(self.passwords.get(who, who))

    def _described(self, is_user: bool) -> dict[str, Any] | None:
        found = self.site.find(self.kind, self.name)
        if found is None:
            return None
        metadata = found["metadata"]
        described = {
            "finalizers": metadata.get("finalizers"),
            "generation": metadata["generation"],
            "status": found.get("status"),
        }
        if is_user:
            described["annotations"] = metadata.get("annotations")
        return described

    def _secret(self) -> dict[str, Any] | None:
        found = self.site.api.find(_API, "Secret", self.name, _SITE)
        if found is None or KIND_LABEL not in (found["metadata"].get("labels") or {}):
            return None
        metadata = found["metadata"]
        owners = metadata.get("ownerReferences") or []
        return {
            "annotations": metadata.get("annotations"),
            "data": _masked(found.get("data") or {}),
            "labels": metadata["labels"],
            "name": metadata["name"],
            "ownerReferences": [
                {key: value for key, value in owner.items() if key != "uid"} for owner in owners
            ],
            "type": found["type"],
        }

    def _password(self) -> str:
        return self.site.secret(self.name).get("password", "")

    def _login(self, password: str) -> str:
        client = AdminClient(self.site.client(self.name, password))
        try:
            client.list_topics(timeout=1.5)
        except KafkaException:
            return "rejected"
        return "accepted"

    def _in_kafka(self) -> list[str]:
        """Return what Kafka itself says of the case's users and topics, line by line."""
        if self.kind == "KafkaTopic":
            name = self.object["spec"].get("topicName", self.name)
            return self._topic_lines(_TOPIC_NAMES.get(self.case.name, name))
        names = {self.name} if self.name else {"by-hand", "by-hand2"}
        principals = {f"{prefix}{name}" for name in names for prefix in ("", "CN=")}
        acls = [f"acl {one}" for one in self.admin.acls() if one.principal[5:] in principals]
        quotas = [
            f"quota {{user={user}}} {{{_pairs(values)}}}"
            for user, values in self.admin.quotas.of_users().items()
            if user in principals
        ]
        described = self.admin._wait(self.admin._client.describe_user_scram_credentials())
        logins = [
            f"scram {user} [{', '.join(_login_info(one) for one in found.scram_credential_infos)}]"
            for user, found in described.items()
            if user in names
        ]
        return sorted(acls) + sorted(quotas) + sorted(logins)

    def _topic_lines(self, name: str) -> list[str]:
        found = self.admin.topic(name)
        if found is None:
            return []
        copies = ",".join(str(number) for number in sorted(set(found.copies)))
        config = f"config={{{_pairs(found.config)}}}"
        return [f"topic {name} partitions={found.partitions} replicas={copies} {config}"]


def replay_all(
    site: LiveSite, cases: list[Path], act: Act
) -> dict[str, Future[list[dict[str, Any]]]]:
    """Go through many cases to their ends, several at a time; return what was seen, by case."""
    admin = site.admin()
    # The longest first: the others find their time beside it.
    ordered = sorted(cases, key=lambda case: -len(recordings.yaml_file(case / "steps.yaml")))
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return {case.name: pool.submit(Replay.of(site, admin, case, act).run) for case in ordered}


def normal(step: Step) -> dict[str, Any]:
    """Return a step in comparable form."""
    found = {key: value for key, value in step.items() if key not in UNTOLD}
    if "apiServer" in found:
        found["apiServer"] = json.loads(found["apiServer"])
    if "kafka" in found:
        found["kafka"] = sorted(found["kafka"])
    return dict(normal_forms.masked(found))


def _merge_patch(old: Any, new: Any) -> Any:
    """Return the merge patch that makes one value of the other."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    return {
        key: None if key not in new else _merge_patch(old.get(key), new[key])
        for key in {*old, *new}
        if key not in new or old.get(key) != new[key]
    }


def _masked(data: Mapping[str, str]) -> dict[str, str]:
    raw = {key: base64.b64decode(value) for key, value in data.items()}
    password = raw.get("password", b"").decode()
    return {key: _mask(key, value, password) for key, value in raw.items()}


def _mask(key: str, value: bytes, password: str) -> str:
    if key.endswith(".p12"):
        return "<PKCS12>"
    text = value.decode()
    if key.endswith(".crt"):
        return f"<{text.count('BEGIN CERTIFICATE')} PEM certificate(s)>"
    if key.endswith(".key"):
        return f"<PEM {text.splitlines()[0].strip('-')}>"
    if key == "sasl.jaas.config":
        return text.replace(f'password="{password}"', 'password="<same as password>"')
    return "<32 characters>" if _GENERATED.fullmatch(text) else text


def _login_info(info: Any) -> str:
    mechanism = info.mechanism.name
    return f"ScramCredentialInfo{{mechanism={mechanism}, iterations={info.iterations}}}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={values[key]}" for key in sorted(values))
