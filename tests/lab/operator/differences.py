"""Every difference between what the real operators were recorded to write and what the lab's stand-in writes, with its reason.

A difference is a place in a recorded case, ``<case>/<file>#<path in the file>``. The tests compare everything that was recorded; they
fail on a difference that stands not here, and on an entry here that no difference needs any more.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.settings import BROKER_SETTINGS, WORKER_SETTINGS

ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Known:
    """Differences that must be.

    Attributes:
        where: A pattern of their places, as the shell's.
        why: What makes them necessary.
    """

    where: str
    why: str


NOT_RUN = (
    "the lab runs processes, so there is no workload, network, account or right in the cluster"
)
LOOPBACK = "the lab has no cluster network: every process listens on ports of the loopback address"
DIRECTORIES = "the lab has no containers: directories are its own"
SECRETS = "the lab has no service accounts: Secrets are files of the process, read by Kafka's own provider of directories"
SETTING = "a setting that only a lab makes, where the resource makes none (lab/settings.py)"
IMAGE = "the class is in Strimzi's image and nowhere else, and what it would send has no receiver in a lab"
_PROVIDERS = "config~providers~strimzi"
LATE = "recorded before the reconciliation of the step itself had ended: observedGeneration is not generation"

KNOWN = (
    *(
        Known(f"*/objects.yaml#{kind} *", NOT_RUN)
        for kind in (
            "StrimziPodSet",
            "Pod",
            "Deployment",
            "Service",
            "ServiceAccount",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "Role",
            "RoleBinding",
            "ClusterRoleBinding",
        )
    ),
    *(
        Known(f"*/worker.properties#run.{key}", why)
        for key, why in {
            "listeners": LOOPBACK,
            "rest~advertised~port": LOOPBACK,
            "plugin~path": DIRECTORIES,
            f"{_PROVIDERS}secrets~class": SECRETS,
            f"{_PROVIDERS}dir~param~allowed~paths": SECRETS,
            "*interceptor~classes": IMAGE,
            "*metric~reporters": IMAGE,
            "*prometheus~metrics~reporter~*": IMAGE,
            "consumer~client~rack": DIRECTORIES,
            **{key.replace(".", "~"): SETTING for key in WORKER_SETTINGS},
        }.items()
    ),
    *(
        Known(f"*/connectors.json#run.*.{key}", why)
        for key, why in {
            "*interceptor~classes": IMAGE,
            "metric~reporters": IMAGE,
            "prometheus~metrics~reporter~*": IMAGE,
            "consumer~client~rack": DIRECTORIES,
        }.items()
    ),
    *(
        Known(f"kafka-cr/server.properties#run.{key}", why)
        for key, why in {
            "controller~quorum~voters": LOOPBACK,
            "listeners": LOOPBACK,
            "advertised~listeners": LOOPBACK,
            "log~dirs": DIRECTORIES,
            "metadata~log~dir": DIRECTORIES,
            f"{_PROVIDERS}secrets~class": SECRETS,
            f"{_PROVIDERS}dir~param~allowed~paths": SECRETS,
            f"{_PROVIDERS}file~param~allowed~paths": SECRETS,
            **{key.replace(".", "~"): SETTING for key in BROKER_SETTINGS},
        }.items()
    ),
    Known(
        "*/objects.yaml#ConfigMap *-config.dataKeys.log4j2~properties",
        "the lab writes logging beside the process: its files are the lab's",
    ),
    Known(
        "mm2-metrics-jmx/objects.yaml#ConfigMap *.dataKeys.metrics-config~json",
        "the lab runs no metrics exporter",
    ),
    Known(
        "kafka-cr/objects.yaml#ConfigMap dev-*",
        "the lab writes the files of a node beside its process, and its operator for users and topics needs none",
    ),
    Known(
        "kafka-cr/objects.yaml#Secret dev-entity-*-operator-certs",
        "the lab's operator is one process with one certificate, that of the cluster operator",
    ),
    Known(
        "mm2-pod-not-ready/status.yaml#status.conditions.0.message",
        "the wait is 60 s in the lab and was set to 20 s in the recording",
    ),
    Known(
        "mm2-alias-duplicate/events.txt#*",
        "the real operator asks Connect thousands of times; the lab says that it would, and asks once",
    ),
    Known(
        "user-scram-password-change/steps.yaml#*.applied",
        "times are not compared: a machine that has much to do is late by itself",
    ),
    Known("mm2-state/phases.yaml#config changed.status.observedGeneration", LATE),
    Known("mm2-state/phases.yaml#annotation pause-reconciliation removed.*", LATE),
    Known("mm2-state/phases.yaml#replicas 2 -> 0.*", LATE),
)

# Files that are compared with nothing.
NOT_COMPARED = (
    Known("kafka-cr/events.txt", "holds log lines of the real operator alone"),
    Known(
        "user-acls-admin-api-unsupported/steps.yaml",
        "needs a cluster without an authorizer of its own; its words are compared by test_user_model.py",
    ),
    *(
        Known(
            f"{case}/steps.yaml",
            "the broker had no authorizer (or no CA) and its user operator was told it had: no Kafka resource leads there",
        )
        for case in ("user-no-authorizer-scram", "user-acls-no-authorizer", "user-tls-no-ca")
    ),
)


def differences(recorded: Any, made: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the places where two values differ, with what was recorded and what is made there."""
    if isinstance(recorded, Mapping) and isinstance(made, Mapping):
        for key in sorted({*recorded, *made}, key=str):
            place = f"{path}.{str(key).replace('.', '~')}".lstrip(".")
            yield from differences(recorded.get(key, ABSENT), made.get(key, ABSENT), place)
    elif isinstance(recorded, list) and isinstance(made, list):
        numbered = [dict(enumerate(value)) for value in (recorded, made)]
        yield from differences(numbered[0], numbered[1], path)
    elif recorded != made or type(recorded) is not type(made):
        yield path, recorded, made


def known(where: str) -> Known | None:
    """Return the entry that allows a difference at a place."""
    return next((entry for entry in KNOWN if fnmatch.fnmatchcase(where, entry.where)), None)
