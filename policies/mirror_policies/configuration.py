"""What a user changes about the rules: their level and their thresholds.

The shape is that of Pulumi's ``--policy-pack-config`` file, so that one file serves the pack under
Pulumi and every other way to run the rules::

    {"all": "advisory", "replication-factor-declared": {"enforcementLevel": "mandatory", "minimum": 3}}
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kafka_mirror.errors import ConfigurationError, Problem
from mirror_policies.fields import shown
from mirror_policies.rule import Level, Profile, Rule, Settings

ALL: Final = "all"
LEVEL_KEY: Final = "enforcementLevel"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Levels and thresholds that differ from the rules' own.

    Attributes:
        levels: By rule id, or ``all`` for every rule that is not named.
        thresholds: By rule id, then by name; as given, not yet read.
        profile: Decides what neither of them says.
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    profile: Profile = Profile.DEVELOPMENT

    @classmethod
    def read(
        cls,
        given: Mapping[str, object],
        *,
        rules: Sequence[Rule],
        profile: Profile = Profile.DEVELOPMENT,
    ) -> Configuration:
        """Read what a configuration file holds.

        Raises:
            ConfigurationError: Every rule, level and threshold that does not exist or cannot be used.
        """
        levels: dict[str, Level] = {}
        thresholds: dict[str, dict[str, object]] = {}
        problems: list[Problem] = []
        for name, entry in given.items():
            settings = dict(entry) if isinstance(entry, Mapping) else {LEVEL_KEY: entry}
            level = settings.pop(LEVEL_KEY, None)
            problems.extend(_problems(name, level, settings, rules))
            if (known := _level(level)) is not None:
                levels[name] = known
            if settings:
                thresholds[name] = settings
        if problems:
            raise ConfigurationError(problems)
        return cls(levels, thresholds, profile)

    def level_of(self, rule: Rule) -> Level:
        """Return the level that applies to a rule."""
        chosen = self.levels.get(rule.id) or self.levels.get(ALL)
        return chosen or rule.level_under(self.profile)

    def settings_of(self, rule: Rule) -> Settings:
        """Return every threshold of a rule.

        Raises:
            ValueError: If a given one cannot be used; ``read`` refuses those.
        """
        return rule.settings(self.thresholds.get(rule.id), self.profile)


def _problems(
    name: str, level: object, settings: Mapping[str, object], rules: Sequence[Rule]
) -> Iterator[Problem]:
    rule = next((rule for rule in rules if rule.id == name), None)
    if rule is None and name != ALL:
        known = [ALL, *(rule.id for rule in rules)]
        yield Problem(name, f"the pack has no rule '{name}'.{_nearest(name, known)}")
        return
    if level is not None and _level(level) is None:
        allowed = ", ".join(Level)
        yield Problem(name, f"{shown(level)} is not a level (allowed: {allowed})")
    thresholds = {threshold.name: threshold for threshold in rule.thresholds} if rule else {}
    for key, value in settings.items():
        if key not in thresholds:
            has = ", ".join([LEVEL_KEY, *thresholds])
            yield Problem(f"{name}.{key}", f"'{name}' has no setting '{key}' (has {has})")
            continue
        try:
            thresholds[key].read(value)
        except ValueError as error:
            yield Problem(f"{name}.{key}", str(error))


def _level(given: object) -> Level | None:
    return next((level for level in Level if level.value == given), None)


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else f" It has {', '.join(known)}"
