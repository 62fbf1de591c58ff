"""A flow takes a listener it can reach, with TLS where there is a choice."""

from __future__ import annotations

import pytest

from kafka_mirror.planning.listeners import choose_listener
from kafka_mirror.topology import DescribedListener


def listeners(**types: str) -> dict[str, DescribedListener]:
    """Return listeners by name; a type that ends in ``-plain`` has no TLS."""
    return {
        name: DescribedListener.model_validate(
            {
                "type": kind.removesuffix("-plain"),
                "tls": not kind.endswith("-plain"),
                "authentication": "scram-sha-512",
            }
        )
        for name, kind in types.items()
    }


@pytest.mark.parametrize(
    ("types", "from_inside", "chosen"),
    [
        pytest.param({"a": "internal", "b": "route"}, True, "a", id="inside is nearer"),
        pytest.param({"a": "internal", "b": "route"}, False, "b", id="outside leads out"),
        pytest.param({"a": "nodeport-plain", "b": "route"}, False, "b", id="TLS before plain"),
        pytest.param({"a": "internal-plain", "b": "route"}, True, "b", id="TLS before nearer"),
        pytest.param({"z": "route", "b": "route"}, False, "b", id="alike: by name, in any order"),
        pytest.param({"a": "nodeport-plain"}, False, "a", id="plain where there is nothing else"),
    ],
)
def test_the_best_listener_is_chosen(types: dict[str, str], from_inside: bool, chosen: str) -> None:
    found = listeners(**types)

    assert choose_listener(found, wanted=None, from_inside=from_inside) == chosen
    backwards = dict(reversed(found.items()))
    assert choose_listener(backwards, wanted=None, from_inside=from_inside) == chosen


def test_a_listener_that_is_asked_for_is_taken() -> None:
    found = listeners(a="internal", b="route")

    assert choose_listener(found, wanted="a", from_inside=False) == "a"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("c", "no listener 'c' (has none)."),
        (
            None,
            (
                "no listener that can be reached from outside its cluster (has none). "
                "Add one of type route, loadbalancer or ingress"
            ),
        ),
    ],
)
def test_no_listener_at_all_is_told(wanted: str | None, message: str) -> None:
    with pytest.raises(LookupError) as error:
        choose_listener({}, wanted=wanted, from_inside=False)

    assert error.value.args == (message,)
