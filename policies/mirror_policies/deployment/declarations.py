"""How a Pulumi program declares the objects of a site: where to, how long, and awaited or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import PULUMI_AWAIT, PULUMI_PROTECT, PULUMI_PROVIDERS
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, NODE_POOL, TOPIC
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER
from mirror_policies.reading.users import USER
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Scope,
    Settings,
    Severity,
    StackRule,
    Violation,
)

ALL_KINDS: Final = frozenset(
    {KAFKA, EVENT_STREAMS, NODE_POOL, TOPIC, USER, MIRROR_MAKER, CONNECT, CONNECTOR}
)
WAIT_FOR: Final = "pulumi.com/waitFor"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
DISABLED: Final = "pulumi:disable-default-providers"


def _judge_provider(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.declaration is not None and found.declaration.is_provider_default:
        yield Violation(
            found.root,
            "it is declared with Pulumi's default provider: it goes to whatever cluster the kubeconfig "
            "of the moment points at. Give it the provider of its site (opts.provider)",
        )


EXPLICIT_PROVIDER: Final = ObjectRule(
    id="explicit-provider",
    title="Every object is declared with the provider of its site",
    family=Family.DEPLOYMENT,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Pulumi's default provider takes the current context of the kubeconfig: the objects of one "
        "site land in another one's cluster, beside those that belong there."
    ),
    fix="Make one `kubernetes.Provider` for each site and pass it to its objects or their parent.",
    link=PULUMI_PROVIDERS,
    tags=("pulumi",),
    kinds=ALL_KINDS,
    scope=Scope.PULUMI,
    check=_judge_provider,
)


def _judge_defaults(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    if stack.settings is None:
        return
    disabled = stack.settings["config"][DISABLED]
    named = {one.text for one in disabled.elements()} | {disabled.text}
    if not disabled.is_unknown and not named & {"kubernetes", "*"}:
        yield Violation(
            disabled,
            "default providers of kubernetes are not disabled: an object without a provider would go "
            "to whatever cluster the kubeconfig points at. Write [kubernetes]",
        )


DEFAULT_PROVIDERS_DISABLED: Final = StackRule(
    id="default-providers-disabled",
    title="The stack lets Pulumi choose no Kubernetes cluster by itself",
    family=Family.DEPLOYMENT,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "One forgotten provider and an object of production goes to the cluster that somebody looked "
        "at last."
    ),
    fix="Write `pulumi:disable-default-providers: [kubernetes]` into the stack's configuration.",
    link=PULUMI_PROVIDERS,
    tags=("pulumi",),
    kinds=frozenset({"Stack"}),
    scope=Scope.PULUMI,
    check=_judge_defaults,
)


def _judge_protected(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.declaration is not None and not found.declaration.is_protected:
        yield Violation(
            found.root,
            "it is not protected: `pulumi destroy`, or a change that replaces it, deletes the cluster "
            "with its records. Set opts.protect",
        )


PRODUCTION_PROTECTED: Final = ObjectRule(
    id="production-protected",
    title="Clusters of production are protected",
    family=Family.DEPLOYMENT,
    level=Level.DISABLED,
    production=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why="An unprotected cluster is deleted with its records by one command or one renamed resource.",
    fix="Set `protect=True` on the Kafka and its node pools (`production: true` on the site).",
    link=PULUMI_PROTECT,
    tags=("pulumi",),
    kinds=frozenset({KAFKA, EVENT_STREAMS, NODE_POOL}),
    scope=Scope.PULUMI,
    check=_judge_protected,
)

_AWAITED: Final = frozenset({KAFKA, EVENT_STREAMS, USER, TOPIC, MIRROR_MAKER, CONNECT, CONNECTOR})


def _judge_awaited(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    wait: Field = found.annotations[WAIT_FOR]
    if found.annotations.is_unknown or wait.is_unknown:
        return
    if found.kind == NODE_POOL:
        if wait.text is not None:
            yield Violation(
                wait,
                "operators write no condition into a KafkaNodePool: the deployment would wait until its "
                "timeout. Remove the annotation and await the Kafka",
            )
    elif wait.is_absent and found.annotations[SKIP_AWAIT].text != "true":
        yield Violation(
            wait,
            "nothing waits for the operator: the deployment ends while the object may be refused a "
            "moment later. Write condition=Ready",
        )


AWAITED: Final = ObjectRule(
    id="objects-awaited",
    title="A deployment waits until the operator has taken each object",
    family=Family.DEPLOYMENT,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "Pulumi knows nothing of custom resources: without the annotation a deployment succeeds while "
        "the operator refuses what was deployed."
    ),
    fix='Annotate it with `pulumi.com/waitFor: "condition=Ready"`; a KafkaNodePool has no such condition.',
    link=PULUMI_AWAIT,
    tags=("pulumi",),
    kinds=_AWAITED | {NODE_POOL},
    scope=Scope.PULUMI,
    check=_judge_awaited,
)

RULES: Final = (EXPLICIT_PROVIDER, DEFAULT_PROVIDERS_DISABLED, PRODUCTION_PROTECTED, AWAITED)
