"""Small real pictures, and strings with them that keep or just break an `x-image` rule."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_TYPES: Final = ("jpeg", "png")
URLS: Final = (
    "https://example.com/first.png",
    "http://example.com/",
    "https://example.org:8443/a%20b/%E2%9C%93.jpg?size=2&sig=x%2By#top",
    "HTTPS://user@example.net/~a/b;c=d,e/(f)/?q?r",
    "https://example.com/" + "a" * 1980,
)
"""Links to the domains of RFC 2606, which belong to nobody."""


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


@lru_cache(maxsize=128)
def png(width: int, height: int, size: int = 0) -> bytes:
    """A white PNG of one bit a pixel, of exactly `size` bytes where that is more than it needs."""
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    parts = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(row * height, 9)),
    ]
    spare = size - len(_PNG) - sum(map(len, parts)) - 12
    if spare >= 12:
        parts.append(_chunk(b"paDd", bytes(spare - 12)))
    return _PNG + b"".join(parts) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=128)
def jpeg(width: int, height: int) -> bytes:
    """A grey baseline JPEG: each block of 8x8 is two bits, "as the one before" and "no more"."""
    blocks = ((width + 7) // 8) * ((height + 7) // 8)
    bits = "00" * blocks
    bits += "1" * (-len(bits) % 8)
    scan = int("1" + bits, 2).to_bytes(len(bits) // 8 + 1, "big")[1:]
    tables = b"".join(_segment(0xC4, bytes([place, 1]) + bytes(15) + b"\0") for place in (0x00, 0x10))
    return (
        b"\xff\xd8"
        + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + _segment(0xDB, b"\0" + b"\x10" * 64)
        + _segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
        + tables
        + _segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + scan.replace(b"\xff", b"\xff\0")
        + b"\xff\xd9"
    )


def _segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


@lru_cache(maxsize=16)
def bmp(width: int, height: int) -> bytes:
    """A white BMP of one bit a pixel."""
    pixels = b"\xff" * ((width + 31) // 32 * 4) * height
    colours = b"\0\0\0\0\xff\xff\xff\0"
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 1, 0, len(pixels), 2835, 2835, 2, 0)
    return struct.pack("<2sIHHI", b"BM", 62 + len(pixels), 0, 0, 62) + head + colours + pixels


def sizes(rule: Mapping[str, Any]) -> tuple[Size, ...]:
    """Sides at every limit of a rule, the plainest first."""
    least = int(rule.get("minSide", 1))
    plain = max(least, 16)
    wide = rule.get("maxRatio", 4)
    tall = rule.get("minRatio", 0.25)
    limits = [Size(plain, plain), Size(least, least)]
    limits += [Size(_floor(least * wide), least), Size(least, _floor(least / tall))]
    limits += [Size(plain + 1, plain), Size(_floor(plain * wide) + int(wide), plain + 1)]
    return tuple(dict.fromkeys(size for size in limits if fits(size, rule)))


def fits(size: Size, rule: Mapping[str, Any]) -> bool:
    """Whether a picture of that size keeps the rule's least side and its ratios."""
    ratio = size.width / size.height
    low, high = rule.get("minRatio", 0), rule.get("maxRatio", ratio)
    return bool(min(size) >= rule.get("minSide", 1) and low <= ratio <= high)


def _floor(value: float) -> int:
    return int(value + 1e-9)


def forms(data: bytes, kind: str, rule: Mapping[str, Any]) -> Iterator[str]:
    """A picture's bytes in each form that the rule knows."""
    text = _encoded(data)
    if "base64" in rule["forms"]:
        yield text
    if "data-uri" in rule["forms"]:
        yield f"data:image/{kind};base64,{text}"
        yield f"DATA:image/{kind};charset=utf-8;BASE64,{text}"


@lru_cache(maxsize=256)
def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def picture(kind: str, size: Size) -> bytes:
    """A picture of kind `png`, `jpeg` or `bmp`."""
    return {"png": png, "jpeg": jpeg, "bmp": bmp}[kind](*size)


def values(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Strings that keep the rule: links, and pictures of each type and limit in each form."""
    texts: list[str] = []
    if "url" in rule["forms"]:
        texts += URLS
    for kind in rule.get("types", _TYPES):
        for size in sizes(rule):
            texts += forms(picture(kind, size), kind, rule)
    if rule.get("empty"):
        texts.append("")
    return tuple(texts)


def fullest(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Pictures of exactly the most bytes that the rule allows, in each form; empty if it sets no limit."""
    return tuple(_fullest(rule, 0))


def _fullest(rule: Mapping[str, Any], over: int) -> Iterator[str]:
    if "maxBytes" in rule and "png" in rule.get("types", _TYPES):
        yield from forms(png(*sizes(rule)[0], rule["maxBytes"] + over), "png", rule)


def images(rule: Mapping[str, Any], *, large: bool = False) -> st.SearchStrategy[str]:
    """Strings that keep an `x-image` rule; `large` adds pictures of exactly the most bytes allowed."""
    texts = values(rule)
    if large:
        texts += fullest(rule)
    return sampled_texts(texts)


def sampled_texts(texts: Sequence[str]) -> st.SearchStrategy[str]:
    """`sampled_from` for long texts, which Hypothesis would write out in full to describe the strategy."""
    return st.integers(0, len(texts) - 1).map(lambda index: texts[index])


def faulty(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Strings that break an `x-image` rule, one for each of its requirements."""
    texts = list(_malformed(rule))
    kinds = rule.get("types", _TYPES)
    plain = sizes(rule)[0]
    if "types" in rule:
        texts += _first_form(rule, picture("bmp", Size(max(plain), max(plain))), "bmp")
    for kind in set(_TYPES) - set(kinds):
        texts += _first_form(rule, picture(kind, plain), kind)
    for size in _wrong_sizes(rule):
        texts += _first_form(rule, picture(kinds[0], size), kinds[0])
    return (*texts, *islice(_fullest(rule, 1), 1))


def _first_form(rule: Mapping[str, Any], data: bytes, kind: str) -> list[str]:
    return list(islice(forms(data, kind, rule), 1))


def _wrong_sizes(rule: Mapping[str, Any]) -> Iterator[Size]:
    least = int(rule.get("minSide", 16))
    if least > 1 and "minSide" in rule:
        yield Size(least - 1, least - 1)
        yield Size(least, least - 1)
    if "maxRatio" in rule:
        yield Size(_floor(least * rule["maxRatio"]) + 1, least)
    if "minRatio" in rule:
        yield Size(least, _floor(least / rule["minRatio"]) + 1)


def _malformed(rule: Mapping[str, Any]) -> Iterator[str]:
    """Wrong form, no picture, a picture cut off, no Base64, an impossible link."""
    known = rule["forms"]
    data = png(300, 300)
    text = _encoded(data)
    yield "not a picture"
    yield "ftp://example.com/first.png"
    if "url" in known:
        yield "https://example.com/a b.png"
    else:
        yield URLS[0]
    if "base64" not in known:
        yield text
    if "data-uri" not in known:
        yield f"data:image/png;base64,{text}"
    for broken in (_encoded(b"plain text, no picture"), _encoded(data[:20]), f"{text[:-4]}*==="):
        yield broken if "base64" in known else f"data:image/png;base64,{broken}"
    if not rule.get("empty"):
        yield ""
