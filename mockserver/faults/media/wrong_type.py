"""The content type is wrong."""

from __future__ import annotations

from pydantic import Field, field_validator

from mockserver.faults.base import MediaFault, check_headers
from mockserver.faults.seams import Asset


class WrongType(MediaFault):
    """The file comes with another Content-Type: `type`.

    Use: does the client go by the header, by the file's name, or by the bytes?
    """

    name = "wrong-type"
    main = "type"
    type: str = Field("application/octet-stream", min_length=1)

    @field_validator("type")
    @classmethod
    def _can_be_sent(cls, value: str) -> str:
        check_headers({"content-type": value})
        return value

    def change(self, asset: Asset) -> None:
        asset.headers.append(("content-type", self.type))
