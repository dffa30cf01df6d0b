"""What a run may spend: requests, jobs, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mockserver.kit.verify.ledger import Ledger

MOST_SILENT: Final = 180.0
"""Seconds of waiting for answers that never came, none between them, after which an endpoint is given up."""


class BudgetExceeded(Exception):
    """The budget is used up: its text says what of it. Nothing was sent."""


@dataclass(slots=True)
class Budget:
    """`max_requests` and `max_jobs` of a run; at most `rate` requests a second, None for as fast as it goes.

    `sleep` and `clock` are in seconds; tests hand in their own.
    """

    ledger: Ledger
    max_requests: int
    max_jobs: int
    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    silent: float = 0.0
    _next: float = field(default=0.0)

    @property
    def jobs_left(self) -> int:
        """How many more submits may leave that might be paid for."""
        return max(0, self.max_jobs - self.ledger.paid)

    def request(self) -> None:
        """Take one request out of the budget and wait for its turn. Raises Spent."""
        if self.requests >= self.max_requests:
            raise BudgetExceeded(f"--max-requests {self.max_requests} is used up")
        if self.silent >= MOST_SILENT:
            raise BudgetExceeded(f"no request of the last {self.silent:.0f} s was answered")
        self.requests += 1
        if self.rate:
            now = self.clock()
            if now < self._next:
                self.sleep(self._next - now)
            self._next = max(now, self._next) + 1 / self.rate

    def heard(self, seconds: float, *, answered: bool) -> None:
        """Note how long an answer was waited for, and whether it came."""
        self.silent = 0.0 if answered else self.silent + seconds

    def job(self) -> int:
        """Note in the ledger that a submit leaves, and give its number. Raises Spent."""
        if self.jobs_left < 1:
            raise BudgetExceeded(f"--max-jobs {self.max_jobs} is used up")
        return self.ledger.intend()
