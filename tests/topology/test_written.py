"""Durations and sizes are read and written alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kafka_mirror.topology.written import Duration, Quantity, Storage, duration_text

duration: TypeAdapter[timedelta] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("15s", timedelta(seconds=15)),
        ("10m", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("999999999d", timedelta(days=999999999)),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, value: timedelta) -> None:
    assert duration.validate_python(text) == value
    assert duration_text(value) == text


@given(number=st.integers(0, 999_999_999), unit=st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_that_is_written_is_read_back(number: int, unit: str) -> None:
    value = duration.validate_python(f"{number}{unit}")

    assert duration.validate_python(duration.dump_python(value, mode="json")) == value
    assert duration.validate_python(value) is value


@pytest.mark.parametrize("size", ["20Gi", "1.5Ti", "500Mi", "1", "0.5Gi", "2E"])
def test_a_size_is_what_kubernetes_takes(size: str) -> None:
    assert TypeAdapter(Quantity).validate_python(size) == size
    assert TypeAdapter(Storage).validate_python(size) == size


def test_storage_may_be_ephemeral() -> None:
    assert TypeAdapter(Storage).validate_python("ephemeral") == "ephemeral"
