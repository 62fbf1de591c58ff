"""What a rule is, and what it can say about an object.

A rule is data about one way to fail silently, and one pure function that finds it. It yields
remarks: a ``Violation``, or ``Undecided`` where the answer hangs on a value that is not known before
deployment. Whoever runs the rule turns remarks into findings or into Pulumi diagnostics.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mirror_policies.fields import Field, integer_of, shown, unknowns_asked
from mirror_policies.objects import KubernetesObject, Stack

_KEBAB_CASE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Level(enum.StrEnum):
    """Whether a violation stops the deployment."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


class Severity(enum.StrEnum):
    """How much is lost when the rule is broken."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Family(enum.StrEnum):
    """The theme of a rule, and the package that holds it."""

    SHAPE = "shape"
    NAMING = "naming"
    DURABILITY = "durability"
    TRUST = "trust"
    RIGHTS = "rights"
    OFFSETS = "offsets"
    FILTERS = "filters"
    WORKERS = "workers"
    AGE = "age"
    DEPLOYMENT = "deployment"
    LICENSING = "licensing"
    EXEMPTIONS = "exemptions"


class Scope(enum.StrEnum):
    """Which objects a rule judges, by how they are declared."""

    BOTH = "both"
    PULUMI = "pulumi"
    MANIFEST = "manifest"


class Profile(enum.StrEnum):
    """Whom the resources serve: decides levels and thresholds where nothing else does."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check reports of one object.

    Attributes:
        rule: The id of the rule that speaks.
        level: ``mandatory`` or ``advisory``; what could not be judged yet is advisory.
        object: Kind, namespace and name.
        path: Where in the object, present or not.
        message: What was found, what follows from it and what to write instead.
        origin: Where the object was declared: a URN or a file; empty if nobody said.
        exemption: The reason the object gives for not keeping the rule; empty without one.
        is_decided: Whether the rule is broken; else it hangs on what is not known.
        steps: The path as keys and indices.
    """

    rule: str
    level: Level
    object: str
    path: str
    message: str
    origin: str = ""
    exemption: str = ""
    is_decided: bool = True
    steps: tuple[str | int, ...] = field(default=(), repr=False, compare=False)

    @property
    def stops(self) -> bool:
        """Tell whether the deployment must not go on."""
        return self.level is Level.MANDATORY and not self.exemption


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule is broken at a place of an object."""

    field: Field
    message: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule cannot judge before a value is known; `message` says what hangs on it."""

    field: Field
    message: str


Remark = Violation | Undecided


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A whole number of a rule that a user may set."""

    name: str
    default: int
    minimum: int
    description: str
    production: int | None = None

    def under(self, profile: Profile) -> int:
        """Return the number that applies unless the user sets one."""
        if profile is Profile.PRODUCTION and self.production is not None:
            return self.production
        return self.default

    def read(self, given: object) -> int:
        """Return the number to use.

        Raises:
            ValueError: If `given` is no whole number, or too small; the text says what is allowed.
        """
        number = integer_of(given)
        if number is None or number < self.minimum:
            message = f"{shown(given)} is not a whole number from {self.minimum} up"
            raise ValueError(message)
        return number

    def schema(self) -> dict[str, object]:
        """Return the JSON schema that Pulumi checks a configuration file against."""
        return {
            "type": "integer",
            "default": self.default,
            "minimum": self.minimum,
            "description": self.description,
        }


Settings = Mapping[str, int]
"""The thresholds of one rule by name, all of them present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule says about itself, whatever it looks at.

    Attributes:
        id: Kebab case, unique in the pack, for ever: configuration files name it.
        title: What holds when the rule is kept.
        level: Under the profile ``development``, and under ``production`` unless that says otherwise.
        why: One sentence that ends with the consequence.
        fix: What to write.
        link: Where the behaviour is documented.
        kinds: The kinds of object that can break it.
        production: The level under the profile ``production``, where it is another one.
        scope: Which objects it judges, by how they are declared.
    """

    id: str
    title: str
    family: Family
    level: Level
    severity: Severity
    why: str
    fix: str
    link: str
    tags: tuple[str, ...]
    kinds: frozenset[str]
    thresholds: tuple[Threshold, ...] = field(default=())
    production: Level | None = None
    scope: Scope = Scope.BOTH

    def __post_init__(self) -> None:
        """Refuse an id that a configuration file could not name."""
        if not _KEBAB_CASE.fullmatch(self.id) or self.id == "all":
            message = f"{self.id!r} cannot name a rule: kebab case is needed, 'all' is taken"
            raise ValueError(message)

    def level_under(self, profile: Profile) -> Level:
        """Return the level that applies unless the user sets one."""
        if profile is Profile.PRODUCTION and self.production is not None:
            return self.production
        return self.level

    def judges(self, judged: KubernetesObject) -> bool:
        """Tell whether the rule is about objects that are declared as this one is."""
        match self.scope:
            case Scope.PULUMI:
                return judged.declaration is not None
            case Scope.MANIFEST:
                return judged.declaration is None
            case _:
                return True

    def settings(
        self,
        given: Mapping[str, object] | None = None,
        profile: Profile = Profile.DEVELOPMENT,
    ) -> Settings:
        """Return every threshold, the given ones read and the others as the profile has them.

        Raises:
            ValueError: If a given threshold cannot be used.
        """
        given = given or {}
        return {
            threshold.name: threshold.read(given.get(threshold.name, threshold.under(profile)))
            for threshold in self.thresholds
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRule(Rule):
    """A rule that needs to see one object only, so that it speaks before that object is made."""

    check: Callable[[KubernetesObject, Settings], Iterable[Remark]]

    def remarks(self, judged: KubernetesObject, settings: Settings) -> tuple[Remark, ...]:
        """Return what the rule says of an object; nothing for kinds it does not judge."""
        if not judged.is_operator_kind(self.kinds) or not self.judges(judged):
            return ()
        with unknowns_asked() as asked:
            remarks = tuple(self.check(judged, settings))
        is_strict = Level.MANDATORY in (self.level, self.production)
        return (*remarks, *_left_open(remarks, asked)) if asked and is_strict else remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRule(Rule):
    """A rule that compares objects with each other."""

    check: Callable[[Stack, Settings], Iterable[Remark]]

    def remarks(self, stack: Stack, settings: Settings) -> tuple[Remark, ...]:
        """Return what the rule says of the objects of a stack."""
        return tuple(
            remark for remark in self.check(stack, settings) if self.judges(remark.field.owner)
        )


def _left_open(remarks: Sequence[Remark], asked: Iterable[Field]) -> Iterator[Undecided]:
    """Yield what a rule asked for, did not learn and said nothing of: it is not kept, it is unknown."""
    said = {remark.field.steps for remark in remarks}
    for place in (one.outermost_unknown for one in asked):
        steps = place.steps
        if not any(steps[: len(one)] == one or one[: len(steps)] == steps for one in said):
            said.add(steps)
            yield Undecided(place, "it can be judged once it is known")
