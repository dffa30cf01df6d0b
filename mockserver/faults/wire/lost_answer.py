"""Accepted, but the answer is lost."""

from __future__ import annotations

from mockserver.faults.base import SUBMIT, WireFault
from mockserver.faults.seams import Reply, RequestFacts


class LostAnswer(WireFault):
    """The request is carried out, then the connection closes without a byte of the answer.

    Use: the costliest case there is. Does the client look for its job before it submits, and pays, again?
    """

    name = "lost-answer"
    usual = SUBMIT

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.disconnect = "lost"
