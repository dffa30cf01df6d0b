"""5xx: the provider behind the provider refused."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class UpstreamError(WireFault):
    """The server answers that the service behind it refused the request with status `code`.

    It is the contract's answer for that code (GMI Cloud: HTTP 500 that names a 400), else its answer for
    an upstream refusal, else the one for an error.
    Use: does the client tell a permanent error from one that a retry may cure?
    """

    name = "upstream-error"
    main = "code"
    code: int = Field(400, ge=400, le=599)

    def before(self, request: RequestFacts) -> Replacement:
        return Replacement(f"code-{self.code}", fallbacks=("upstream", "error"))
