"""The mark at a frame's lower edge: light and dark cells that say which job the clip is from, and of which
request.

A decoder reads it from the luma of one frame, also after the clip was encoded anew: cells are in rows from
the left, the whole mark is as wide as the frame, and a checksum tells a mark from what only looks like one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from PIL import Image

_TONES: Final = bytes.maketrans(b"01", b"\0\xff")
"""The grey of a cell for each bit."""
LONGEST_ID: Final = 48
"""Bytes of a job's id that the mark has; of a longer one it has the beginning."""
_SIDES: Final = (8, 6, 5, 4, 3, 2)
"""Pixels of a cell's side, the largest one first that leaves room."""
_SHARE: Final = 0.1
"""Of the frame's height that the mark takes at most, but with the smallest cells."""
_MOST_ROWS: Final = 24
_START: Final = 0xA5
_TEXT, _UUID = 0, 1
_REQUEST: Final = 8
_CHECKSUM: Final = 4
_MIDDLE: Final = 126
"""Luma between that of dark and light cells."""


class JobMark(NamedTuple):
    """What a mark says: the job's id, or its first 48 bytes, and the request's digest, 16 hex digits."""

    job_id: str
    request: str


class Grid(NamedTuple):
    """Where the cells are: px of a side, cells of a row, rows; the last row ends where the frame does."""

    side: int
    across: int
    rows: int

    @property
    def height(self) -> int:
        """Pixels."""
        return self.side * self.rows


def grid(mark: JobMark, width: int, height: int) -> Grid | None:
    """How the mark fits into a frame of that size, px; None where it has no room."""
    bits = 8 * len(_packed(mark))
    for side in _SIDES:
        fitting = _grid(bits, width, side)
        if fitting.height <= _SHARE * height:
            return fitting
    smallest = _grid(bits, width, _SIDES[-1])
    return smallest if smallest.height <= 0.4 * height and smallest.rows <= _MOST_ROWS else None


def draw(mark: JobMark, cells: Grid, width: int) -> Image.Image:
    """The mark as a grey picture, as wide as the frame."""
    from PIL import Image

    bits = "".join(f"{byte:08b}" for byte in _packed(mark))
    # What is left is filled with cells in turn, so that a re-encoder has no reason to blur the last row.
    bits += "10" * (cells.across * cells.rows - len(bits))
    pixels = bits[: cells.across * cells.rows].encode().translate(_TONES)
    small = Image.frombytes("L", (cells.across, cells.rows), pixels)
    sheet = Image.new("L", (width, cells.height))
    sheet.paste(small.resize((cells.across * cells.side, cells.height), Image.Resampling.NEAREST))
    return sheet


def read(luma: bytes, width: int, height: int) -> JobMark | None:
    """The mark of a frame, of which `luma` has a byte for each pixel; None where there is none to read."""
    for side in _SIDES:
        for rows in range(1, min(_MOST_ROWS, height // side) + 1):
            mark = _unpacked(_cells(luma, width, height, Grid(side, width // side, rows)))
            if mark is not None:
                return mark
    return None


def _grid(bits: int, width: int, side: int) -> Grid:
    across = max(1, width // side)
    return Grid(side, across, -(-bits // across))


def _packed(mark: JobMark) -> bytes:
    kind, name = _TEXT, mark.job_id.encode("utf-8", "replace")[:LONGEST_ID]
    if _is_uuid(mark.job_id):
        kind, name = _UUID, UUID(mark.job_id).bytes
    content = bytes((_START, len(name), kind)) + name + bytes.fromhex(mark.request)
    return content + zlib.crc32(content).to_bytes(_CHECKSUM)


def _is_uuid(text: str) -> bool:
    """Whether the text is a UUID as it is usually written: only then is it that of its bytes."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _unpacked(data: bytes) -> JobMark | None:
    if len(data) < 3 or data[0] != _START or data[1] > LONGEST_ID:
        return None
    length = 3 + data[1] + _REQUEST
    content, checksum = data[:length], data[length : length + _CHECKSUM]
    if zlib.crc32(content).to_bytes(_CHECKSUM) != checksum:
        return None
    name, request = content[3 : 3 + data[1]], content[3 + data[1] :]
    if data[2] == _UUID:
        return JobMark(str(UUID(bytes=name)), request.hex())
    return JobMark(name.decode("utf-8", "replace"), request.hex())


def _cells(luma: bytes, width: int, height: int, cells: Grid) -> bytes:
    """The bytes that the cells spell; the first one alone where no mark begins like that."""
    places = [(column, row) for row in range(cells.rows) for column in range(cells.across)]
    start = _spelled(luma, width, height, cells, places[:8])
    if start != bytes((_START,)):
        return start
    return start + _spelled(luma, width, height, cells, places[8 : len(places) // 8 * 8])


def _spelled(luma: bytes, width: int, height: int, cells: Grid, places: Sequence[tuple[int, int]]) -> bytes:
    """The bytes of the cells at those columns and rows, each by the mean of the pixels around its middle."""
    top = height - cells.height
    bits = "".join(f"{_is_light(luma, width, cells.side, x, top + y * cells.side):d}" for x, y in places)
    return int(f"0{bits}", 2).to_bytes(len(bits) // 8)


def _is_light(luma: bytes, width: int, side: int, column: int, top: int) -> bool:
    inner: Sequence[int] = range(side // 4, side - side // 4)
    values = [luma[(top + y) * width + column * side + x] for y in inner for x in inner]
    return sum(values) > _MIDDLE * len(values)
