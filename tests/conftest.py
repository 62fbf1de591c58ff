"""What every test has in common: the same examples each time, and signals that arrive."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.figures"]

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
