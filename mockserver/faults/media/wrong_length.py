"""The length that is promised is wrong."""

from __future__ import annotations

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class WrongLength(MediaFault):
    """Content-Length is `by` bytes more than the file has, and the connection closes after the file.

    With `by` below zero it is less, and only so much is sent: the file ends too early and looks whole.
    Use: does the client trust a file just because it came without an error?
    """

    name = "wrong-length"
    main = "by"
    by: int = 1024

    def change(self, asset: Asset) -> None:
        asset.length = max(0, asset.size + self.by)
