"""The connection is reset."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Instead, Reply, Subject


class Reset(WireFault):
    """The connection is reset without an answer; with `accepted` the request was carried out first.

    Use: does a client that polls simply ask again, and one that submits think first?
    """

    name = "reset"
    accepted: bool = False

    def before(self, subject: Subject) -> Instead | None:
        return None if self.accepted else Instead(gone="reset")

    def after(self, reply: Reply, subject: Subject) -> None:
        if self.accepted:
            reply.gone = "reset"
