"""403: the key may not do this."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class Forbidden(WireFault):
    """The server answers that the key is valid but may not do this.

    Use: does the client stop at once, with another message than for a wrong key?
    """

    name = "forbidden"

    def before(self, request: RequestFacts) -> Replacement:
        return Replacement(
            "forbidden", fallbacks=("unauthenticated",), message="the mock was told that this is not allowed"
        )
