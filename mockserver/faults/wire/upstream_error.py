"""5xx: the provider behind the provider refused."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class UpstreamError(WireFault):
    """Answers that the service behind refused; `code` is the status that it is said to have given.

    Where the contract has an answer for that code it is sent (GMI Cloud: HTTP 500 that names a 400),
    else the one for a refusal from behind, else the one for an error.
    Use: does the client tell an error that will stay from one that a retry may cure?
    """

    name = "upstream-error"
    main = "code"
    code: int = Field(400, ge=400, le=599)

    def before(self, subject: RequestFacts) -> Replacement:
        return Replacement(f"code-{self.code}", otherwise=("upstream", "error"))
