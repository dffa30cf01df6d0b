"""A link that has expired."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset

_BODY = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"""


class ExpiredLink(MediaFault):
    """403 for a link that has expired; asking for the job again shows one that works.

    The first `links` links that a job showed are concerned, every one with `links = 0`; each works for
    `lasts` seconds of the tenant's clock first.
    Use: does the client ask for the job once more and fetch the fresh link, or give up a paid clip?
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
