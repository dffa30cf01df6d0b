"""404 at first, as behind a replica that lags."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import READ, WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class MissingForAWhile(WireFault):
    """A new job is not found at first: for its first `reads` reads, or until it is `seconds` old.

    Use: does the client allow for a 404 right after a submit, and not lose a job that it has paid for?
    """

    name = "missing-for-a-while"
    main = "reads"
    usual = READ
    reads: int = Field(2, ge=1)
    seconds: float | None = Field(None, gt=0)

    def before(self, request: RequestFacts) -> Replacement | None:
        if not request.job_id or not self._missing(request):
            return None
        return Replacement("unknown", 404, message="the mock was told not to find it yet")

    def _missing(self, request: RequestFacts) -> bool:
        if self.seconds is None:
            return request.reads <= self.reads
        return request.age < self.seconds
