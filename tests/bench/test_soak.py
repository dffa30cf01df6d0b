"""A slope with its noise: what a soak says of memory and descriptors."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.soak import slope_of


@given(st.floats(-1000, 1000), st.integers(3, 50), st.floats(0, 1e6))
def test_values_on_a_line_have_its_slope_and_no_noise(by_hour: float, number: int, begin: float) -> None:
    seconds = [60.0 * minute for minute in range(number)]
    slope = slope_of(seconds, [begin + by_hour * at / 3600 for at in seconds])
    assert slope.value == pytest.approx(by_hour, abs=1e-3)
    assert slope.noise == pytest.approx(0, abs=1e-2)


def test_what_swings_and_does_not_grow_has_a_slope_within_its_noise() -> None:
    drawn = Random(7)
    seconds = [5.0 * number for number in range(200)]
    swinging = [100 + drawn.uniform(-3, 3) for _ in seconds]
    assert slope_of(seconds, swinging).is_zero
    assert not slope_of(
        seconds, [value + at / 100 for value, at in zip(swinging, seconds, strict=True)]
    ).is_zero
