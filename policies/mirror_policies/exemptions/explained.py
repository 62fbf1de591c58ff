"""An exemption is a decision: it names a rule that exists and gives the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import EXEMPTIONS
from mirror_policies.objects import EXEMPTION, KubernetesObject
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation

ID: Final = "exemptions-explained"


def exemptions_explained(ids: Iterable[str], kinds: Iterable[str]) -> ObjectRule:
    """Return the rule on exemptions from the rules of these ids, on objects of these kinds."""
    return ObjectRule(
        id=ID,
        title="Every exemption names a rule of the pack and gives a reason",
        family=Family.EXEMPTIONS,
        level=Level.MANDATORY,
        severity=Severity.MEDIUM,
        why=(
            "An exemption from a rule that does not exist, or without a reason, exempts from nothing "
            "and hides that from whoever reads it."
        ),
        fix=f'Write the annotation `{EXEMPTION}<rule>: "<reason>"`.',
        link=EXEMPTIONS,
        tags=("exemption",),
        kinds=frozenset(kinds),
        check=_judge(frozenset(ids)),
    )


def _judge(ids: frozenset[str]) -> Callable[[KubernetesObject, Settings], Iterable[Remark]]:
    def judge(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
        for annotation in found.annotations.members():
            name = annotation.key.removeprefix(EXEMPTION)
            if name == annotation.key:
                continue
            if name not in ids:
                yield Violation(
                    annotation,
                    f"the pack has no rule '{printable(name)}', so nothing is exempted. Correct the name",
                )
            elif not annotation.is_unknown and not (annotation.text or "").strip():
                yield Violation(
                    annotation, "no reason is given, so the rule still holds. Write down why"
                )

    return judge
