"""The thumbnail is missing."""

from __future__ import annotations

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class NoThumbnail(MediaFault):
    """404 for the thumbnail; clips come as they should. (`no-link` with `what = "thumbnail"` shows no link.)

    Use: does a missing trifle cost the client the clip?
    """

    name = "no-thumbnail"

    def change(self, asset: Asset) -> None:
        if asset.kind == "thumbnail":
            asset.status, asset.body = 404, b"Not Found"
            asset.headers.append(("content-type", "text/plain; charset=utf-8"))
