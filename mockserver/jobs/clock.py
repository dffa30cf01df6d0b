"""Where "now" comes from: Unix milliseconds, handed in as a function."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

from mockserver import real_time
from mockserver.jobs.reading import LATEST

Clock = Callable[[], int]
ClockMode = Literal["real", "scaled", "frozen"]


class ClockSetting(NamedTuple):
    """How virtual time follows real time: at the real moment `real_at` it is `virtual_at`.

    Moments are Unix milliseconds. A `frozen` clock stays there; the others go on from there by `rate`
    virtual milliseconds for each real one (1 where the mode is `real`).
    """

    mode: ClockMode
    rate: float
    real_at: int
    virtual_at: int


REAL = ClockSetting("real", 1.0, 0, 0)
"""Virtual time is real time."""


def moment(setting: ClockSetting, real: int) -> int:
    """The virtual moment at the real one, both in Unix milliseconds; never back while `real` goes on.

    A clock stops at the end of the year 9999, as no later moment can be written as a date.
    """
    if setting.mode == "frozen":
        return setting.virtual_at
    return max(0, min(LATEST, setting.virtual_at + int((real - setting.real_at) * setting.rate)))


def wall_clock() -> int:
    """The system's time in Unix milliseconds."""
    return real_time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is told to move. Safe to share between threads."""

    def __init__(self, start: int = 0) -> None:
        """`start` is in Unix milliseconds."""
        self._now = start
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """The moment it stands at, in Unix milliseconds."""
        return self._now

    def advance(self, seconds: float) -> int:
        """Move on by `seconds`, rounded to milliseconds, and give the new moment.

        Raises ValueError for a negative number: a job never goes back.
        """
        if seconds < 0:
            raise ValueError(f"a clock moves only forward, not by {seconds} s")
        with self._lock:
            self._now += round(seconds * 1000)
            return self._now
