"""Clocks give Unix milliseconds, and the manual one moves only when it is told to."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockserver.jobs.clock import ManualClock, wall_clock


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
