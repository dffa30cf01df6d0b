"""A link that has expired."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset

_BODY = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"""


class ExpiredLink(MediaFault):
    """The server answers 403 for an expired link; reading the job again shows a link that works.

    It is about the first `links` links that a job showed (`links = 0`: all of them); each works first for
    `lasts` seconds of the tenant's clock.
    Use: does the client read the job again and fetch the fresh link, or give up a paid clip?
    """

    name = "expired-link"
    main = "lasts"
    links: int = Field(1, ge=0)
    lasts: float = Field(0.0, ge=0)

    def change(self, asset: Asset) -> None:
        if self.links and (asset.link or 1) > self.links:
            return
        if asset.age is not None and asset.age < self.lasts:
            return
        asset.status, asset.body = 403, _BODY
        asset.headers.append(("content-type", "application/xml"))
