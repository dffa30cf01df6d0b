"""The file of another job."""

from __future__ import annotations

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class OtherJob(MediaFault):
    """The clip is a valid one, but of another job.

    Use: does the client check that it got what it asked for? The clip's own text names its job.
    """

    name = "other-job"

    def change(self, asset: Asset) -> None:
        asset.other = True
