"""Hypothesis strategies of the whole test suite, one module for each kind of thing they draw."""

from tests.strategies.additions import Addition, additions
from tests.strategies.broken_fields import Broken, Place, broken_stacks, places, replaced, without
from tests.strategies.several_stacks import several_stacks, shared_out
from tests.strategies.topologies import Configuration, Stack, stacks

__all__ = [
    "Addition",
    "Broken",
    "Configuration",
    "Place",
    "Stack",
    "additions",
    "broken_stacks",
    "places",
    "replaced",
    "several_stacks",
    "shared_out",
    "stacks",
    "without",
]
