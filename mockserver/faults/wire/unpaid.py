"""402, or the provider's own way to say that credits are used up."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class Unpaid(WireFault):
    """The server answers that no credit is left, with the provider's status for it (402, 403, 429 with 1102).

    Use: does the client tell its user, and not retry as if it were a rate limit?
    """

    name = "unpaid"

    def before(self, request: RequestFacts) -> Replacement:
        return Replacement(
            "unpaid", fallbacks=("forbidden",), message="the mock was told that no credit is left"
        )
