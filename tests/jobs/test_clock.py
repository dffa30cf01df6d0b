"""Clocks give Unix milliseconds, and the manual one moves only when it is told to."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.jobs.clock import REAL, ClockMode, ClockSetting, ManualClock, moment, wall_clock

NOW = 1_700_000_000_000


def test_the_wall_clock_gives_unix_milliseconds() -> None:
    before = time.time()

    assert before * 1000 - 1 <= wall_clock() <= time.time() * 1000


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(1000)

    assert (clock(), clock()) == (1000, 1000)
    assert clock.advance(2.5) == 3500
    assert clock() == 3500


def test_a_manual_clock_does_not_go_back() -> None:
    clock = ManualClock(1000)

    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    assert clock() == 1000


def test_threads_lose_no_step() -> None:
    clock = ManualClock()

    with ThreadPoolExecutor(8) as pool:
        moments = list(pool.map(lambda _: clock.advance(0.001), range(2000)))

    assert sorted(moments) == list(range(1, 2001))


@given(st.integers(0, 2**45))
def test_real_time_is_real_time(real: int) -> None:
    assert moment(REAL, real) == real


@pytest.mark.parametrize(
    ("mode", "rate", "later"),
    [("real", 1.0, 5000), ("scaled", 60.0, 300_000), ("scaled", 0.5, 2500), ("frozen", 60.0, 0)],
)
def test_virtual_time_goes_on_from_where_it_was_set(mode: ClockMode, rate: float, later: int) -> None:
    setting = ClockSetting(mode, rate, NOW, 77)

    assert moment(setting, NOW) == 77
    assert moment(setting, NOW + 5000) == 77 + later


def test_before_it_was_set_a_running_clock_was_earlier() -> None:
    assert moment(ClockSetting("scaled", 2.0, NOW, NOW), NOW - 10) == NOW - 20


@given(
    st.builds(
        ClockSetting,
        st.sampled_from(("real", "scaled", "frozen")),
        st.floats(0, 1e6),
        st.integers(0, 2**42),
        st.integers(0, 2**42),
    ),
    st.lists(st.integers(0, 2**42), min_size=2),
)
def test_virtual_time_never_goes_back(setting: ClockSetting, reals: list[int]) -> None:
    virtual = [moment(setting, real) for real in sorted(reals)]

    assert virtual == sorted(virtual)


def test_a_setting_survives_as_a_document() -> None:
    setting = ClockSetting("scaled", 2.5, 1, 2)

    assert ClockSetting(**setting._asdict()) == setting


def test_no_clock_shows_a_moment_before_1970() -> None:
    assert moment(ClockSetting("scaled", rate=2.0, real_at=NOW, virtual_at=100), NOW - 1000) == 0
