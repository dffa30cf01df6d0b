"""A picture with nothing but its pixels: an imaging library then has no more to do than to draw them.

Its sender decides what else a file holds: texts that inflate, profiles, previews, thousands of empty pieces,
Exif whose entries all name the same megabytes. A library reads all of it before it draws.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from mockserver.media.header import PNG, Header, Part, jpeg_parts, png_parts

DRAWABLE: Final = 64_000_000
"""Pixels up to which a picture is drawn: half a GB of memory at the most, for a progressive JPEG."""
LONGEST: Final = 65_535
"""Pixels of a side up to which a picture is drawn, as many as a JPEG may have: whoever draws one holds the
interpreter's lock while it prepares each row."""
MOST_SCANNED: Final = 10 * DRAWABLE
"""Pixels of all scans of a JPEG. Each scan goes over the whole picture, and a thousand of them fit into a few
kilobytes; programs write ten or fewer."""
MOST_CHUNKS: Final = 65_536
"""Chunks of a PNG; programs write one for each 8 KiB or more of its pixels."""

_APPLICATIONS: Final = frozenset({*range(0xE0, 0xF0), 0xFE}) - {0xE0, 0xEE}
"""A JPEG's comments and applications' segments; but JFIF's and Adobe's say how its colours are written."""


def pixels_of(data: bytes, header: Header) -> bytes:
    """The picture without the parts that show nothing. Raises ValueError where it is not drawn:

    another kind than JPEG and PNG, too many pixels, scans or chunks, or damaged.
    """
    if header.width * header.height > DRAWABLE or max(header.width, header.height) > LONGEST:
        raise ValueError("it has too many pixels")
    if header.kind == "jpeg":
        return _jpeg(data, header)
    if header.kind == "png":
        return _png(data)
    raise ValueError("it is neither JPEG nor PNG")


def _jpeg(data: bytes, header: Header) -> bytes:
    parts = [*jpeg_parts(data)]
    first, end = parts[-1].start, data.find(b"\xff\xd9", parts[-1].end)
    if end < 0:
        end = len(data)
    scans = data.count(b"\xff\xda", first, end)
    if scans * header.width * header.height > MOST_SCANNED:
        raise ValueError("it has too many scans")
    needed = [data[part.start : part.end] for part in parts[:-1] if part.name not in _APPLICATIONS]
    return b"".join((b"\xff\xd8", *needed, data[first : end + 2]))


def _png(data: bytes) -> bytes:
    """In the order of the standard, with all pixels in one chunk."""
    first: dict[int | bytes, Part] = {}
    pixels: list[bytes] = []
    for part in png_parts(data, MOST_CHUNKS):
        first.setdefault(part.name, part)
        if part.name == b"IDAT":
            pixels.append(data[part.content : part.end - 4])
    described = [first[name] for name in (b"IHDR", b"PLTE", b"tRNS") if name in first]
    needed = [data[part.start : part.end] for part in described]
    return b"".join((PNG, *needed, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return b"".join((struct.pack(">I", len(content)), name, content, struct.pack(">I", checksum)))
