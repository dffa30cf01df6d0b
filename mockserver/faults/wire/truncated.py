"""The connection drops in the middle of the body."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Truncated(WireFault):
    """Content-Length promises the whole body, but the connection closes after `size` bytes (by default half).

    Use: does the client notice that a part is missing, and ask again?
    """

    name = "truncated"
    main = "size"
    size: int | None = Field(None, ge=0)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.cut = len(reply.body) // 2 if self.size is None else self.size
