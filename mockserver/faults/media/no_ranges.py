"""Ranges are not served."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class NoRanges(MediaFault):
    """The server ignores a Range header and sends the whole file; with `how = "refused"` it answers 416.

    Use: does a client that resumes a download append the whole file to the part it had?
    """

    name = "no-ranges"
    main = "how"
    how: Literal["ignored", "refused"] = "ignored"

    def change(self, asset: Asset) -> None:
        asset.ranges = self.how
