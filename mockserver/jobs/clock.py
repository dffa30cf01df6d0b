"""Where "now" comes from: Unix milliseconds, handed in as a function."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Clock = Callable[[], int]


def wall_clock() -> int:
    """The system's time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


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

        Raises ValueError for a negative number: a job's life has no way back.
        """
        if seconds < 0:
            raise ValueError(f"a clock only moves forward, not by {seconds} s")
        with self._lock:
            self._now += round(seconds * 1000)
            return self._now
