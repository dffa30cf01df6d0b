"""Ranges are not served."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class NoRanges(MediaFault):
    """A Range header is ignored and the whole file comes with 200, or with `how = "refused"` it is a 416.

    Use: does a client that goes on with a broken download append the whole file to what it had?
    """

    name = "no-ranges"
    main = "how"
    how: Literal["ignored", "refused"] = "ignored"

    def change(self, asset: Asset) -> None:
        asset.ranges = self.how
