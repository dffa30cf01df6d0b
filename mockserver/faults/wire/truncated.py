"""The connection drops in the middle of the body."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Truncated(WireFault):
    """The length promises the whole body; `size` bytes of it come (half without it), then the connection
    closes.

    Use: does the client notice that it did not get all, and ask again?
    """

    name = "truncated"
    main = "size"
    size: int | None = Field(None, ge=0)

    def after(self, reply: Reply, subject: RequestFacts) -> None:
        reply.cut = len(reply.body) // 2 if self.size is None else self.size
