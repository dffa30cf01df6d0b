"""502, 503, 504 or 524 with a page for people."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import WireFault
from mockserver.faults.pages import html_page
from mockserver.faults.seams import Replacement, RequestFacts


class GatewayPage(WireFault):
    """A gateway answers with `status` and an HTML page; a submit does not reach the provider.

    Use: does a polling client treat it as temporary, and neither as the job's end nor as JSON?
    """

    name = "gateway-page"
    main = "status"
    status: Literal[502, 503, 504, 524] = 502

    def before(self, request: RequestFacts) -> Replacement:
        headers = (("content-type", "text/html; charset=utf-8"),)
        return Replacement(status=self.status, headers=headers, body=html_page(self.status))
