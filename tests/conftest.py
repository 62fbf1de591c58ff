"""What every test has in common: the same examples each time, and signals that arrive."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.figures", "tests.last_words"]

settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "search", settings.get_profile("fixed"), derandomize=False, max_examples=2000
)
settings.register_profile("soak", settings.get_profile("fixed"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

# A shell's background job starts with Ctrl-C ignored, and hands that on to whatever it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def warm_starts() -> Iterator[None]:
    """Start programs, packs and runs of the engine from a process that has imported all they need."""
    # Only now, for most tests have nothing to do with the engine.
    from tests.warm_starts import warm_host_running  # noqa: PLC0415

    with warm_host_running():
        yield


@pytest.fixture
def cold_starts(warm_starts: None) -> Iterator[None]:
    """Start them as they are started for users."""
    from tests.warm_starts import use_cold_starts, use_warm_starts  # noqa: PLC0415

    use_cold_starts()
    yield
    use_warm_starts()
