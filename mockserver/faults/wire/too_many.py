"""429: too many requests."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class TooMany(WireFault):
    """The server answers that there are too many requests; with `of = "jobs"`, that too many jobs run.

    `retry_after` is the form of Retry-After: `seconds`, a `date`, or `none`; `seconds` is how long it asks
    the client to wait (a date is by the tenant's clock).
    Use: does the client wait as long as either form says, and choose its own wait without one?
    """

    name = "too-many"
    main = "retry_after"
    retry_after: Literal["seconds", "date", "none"] = "seconds"
    seconds: int = Field(1, ge=0)
    of: Literal["requests", "jobs"] = "requests"

    def before(self, request: RequestFacts) -> Replacement:
        return Replacement(
            "limited" if self.of == "requests" else "busy",
            429,
            self._headers(request.now),
            message=f"the mock was told that there were too many {self.of}",
            fallbacks=("limited",),
            removed_headers=("retry-after",),
        )

    def _headers(self, now: int) -> tuple[tuple[str, str], ...]:
        if self.retry_after == "none":
            return ()
        if self.retry_after == "seconds":
            return (("retry-after", str(self.seconds)),)
        then = datetime.fromtimestamp(-(-now // 1000) + self.seconds, UTC)
        return (("retry-after", format_datetime(then, usegmt=True)),)
