"""The seconds that a run may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class TimeLimit:
    """So many seconds from now on, by a clock that a test can replace."""

    def __init__(self, seconds: float = math.inf, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds until it is over; 0 afterwards."""
        return max(0.0, self._end - self._clock())

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        return self.left <= 0

    @property
    def reason(self) -> str:
        """Why something was not done."""
        return f"--time-limit {self.seconds:g} s is over"
