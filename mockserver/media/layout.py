"""Where everything is in a coded picture, in macroblocks: the picture, the band below it, and the store.

The store is below what is shown and cut off by every player (as the last rows of any clip 1080 px high are).
It has what the frames copy from: the picture's edge, a filled progress bar, and the digits of the running
time.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mockserver.media.h264 import SIDE, Coded

DIGITS: Final = "0123456789"
_LARGE: Final = 540
"""Pixels of a shorter side from which on a digit is two macroblocks wide and high."""
EDGE_ROWS: Final = 2
"""Rows of the picture's edge in the store: its last one above the band, and the one that the band covers."""


class Macroblock(NamedTuple):
    """A macroblock: its column and row."""

    column: int
    row: int


class Layout(NamedTuple):
    """The places of a clip of `width` x `height` px whose band begins in the row `top`.

    `digit` is the side of a digit, `length` the characters of the running time, with one digit behind a
    point.
    """

    width: int
    height: int
    top: int
    digit: int
    length: int

    @property
    def columns(self) -> int:
        """Macroblocks of a row."""
        return -(-self.width // SIDE)

    @property
    def edge(self) -> int:
        """The first row of the store."""
        return -(-self.height // SIDE)

    @property
    def full_bar(self) -> int:
        """The store's row of a filled progress bar."""
        return self.edge + EDGE_ROWS

    @property
    def coded(self) -> Coded:
        """The size of the coded picture."""
        per_row = max(1, self.columns // self.digit)
        rows = -(-len(DIGITS) // per_row) * self.digit
        return Coded(self.columns, self.full_bar + 1 + rows, self.width, self.height)

    def stored_digit(self, digit: str) -> Macroblock:
        """The upper left macroblock of a digit in the store."""
        row, column = divmod(DIGITS.index(digit), max(1, self.columns // self.digit))
        return Macroblock(column * self.digit, self.full_bar + 1 + row * self.digit)

    @property
    def clock(self) -> Macroblock:
        """The upper left macroblock of the running time: at the right, below the progress bar."""
        margin = int(self.width % SIDE > 0 or self.columns > 20)
        return Macroblock(max(0, self.columns - margin - self.length * self.digit), self.top + 1)

    @property
    def has_clock(self) -> bool:
        """Whether there is room for the running time."""
        return self.length * self.digit <= self.columns and self.top + 1 + self.digit <= self.edge


def digit_side(width: int, height: int) -> int:
    """Macroblocks of a digit's side in a frame of that size, px."""
    return 2 if min(width, height) >= _LARGE else 1


def running_time(tenths: int, length: int) -> str:
    """A time, in tenths of a second, in so many characters."""
    return f"{tenths // 10:0{length - 2}d}.{tenths % 10}"
