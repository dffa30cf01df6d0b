"""The connection is reset."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, Reply, RequestFacts


class Reset(WireFault):
    """The connection is reset without an answer; with `accepted` a submit was carried out first.

    Use: does the client simply repeat a poll, but look for its job before it repeats a submit?
    """

    name = "reset"
    accepted: bool = False

    def before(self, request: RequestFacts) -> Replacement | None:
        return None if self.accepted else Replacement(disconnect="reset")

    def after(self, reply: Reply, request: RequestFacts) -> None:
        if self.accepted:
            reply.disconnect = "reset"
