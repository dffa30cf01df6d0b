"""An answer without a body."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Empty(WireFault):
    """The answer has its headers but an empty body; `status` changes the status too.

    Use: does the client tell an empty answer from one with an empty result?
    """

    name = "empty"
    main = "status"
    status: int | None = Field(None, ge=200, le=599)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.body = b""
        reply.status = self.status or reply.status
