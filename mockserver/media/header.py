"""Headers of pictures: kind and size, read in bounded work and without an imaging library.

A library opens a picture by walking through whatever stands before the pixels, and whoever sends it decides
how much that is. So kind and size are read here: by the first bytes, and for a JPEG or PNG by steps from one
part of the header to the next. A part's content is skipped and costs nothing, however large it is: a photo
may carry megabytes of Exif, colour profiles and depth maps.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

MOST_PARTS: Final = 1024
"""Parts of a header (segments of a JPEG, chunks of a PNG) that are stepped over. Cameras write up to a
hundred or so, most of them 64 KiB pieces of one large part; to step over a thousand takes a millisecond."""
MOST_FILLING: Final = 256 * 1024
"""Bytes between the parts of a JPEG's header that are looked through; other programs write none."""
MOST_PIXELS: Final = 178_956_970
"""Pixels that a picture may have: four bytes for each are 700 MB. It is where Pillow sees a bomb, too."""

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
DAMAGED: Final = "it is cut off or damaged in its header"
_TOO_LONG: Final = "its header is too long"
_MARKER: Final = re.compile(rb"\xff([\x01-\xfe])")
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers of a JPEG without a segment."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers whose segment says the size."""
_END, _SCAN, _EXIF = 0xD9, 0xDA, 0xE1
_ORIENTATION, _SHORT = 0x0112, 3
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits of a sample that each colour type of a PNG may have."""
_BMP_VERSIONS: Final = {12: "<HH", **dict.fromkeys((40, 52, 56, 64, 108, 124), "<ii")}
"""How a BMP's sides are written, by the length of its second header."""


class Header(NamedTuple):
    """What a picture's first bytes say. `kind` is "jpeg", "png", "gif", "bmp" or "webp".

    The sides are in pixels as the pixels are stored. `orientation` is Exif's: 1 is upright, from 5 on the
    picture is shown lying on its side.
    """

    kind: str
    width: int
    height: int
    orientation: int = 1


class Part(NamedTuple):
    """A part of a header: its marker or name, where it starts, where its content starts, where it ends."""

    name: int | bytes
    start: int
    content: int
    end: int


def read_header(data: bytes) -> Header:
    """Kind and size of a picture. Raises ValueError, with a text that completes "it cannot be read: ..."."""
    for start, read in _READERS.items():
        if re.match(start, data, re.DOTALL):
            header = _read(read, data)
            if header.width * header.height > MOST_PIXELS:
                raise ValueError("it is said to have more pixels than is allowed here")
            return header
    raise ValueError(_not_a_picture(data))


def _read(read: Callable[[bytes], Header], data: bytes) -> Header:
    try:
        header = read(data)
    except (struct.error, IndexError):
        raise ValueError(DAMAGED) from None
    if header.width < 1 or header.height < 1:
        raise ValueError(DAMAGED)
    return header


def jpeg_parts(data: bytes) -> Iterator[Part]:
    """The segments of a JPEG up to its first scan, which is the last of them. Raises ValueError."""
    at, filling = 2, MOST_FILLING
    for _ in range(MOST_PARTS):
        marker = _MARKER.search(data, at, at + filling)
        if marker is None:
            raise ValueError(_TOO_LONG if at + filling < len(data) else DAMAGED)
        filling -= marker.start() - at
        name, at = marker[1][0], marker.end()
        if name == _END:
            raise ValueError(DAMAGED)
        if name in _ALONE:
            continue
        start, at = at, at + struct.unpack_from(">H", data, at)[0]
        if at < start + 2 or at > len(data):
            raise ValueError(DAMAGED)
        yield Part(name, start - 2, start + 2, at)
        if name == _SCAN:
            return
    raise ValueError(_TOO_LONG)


def _jpeg(data: bytes) -> Header:
    header, exif = None, None
    for part in jpeg_parts(data):
        if part.name in _FRAMES:
            bits, height, width, layers = struct.unpack_from(">BHHB", data, part.content)
            if bits != 8 or layers not in (1, 3, 4):
                raise ValueError(DAMAGED)
            header = Header("jpeg", width, height)
        elif part.name == _EXIF and exif is None and data.startswith(b"Exif\0\0", part.content):
            exif = data[part.content + 6 : part.end]
    if header is None:
        raise ValueError(DAMAGED)
    return header._replace(orientation=read_orientation(exif or b""))


def read_orientation(exif: bytes) -> int:
    """The orientation (1 to 8) in Exif's first directory; 1 where it does not say one."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        entries = exif[at + 2 :][: 12 * count]
        for tag, form, _, value, _ in struct.iter_unpack(f"{order}HHIHH", entries):
            if tag == _ORIENTATION:
                return value if form == _SHORT and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def png_parts(data: bytes, most: int = MOST_PARTS) -> Iterator[Part]:
    """At most `most` chunks of a PNG; the last one may be cut off. Raises ValueError where there are more."""
    at = len(PNG)
    for _ in range(most):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        yield Part(name, at, at + 8, at + 12 + length)
        at += 12 + length
    raise ValueError(_TOO_LONG)


def _png(data: bytes) -> Header:
    width, height, depth, colours = struct.unpack_from(">IIBB", data, 16)
    (checksum,) = struct.unpack_from(">I", data, 29)
    sound = data[8:16] == b"\0\0\0\rIHDR" and zlib.crc32(data[12:29]) == checksum
    if not sound or depth not in _DEPTHS.get(colours, ()):
        raise ValueError(DAMAGED)
    if not any(part.name == b"IDAT" for part in png_parts(data)):
        raise ValueError(DAMAGED)
    return Header("png", width, height)


def _gif(data: bytes) -> Header:
    return Header("gif", *struct.unpack_from("<HH", data, 6))


def _bmp(data: bytes) -> Header:
    (version,) = struct.unpack_from("<I", data, 14)
    if version not in _BMP_VERSIONS:
        raise ValueError(DAMAGED)
    width, height = struct.unpack_from(_BMP_VERSIONS[version], data, 18)
    return Header("bmp", width, abs(height))


def _webp(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind != b"VP8X":
        raise ValueError(DAMAGED)
    wide, _, high, _ = struct.unpack_from("<HBHB", data, 24)
    return Header("webp", wide + (data[26] << 16) + 1, high + (data[29] << 16) + 1)


_READERS: Final[Mapping[bytes, Callable[[bytes], Header]]] = {
    re.escape(JPEG): _jpeg,
    re.escape(PNG): _png,
    rb"GIF8[79]a": _gif,
    rb"BM": _bmp,
    rb"RIFF....WEBP": _webp,
}
"""How files of the kinds begin whose size can be read, and what reads it."""
_OTHERS: Final = {
    "PDF": rb"%PDF",
    "PostScript": rb"%!PS",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "SVG": rb"<svg",
    "AVIF": rb"....ftypavi[fs]",
    "HEIC": rb"....ftyp(?:hei|hev|mif|msf)",
    "ICNS": rb"icns",
    "JPEG 2000": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    "Photoshop": rb"8BPS",
    "PPM": rb"P[1-7]\s",
}
"""How files of other kinds begin."""


def _not_a_picture(data: bytes) -> str:
    if not data:
        return "it is empty"
    if data.startswith((PNG[:4], JPEG)):
        return DAMAGED
    head = data[:256].lstrip()
    for name, start in _OTHERS.items():
        if re.match(start, head, re.DOTALL):
            return f"it is not a JPEG or PNG but a {name} file"
    return f"it is not an image: its first bytes are {data[:8].hex(' ')}"
