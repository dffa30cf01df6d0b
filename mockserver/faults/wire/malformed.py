"""JSON that breaks off."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Malformed(WireFault):
    """The body is cut in its last third and ends as if that were all: the length is right, the JSON is not.

    Use: does the client ask again for an answer it cannot read, once the next may be fine?
    """

    name = "malformed"

    def after(self, reply: Reply, subject: RequestFacts) -> None:
        reply.body = reply.body[: len(reply.body) * 2 // 3] if len(reply.body) > 2 else b"{"
