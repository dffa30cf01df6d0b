"""The thumbnail is missing."""

from __future__ import annotations

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class NoThumbnail(MediaFault):
    """The server answers 404 for the thumbnail; clips come as usual.

    `no-link` with `what = "thumbnail"` leaves out its link.

    Use: does a missing thumbnail cost the client the clip?
    """

    name = "no-thumbnail"

    def change(self, asset: Asset) -> None:
        if asset.kind == "thumbnail":
            asset.status, asset.body = 404, b"Not Found"
            asset.headers.append(("content-type", "text/plain; charset=utf-8"))
