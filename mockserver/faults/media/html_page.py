"""An error page in the file's place."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import MediaFault
from mockserver.faults.pages import html_page
from mockserver.faults.seams import Asset


class HtmlPage(MediaFault):
    """The server sends an HTML page instead of the file, with `status` 200 as if nothing were wrong.

    Use: does the client store a page as a video?
    """

    name = "html-page"
    main = "status"
    status: int = Field(200, ge=200, le=599)

    def change(self, asset: Asset) -> None:
        asset.status, asset.body = self.status, html_page(503)
        asset.headers.append(("content-type", "text/html; charset=utf-8"))
