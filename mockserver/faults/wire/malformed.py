"""JSON that breaks off."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Reply, RequestFacts


class Malformed(WireFault):
    """The body is cut in its last third; Content-Length fits what is sent, but the JSON is broken.

    Use: does the client ask again after an answer it cannot read? The next may be fine.
    """

    name = "malformed"

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.body = reply.body[: len(reply.body) * 2 // 3] if len(reply.body) > 2 else b"{"
