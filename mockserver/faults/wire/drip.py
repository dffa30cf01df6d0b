"""The answer comes in drops."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Drip(WireFault):
    """The body comes at `rate` bytes a second.

    Use: does the client limit the whole time of an answer, and not just the wait for the next byte?
    """

    name = "drip"
    main = "rate"
    rate: int = Field(64, ge=1)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.drip = self.rate
