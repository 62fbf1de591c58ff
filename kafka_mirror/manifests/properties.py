"""A flow as the file of MirrorMaker 2 in dedicated mode: ``connect-mirror-maker.sh mm2.properties``, for a machine without Kubernetes.

One file is one flow, because names and intervals of the worker are those of its target. Source of what goes under which prefix:
``MirrorMakerConfig`` of Kafka 4.3. Dedicated mode starts a heartbeat connector whatever its file says. It emits nothing here, but
asks once to create the topic ``heartbeats``; refused, it goes on (``tests/lab/rights/test_workers_outside.py``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kafka_mirror.errors import DialectError, Problem
from kafka_mirror.manifests.files import (
    SiteFiles,
    client_settings,
    login_file,
    provider_settings,
    trust_file,
)
from kafka_mirror.manifests.outside import unsayable_outside
from kafka_mirror.manifests.settings import (
    as_text,
    checkpoint_settings,
    filters,
    source_settings,
    worker_place,
    worker_settings,
)
from kafka_mirror.planning import CertificateLogin, FlowPlan
from kafka_mirror.topology.paths import path

if TYPE_CHECKING:
    from jinja2 import Environment

DIALECT: Final = "properties"

_ESCAPED: Final = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"})
_ESCAPED_IN_KEYS: Final = str.maketrans(
    {":": r"\:", "=": r"\=", " ": r"\ ", "#": r"\#", "!": r"\!"}
)
_FIRST_NON_ASCII: Final = 128


def properties(plan: FlowPlan, *, source: SiteFiles, target: SiteFiles) -> str:
    """Return the text of ``mm2.properties``.

    Args:
        plan: Of the flow.
        source: How the worker reaches the source.
        target: How it reaches the target.

    Raises:
        DialectError: What dedicated mode has no words for.
    """
    problems = list(_unsayable(plan))
    if problems:
        raise DialectError(problems)
    connector = {**checkpoint_settings(plan), **source_settings(plan), **filters(plan)}
    return (
        _environment()
        .get_template("mm2.properties.j2")
        .render(
            flow=plan,
            clients={
                plan.source.site: client_settings(plan.source, source),
                plan.target.site: client_settings(plan.target, target),
            },
            providers=provider_settings(target),
            worker={**worker_place(plan), **worker_settings(plan)},
            connector=connector,
            logins=[
                (login_file(end, files), isinstance(end.login, CertificateLogin))
                for end, files in ((plan.source, source), (plan.target, target))
            ],
            trusted=[
                one
                for one in (trust_file(plan.source, source), trust_file(plan.target, target))
                if one is not None
            ],
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import (  # noqa: PLC0415 - slow import, which every preview starts without
        Environment,
        PackageLoader,
        StrictUndefined,
    )

    environment = Environment(
        loader=PackageLoader("kafka_mirror.manifests"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - a properties file, escaped as such
    )
    environment.filters |= {"key": _key, "value": _value}
    return environment


def _unsayable(plan: FlowPlan) -> list[Problem]:
    where = ("flows", plan.name)
    problems = list(unsayable_outside(plan, DIALECT))
    if plan.state != "running":
        problems.append(
            Problem(
                path(*where, "state"),
                f"the dialect {DIALECT} cannot say {plan.state}: MirrorMaker in dedicated mode runs what its file "
                "names. Stop the process, or write running",
            )
        )
    if plan.workers.transactions is not False:
        problems.append(
            Problem(
                path(*where, "exactlyOnce"),
                f"the dialect {DIALECT} cannot say exactly-once: workers in dedicated mode would have to reach each "
                "other for it (KIP-710), and one file does not know their addresses. Write false, or render connect",
            )
        )
    if plan.workers.replicas > 1:
        problems.append(
            Problem(
                path(*where, "replicas"),
                f"the dialect {DIALECT} cannot say {plan.workers.replicas} workers: they would have to reach each other, "
                "and one file does not know their addresses. Write 1",
            )
        )
    return problems


def _key(text: Any) -> str:
    return _value(text).translate(_ESCAPED_IN_KEYS)


def _value(value: Any) -> str:
    r"""Return a value as ``java.util.Properties`` reads it: Latin-1, the backslashes of patterns doubled."""
    text = as_text(value).translate(_ESCAPED)
    if text.startswith(" "):
        text = f"\\{text}"
    return "".join(one if ord(one) < _FIRST_NON_ASCII else _unicode(one) for one in text)


def _unicode(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
