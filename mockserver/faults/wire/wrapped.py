"""The body one level deeper."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.bodies import change_body
from mockserver.faults.seams import Reply, RequestFacts


class Wrapped(WireFault):
    """The whole body comes one level deeper, under `key`.

    Use: does the client find the status where a relay has put it, or take a missing one for unfinished?
    """

    name = "wrapped"
    main = "key"
    key: str = Field("data", min_length=1)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        change_body(reply, lambda document: {self.key: document})
