"""5xx for a request that was carried out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mockserver.faults.base import SUBMIT, WireFault
from mockserver.faults.bodies import dump, set_header
from mockserver.faults.pages import html_page
from mockserver.faults.seams import Reply, RequestFacts


class ServerErrorAfter(WireFault):
    """The request is carried out, but the answer is a server error: `status`, `body` as HTML, JSON or empty.

    Use: does the client pay twice for an accepted submit, because it tries again blindly?
    """

    name = "server-error-after"
    main = "status"
    usual = SUBMIT
    status: Literal[500, 502, 503, 504] = 500
    body: Literal["html", "json", "empty"] = Field("html")

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.status = self.status
        reply.body = self._content()
        kind = "application/json" if self.body == "json" else "text/html; charset=utf-8"
        set_header(reply, "content-type", kind)

    def _content(self) -> bytes:
        if self.body == "json":
            return dump({"error": "Internal server error"})
        if self.body == "html":
            return html_page(self.status)
        return b""
