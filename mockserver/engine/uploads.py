"""Files that clients upload, so that a submit can name them by a link. They are held in memory."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any, Final

from mockserver.settings import MIB

PREFIX: Final = "/media/uploads/"
MOST_BYTES: Final = 128 * MIB
"""Bytes of all files; the oldest give way to a new one."""
MOST_FILES: Final = 1000
_LONGEST_LINK: Final = 2048
"""Characters in which a link names its file: a picture in Base64 is not searched to its end."""


@dataclass(slots=True)
class Upload:
    """A place for a file: its type as a header names it, and until when it may be sent, in Unix milliseconds.

    `secret` stands in the link that takes the file, which is empty until then.
    """

    id: str
    secret: str
    content_type: str
    until: int
    data: bytes = b""


class Uploads:
    """The files of one server."""

    def __init__(self) -> None:
        self._files: dict[str, Upload] = {}

    def __len__(self) -> int:
        """How many places there are."""
        return len(self._files)

    def open(self, content_type: str, until: int) -> Upload:
        """A new place for a file."""
        place = Upload(secrets.token_hex(16), secrets.token_urlsafe(24), content_type, until)
        self._files[place.id] = place
        while len(self._files) > MOST_FILES:
            del self._files[next(iter(self._files))]
        return place

    def find(self, path: str) -> Upload | None:
        """The place that a path or link leads to."""
        return self._files.get(path.rpartition(PREFIX)[2])

    def fill(self, place: Upload, data: bytes) -> None:
        """Keep a file in its place; the oldest files are dropped where all together are too large."""
        self._files.pop(place.id, None)
        held = len(data) + sum(len(other.data) for other in self._files.values())
        for other in list(self._files.values()):
            if held <= MOST_BYTES:
                break
            held -= len(other.data)
            del self._files[other.id]
        place.data = data
        self._files[place.id] = place

    def shown_in(self, value: Any) -> Any:
        """A JSON value with the file itself, as a data URI, in the place of each link to an uploaded one."""
        if not self._files:
            return value
        if isinstance(value, dict):
            return {name: self.shown_in(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.shown_in(item) for item in value]
        if not isinstance(value, str) or PREFIX not in value[:_LONGEST_LINK]:
            return value
        place = self.find(value)
        if place is None or not place.data:
            return value
        return f"data:{place.content_type};base64,{base64.b64encode(place.data).decode()}"


def media_methods(path: str) -> tuple[str, ...]:
    """The methods of a path below /media."""
    return ("GET", "HEAD", "PUT") if path.startswith(PREFIX) else ("GET", "HEAD")
