"""HTTP 200 with a code that says no."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import WireFault
from mockserver.faults.bodies import dump
from mockserver.faults.seams import Replacement, RequestFacts


class BusinessCode(WireFault):
    """The answer has HTTP `status` (200), but its body carries a business code other than 0.

    It is the contract's answer of that code; where there is none, `{"code": N, "message": ...}`.
    Use: does the client look into the body before it believes the status?
    """

    name = "business-code"
    main = "code"
    code: int = Field(1302, ge=100, le=99999)
    status: int = Field(200, ge=200, le=599)

    def before(self, request: RequestFacts) -> Replacement:
        message = f"the mock was told to answer with code {self.code}"
        headers = (("content-type", "application/json"),)
        body = dump({"code": self.code, "message": message})
        return Replacement(f"code-{self.code}", self.status, headers, body)
