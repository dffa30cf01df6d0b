"""H.264 (ISO 14496-10) as it is written for a clip: a picture as raw samples, then pictures of vectors.

A test clip needs no compression: its picture is sent once, as it is (I_PCM), and what moves then is a copy of
it. So a clip of 5 s at 1280x720 takes a seventh of the time of plain ffmpeg (`testsrc2`, ultrafast). Where a
player refuses it, `plain` has the same pictures.
Constrained baseline, CAVLC, one slice a picture; what follows a picture with samples refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

SIDE: Final = 16
"""Pixels of a macroblock's side."""

Vector = tuple[int, int]
"""Where a macroblock's samples are in the reference: so many quarter pixels right of its place, and down."""
STILL: Final[Vector] = (0, 0)
_NUMBER_BITS: Final = 16
"""Bits of a picture's number (frame_num)."""
_LEVELS: Final = ((30, 40_500, 1620), (31, 108_000, 3600), (32, 216_000, 5120), (40, 245_760, 8192),
                  (50, 589_824, 22_080), (51, 983_040, 36_864))  # fmt: skip
"""Level, most macroblocks a second and a picture (table A-1); the last one for all that is larger."""
_HIGHEST: Final = 52
_RAW_IN_I: Final = b"\x0d\x00"
_RAW_IN_P: Final = b"\x87\xc0"
"""Between one raw macroblock and the next: its type as a number of Exp-Golomb (25; in P a run of no skipped
ones and 5 + 25), and zeros to the next byte."""


_EMULATION: Final = re.compile(rb"\0\0(?=[\0-\x03])")


class Coded(NamedTuple):
    """The size of a coded picture, in macroblocks, and what of it is shown, in even pixels."""

    columns: int
    rows: int
    width: int
    height: int

    @property
    def total(self) -> int:
        """Macroblocks of a picture."""
        return self.columns * self.rows


@lru_cache(maxsize=4096)
def number(value: int) -> str:
    """Bits of an unsigned Exp-Golomb code (9.1)."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


@lru_cache(maxsize=4096)
def signed(value: int) -> str:
    """Bits of a signed Exp-Golomb code (9.1.1)."""
    return number(2 * value - 1 if value > 0 else -2 * value)


def unit(kind: int, bits: str) -> bytes:
    """A NAL unit (7.3.1) of bits that lack the stop bit."""
    return _escaped(bytes((kind,)) + _closed(bits))


def level(coded: Coded, fps: int) -> int:
    """The lowest level that has room for the clip."""
    fitting = (name for name, rate, size in _LEVELS if coded.total <= size and coded.total * fps <= rate)
    return next(fitting, _HIGHEST)


def sequence_parameters(coded: Coded, fps: int) -> bytes:
    """The sequence parameter set (7.3.2.1.1): size, what is cut off at the right and below, colours, rate."""
    right, low = (coded.columns * SIDE - coded.width) // 2, (coded.rows * SIDE - coded.height) // 2
    colours = "1" + "101" + "0" + "1" + f"{1:08b}" * 3
    timing = "1" + f"{1:032b}" + f"{2 * fps:032b}" + "1"
    bounds = "1" + "1" + "".join(map(number, (0, 0, 11, 11, 0, 2)))
    bits = "".join((
        f"{66:08b}", "11000000", f"{level(coded, fps):08b}", number(0), number(_NUMBER_BITS - 4), number(2),
        number(2), "0", number(coded.columns - 1), number(coded.rows - 1), "11",
        "1", number(0), number(right), number(0), number(low),
        "1", "0", "0", colours, "0", timing, "0", "0", "0", bounds,
    ))  # fmt: skip
    return unit(0x67, bits)


def picture_parameters() -> bytes:
    """The picture parameter set (7.3.2.2): CAVLC, one reference, no weights, filters set by each slice."""
    return unit(0x68, "".join((number(0), number(0), "00", number(0), number(0), number(0), "000",
                               signed(0), signed(0), signed(0), "100")))  # fmt: skip


def key_picture(macroblocks: Sequence[bytes], parity: int) -> bytes:
    """A picture of raw macroblocks (384 bytes each) that needs no other one.

    `parity` is 0 or 1, another than that of the key picture before. It stays the reference of what follows.
    """
    header = "".join((number(0), number(7), number(0), "0" * _NUMBER_BITS, number(parity), "01",
                      signed(0), number(1)))  # fmt: skip
    # No sample is below 16, so that nothing but the header can look like the start of a unit.
    return b"".join((_escaped(b"\x65" + _filled(header + number(25))), _RAW_IN_I.join(macroblocks), b"\x80"))


def moving_picture(index: int, body: str) -> bytes:
    """The picture `index`, counted from the key picture, in vectors (see `vectors`) into that one."""
    to_long_term = "1" + number(2) + number(0) + number(3)
    return unit(0x61, _header(index) + to_long_term + "0" + signed(0) + number(1) + body)


def same_picture(index: int, coded: Coded) -> bytes:
    """A picture that looks like the one before it."""
    return unit(0x61, _header(index) + "0" + "0" + signed(0) + number(1) + number(coded.total))


def patched_picture(index: int, coded: Coded, patches: Sequence[tuple[int, Sequence[bytes]]]) -> bytes:
    """The picture before it, but with raw macroblocks.

    Each patch is the place of its first macroblock, counted in rows, and those that stand there side by side;
    the places go up.
    """
    pieces, bits, at = [], _header(index) + "0" + "0" + signed(0) + number(1), 0
    start = b"\x61"
    for place, macroblocks in patches:
        pieces += [_escaped(start + _filled(bits + number(place - at) + number(30)))]
        pieces.append(_RAW_IN_P.join(macroblocks))
        bits, start, at = "", b"", place + len(macroblocks)
    if at < coded.total:
        bits += number(coded.total - at)
    pieces.append(_escaped(start + _closed(bits)))
    return b"".join(pieces)


def _header(index: int) -> str:
    """The beginning of a slice of a whole P picture."""
    return number(0) + number(5) + number(0) + f"{index % (1 << _NUMBER_BITS):0{_NUMBER_BITS}b}" + "0"


def _filled(bits: str) -> bytes:
    """The bits, and zeros to the next byte."""
    length = -(-len(bits) // 8)
    return int(bits.ljust(8 * length, "0"), 2).to_bytes(length)


def _closed(bits: str) -> bytes:
    """The bits, the stop bit, and zeros to the next byte (7.3.2.11)."""
    return _filled(bits + "1")


def _escaped(data: bytes) -> bytes:
    """With a byte in between where three others would look like the start of a unit (7.4.1)."""
    return _EMULATION.sub(b"\0\0\x03", data) if b"\0\0" in data else data


def parameters(units: Iterable[bytes]) -> bytes:
    """Units, each behind its length in four bytes."""
    return b"".join(len(data).to_bytes(4) + data for data in units)
