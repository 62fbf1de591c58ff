"""Intersections and differences of the machines that patterns become.

interegular has both, and looks through all states it has found before each further one. Machines of a few patterns have
hundreds of states, and comparing the flows of a stack was most of what planning it took.
"""

from __future__ import annotations

from typing import Any

from interegular import FSM


def both(one: FSM, other: FSM) -> FSM:
    """Return the machine that accepts what both accept."""
    return _side_by_side(one, other, is_wanted=True)


def minus(one: FSM, other: FSM) -> FSM:
    """Return the machine that accepts what the first accepts and the other does not."""
    return _side_by_side(one, other, is_wanted=False)


def _side_by_side(one: FSM, other: FSM, *, is_wanted: bool) -> FSM:
    """Return the machine that runs both and accepts what the first and, as is wanted, the other accepts."""
    alphabet, (key_of_one, key_of_other) = one.alphabet.union(other.alphabet)
    keys = [(key, key_of_one[key], key_of_other[key]) for key in alphabet.by_transition]
    states: list[tuple[Any, Any]] = [(one.initial, other.initial)]
    numbers = {states[0]: 0}
    steps: dict[int, dict[Any, int]] = {}
    # The list grows while it is walked.
    for number, (here, there) in enumerate(states):
        from_here, from_there = one.map.get(here, {}), other.map.get(there, {})
        steps[number] = {}
        for key, first, second in keys:
            following = (from_here.get(first), from_there.get(second))
            # Where no step leads from, nothing is accepted any more.
            if following[0] is None or (is_wanted and following[1] is None):
                continue
            if following not in numbers:
                numbers[following] = len(states)
                states.append(following)
            steps[number][key] = numbers[following]
    finals = {
        number
        for (here, there), number in numbers.items()
        if here in one.finals and (there in other.finals) == is_wanted
    }
    return FSM(alphabet=alphabet, states=set(steps), initial=0, finals=finals, map=steps)
