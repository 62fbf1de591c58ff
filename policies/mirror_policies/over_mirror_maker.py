"""Write a rule over a KafkaMirrorMaker2 without saying each time what to do if half of it is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.mirror_maker import MirrorMaker, read_mirror_maker
from mirror_policies.rule import Remark, Settings, Undecided


def over_mirror_maker(
    judge: Callable[[MirrorMaker, Settings], Iterable[Remark]],
) -> Callable[[KubernetesObject, Settings], Iterable[Remark]]:
    """Turn a judgement of a MirrorMaker into the check of an ``ObjectRule``.

    What is known is judged; for each part of the structure that is not, the rule says so.
    """

    def check(found: KubernetesObject, settings: Settings) -> Iterator[Remark]:
        maker = found.reading(read_mirror_maker)
        for part in maker.unknown:
            yield Undecided(part, "what it holds can be judged once it is known")
        yield from judge(maker, settings)

    return check
