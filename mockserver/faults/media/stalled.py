"""The download stops for a while."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class Stalled(MediaFault):
    """Half of the file comes, then nothing for `seconds` of real time, then the rest.

    Use: does the client have a timeout for a download that does not move?
    """

    name = "stalled"
    main = "seconds"
    seconds: float = Field(30.0, gt=0, le=3600)

    def change(self, asset: Asset) -> None:
        asset.stall = self.seconds
