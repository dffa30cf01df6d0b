"""The link leads to another host."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset

_MARK = "redirected=1"


class Redirect(MediaFault):
    """The link redirects (`status`) to another host: `to`, or this server under loopback's other name.

    Without `to` the file is served there: at 127.0.0.1 for localhost, at localhost for any other name.
    Use: does the client follow the redirect, without sending its API key along?
    """

    name = "redirect"
    main = "to"
    to: str | None = None
    status: Literal[301, 302, 303, 307, 308] = 302

    def change(self, asset: Asset) -> None:
        url = urlsplit(asset.url)
        if _MARK in url.query.split("&"):
            return
        asset.status, asset.body = self.status, b""
        asset.headers.append(("location", self.to or _elsewhere(asset.url)))


def _elsewhere(text: str) -> str:
    url = urlsplit(text)
    host = "127.0.0.1" if url.hostname == "localhost" else "localhost"
    if url.port:
        host = f"{host}:{url.port}"
    query = "&".join(filter(None, (url.query, _MARK)))
    return urlunsplit((url.scheme, host, url.path, query, ""))
