"""Pictures that are costly to open: each is allowed by its size, and its sender paid a few lines for it.

A builder takes about how many bytes the picture may have. `PICTURES` are those whose header is long to walk,
or costs a library time or memory in another way; `DRAWN` cost it when their pixels are drawn.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from PIL import Image

LARGE: Final = 7_400_000
"""Bytes that are under ten million characters in Base64, the least that a provider takes for a picture."""
MIB: Final = 1024 * 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EXIF: Final = b"Exif\0\0"


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as Pillow writes it."""
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(width: int = 640, height: int = 480, **options: Any) -> bytes:
    """A plain JPEG."""
    return saved(Image.new("RGB", (width, height), "teal"), "JPEG", **options)


def png(width: int = 640, height: int = 480) -> bytes:
    """A plain PNG."""
    return saved(Image.new("RGB", (width, height), "teal"), "PNG")


def segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def chunk(name: bytes, content: bytes = b"") -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))


def after_start(data: bytes, added: bytes) -> bytes:
    """A JPEG with `added` behind its first two bytes."""
    return data[:2] + added + data[2:]


def before_pixels(data: bytes, added: bytes) -> bytes:
    """A PNG with `added` before its pixels."""
    return data[:33] + added + data[33:]


def postscript(size: int) -> bytes:
    """An EPS of comments."""
    line = b"%%Comment: x\n"
    return (
        b"%!PS-Adobe-3.0 EPSF-3.0\n"
        + line * (size // len(line))
        + b"%%BoundingBox: 0 0 640 480\n%%EndComments\n"
    )


def ppm(size: int) -> bytes:
    """A PPM whose comment never ends."""
    return b"P6\n#" + b"x" * size + b"\n640 480 255\n"


def gif(size: int) -> bytes:
    """A GIF of comment blocks, one byte each."""
    plain = saved(Image.new("P", (640, 480)), "GIF")
    return plain[:13] + plain[13:781] + b"!\xfe" + b"\x01x" * (size // 2) + b"\0" + plain[781:]


def tiff(size: int) -> bytes:
    """A TIFF of 65,534 tags, each of which claims more than the file has."""
    del size
    return b"II*\0" + struct.pack("<I", 8) + directory(65_534, 1 << 20, 8) + bytes(4)


def directory(count: int, length: int, at: int) -> bytes:
    """A directory of Exif: `count` tags, all of which are the same `length` bytes at `at`."""
    tags = [struct.pack("<HHII", tag, 7, length, at) for tag in range(count)]
    return struct.pack("<H", count) + b"".join(tags)


def webp(size: int) -> bytes:
    """A WEBP with thousands of unknown chunks before its pixels."""
    plain = saved(Image.new("RGB", (640, 480)), "WEBP")
    head = b"VP8X" + struct.pack("<IIHBHB", 10, 0, 639, 0, 479, 0)
    content = b"WEBP" + head + b"junk\0\0\0\0" * (size // 8) + plain[12:]
    return b"RIFF" + struct.pack("<I", len(content)) + content


def icns(size: int) -> bytes:
    """An ICNS of empty blocks."""
    return b"icns" + struct.pack(">I", size) + b"ic07\0\0\0\x08" * (size // 8)


def avif(size: int) -> bytes:
    """An AVIF of empty boxes."""
    return b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0\0\0\x08free" * (size // 8)


def empty_segments(size: int) -> bytes:
    """A JPEG of segments without content."""
    return after_start(jpeg(), segment(0xE0, b"") * (size // 4))


def fill_bytes(size: int) -> bytes:
    """A JPEG that fills the place between two segments."""
    return after_start(jpeg(), b"\xff" * size)


def junk_bytes(size: int) -> bytes:
    """A JPEG with zeros between two segments."""
    return after_start(jpeg(), bytes(size))


def lone_markers(size: int) -> bytes:
    """A JPEG of markers that have no segment."""
    return after_start(jpeg(), b"\xff\xd0" * (size // 2))


def tagged_jpeg(size: int) -> bytes:
    """A JPEG of Exif whose 5,000 tags are all the same 60,000 bytes, again and again."""
    exif = _EXIF + b"II*\0" + struct.pack("<I", 8) + directory(5000, 60_000, 8)
    return after_start(jpeg(), segment(0xE1, exif) * min(1000, max(1, size // len(exif))))


def turned_twice(size: int) -> bytes:
    """A JPEG whose thousand segments of Exif each have as many entries as go in."""
    exif = _EXIF + b"MM\0*" + struct.pack(">IH", 8, 5400) + bytes(12 * 5400)
    return after_start(jpeg(), segment(0xE1, exif) * min(1000, max(1, size // len(exif))))


def empty_chunks(size: int) -> bytes:
    """A PNG of chunks without content."""
    return before_pixels(png(), chunk(b"teXt") * (size // 12))


def inflating_texts(size: int) -> bytes:
    """A PNG of texts that inflate to a thousand times their size."""
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000), 9))
    return before_pixels(png(), text * min(1000, max(1, size // len(text))))


def inflating_profile(size: int) -> bytes:
    """A PNG with a colour profile of a GB."""
    return before_pixels(png(), chunk(b"iCCP", b"k\0\0" + zeros(min(1000, size // 1100))))


def tagged_png(size: int) -> bytes:
    """A PNG whose Exif has 65,534 tags of the same megabytes."""
    exif = b"II*\0" + struct.pack("<I", 8) + directory(65_534, min(size, 1 << 20), 8)
    return before_pixels(png(), chunk(b"eXIf", exif + bytes(size)))


def many_scans(size: int) -> bytes:
    """A progressive JPEG of many pixels and of tiny scans without end."""
    plain = jpeg(8000, 8000, progressive=True, quality=20)
    scan = segment(0xDA, bytes((1, 1, 0, 1, 1, 0))) + b"\0"
    return plain[:-2] + scan * (size // len(scan)) + b"\xff\xd9"


def empty_pixels(size: int) -> bytes:
    """A PNG whose pixels stand in chunks without content."""
    plain = png()
    end = plain.index(b"IDAT") - 4
    return plain[:end] + chunk(b"IDAT") * (size // 12) + plain[end:]


def many_frames(size: int) -> bytes:
    """An animated PNG with frames without end."""
    plain = png()
    control = struct.pack(">IIIIIHHBB", 0, 640, 480, 0, 0, 1, 1, 0, 0)
    animated = before_pixels(plain, chunk(b"acTL", struct.pack(">II", 10_000, 0)))
    return (
        animated[:-12] + (chunk(b"fcTL", control) + chunk(b"fdAT", bytes(8))) * (size // 58) + animated[-12:]
    )


def transparent(size: int) -> bytes:
    """A PNG of 64 million transparent pixels, interlaced: Pillow cannot write one."""
    del size
    return zero_png(8000, 8000, depth=16, colours=6, interlaced=1)


def narrow(size: int) -> bytes:
    """A PNG of 60 million rows of one pixel."""
    del size
    return zero_png(1, 60_000_000)


def zero_png(width: int, height: int, depth: int = 8, colours: int = 0, interlaced: int = 0) -> bytes:
    """A PNG whose samples are all zero, grey or with colour and transparency."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    samples = 4 if colours else 1
    pixels = zeros(height * (1 + width * samples * depth // 8) // MIB + 2)
    return _PNG + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND")


def zeros(count: int) -> bytes:
    """So many MiB of zeros as zlib packs them; the same piece again and again, which takes no time."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = deflater.compress(bytes(MIB)) + deflater.flush(zlib.Z_FULL_FLUSH)
    # Adler's checksum of zeros is 1 and their count.
    checksum = (count * MIB % 65_521) << 16 | 1
    return b"\x78\xda" + piece * count + b"\x03\0" + struct.pack(">I", checksum)


Builder = Callable[[int], bytes]

OTHER_KINDS: Final[dict[str, Builder]] = {
    build.__name__: build for build in (postscript, ppm, tiff, icns, avif)
}
"""Kinds that no contract takes."""
PICTURES: Final[dict[str, Builder]] = {
    build.__name__: build
    for build in (
        gif, webp, empty_segments, fill_bytes, junk_bytes, lone_markers, tagged_jpeg, turned_twice,
        empty_chunks, inflating_texts, inflating_profile, tagged_png,
    )
}  # fmt: skip
DRAWN: Final[dict[str, Builder]] = {
    build.__name__: build for build in (many_scans, empty_pixels, many_frames, transparent)
}
