"""What a run may spend: requests, jobs, and how fast."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mockserver.kit.verify.ledger import Ledger

MAX_UNANSWERED: Final = 180.0
"""Seconds of waiting in a row for answers that never came, after which a run ends."""


class BudgetExceeded(Exception):
    """The budget is used up, and nothing was sent. Its text says which limit was reached."""


@dataclass(slots=True)
class Budget:
    """The limits of a run: `max_requests`, `max_jobs`, `rate` requests a second (None: no limit), and
    `time_limit` seconds for all of it.

    `sleep` and `clock` are in seconds; tests pass their own. `out_of_time` says that a request was not sent
    because the time was over.
    """

    ledger: Ledger
    max_requests: int
    max_jobs: int
    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    unanswered: float = 0.0
    time_limit: float = math.inf
    out_of_time: bool = False
    _next: float = field(default=0.0)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()

    @property
    def time_left(self) -> float:
        """Seconds until the run has to be over."""
        return self.time_limit - (self.clock() - self._begun)

    @property
    def jobs_left(self) -> int:
        """How many more submits may be sent that the server may charge for."""
        return max(0, self.max_jobs - self.ledger.paid)

    def take_request(self) -> None:
        """Take one request out of the budget, and wait until the rate allows it. Raises BudgetExceeded."""
        if self.requests >= self.max_requests:
            raise BudgetExceeded(f"--max-requests {self.max_requests} is used up")
        if self.unanswered >= MAX_UNANSWERED:
            raise BudgetExceeded(f"no request of the last {self.unanswered:.0f} s was answered")
        self._check_time()
        if self.rate:
            now = self.clock()
            if now < self._next:
                self.wait(self._next - now)
            self._next = max(now, self._next) + 1 / self.rate
            self._check_time()
        self.requests += 1

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until the run's time is over."""
        self.sleep(max(0.0, min(seconds, self.time_left)))

    def _check_time(self) -> None:
        if self.time_left <= 0:
            self.out_of_time = True
            raise BudgetExceeded(f"--time-limit {self.time_limit:g} s is over")

    def note_wait(self, seconds: float, *, answered: bool) -> None:
        """Count the seconds that an answer was waited for, and whether it came."""
        self.unanswered = 0.0 if answered else self.unanswered + seconds

    def take_job(self) -> int:
        """Write an intent into the ledger before a submit is sent; its number. Raises BudgetExceeded."""
        if self.jobs_left < 1:
            raise BudgetExceeded(f"--max-jobs {self.max_jobs} is used up")
        return self.ledger.intend()
