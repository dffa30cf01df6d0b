"""The download breaks off."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import MediaFault
from mockserver.faults.seams import Asset


class CutFile(MediaFault):
    """The connection closes after `size` bytes of the file, though Content-Length promised all.

    Use: does the client notice that a part is missing, and fetch again (or resume from there)?
    """

    name = "cut-file"
    main = "size"
    size: int = Field(1024, ge=0)

    def change(self, asset: Asset) -> None:
        asset.cut = self.size
