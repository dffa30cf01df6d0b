"""A file of no bytes."""

from __future__ import annotations

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class ZeroBytes(MediaFault):
    """The file comes with the right type, but without a byte of content.

    Use: does the client store an empty file as a video?
    """

    name = "zero-bytes"

    def change(self, asset: Asset) -> None:
        asset.body = b""
