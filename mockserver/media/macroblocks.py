"""A drawn picture as macroblocks of raw samples, as H.264 takes them: 16x16 of luma, two times 8x8 of
chroma."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from mockserver.media.h264 import SIDE

if TYPE_CHECKING:
    from PIL import Image

_LUMA: Final = (0.18259, 0.61423, 0.06201, 16.0)
"""From RGB to the luma of BT.709 in its narrow range, 16 to 235."""
_BLUE: Final = (-0.10064, -0.33857, 0.43922, 128.0)
_RED: Final = (0.43922, -0.39894, -0.04027, 128.0)
"""To its chroma, 16 to 240."""
_LUMA_SIZE: Final = SIDE * SIDE
_CHROMA_SIZE: Final = _LUMA_SIZE // 4


def macroblocks(image: Image.Image) -> list[bytes]:
    """All of an RGB image whose sides are multiples of 16, row by row; no byte is below 16."""
    from PIL import Image

    luma, half = image.convert("L", _LUMA), image.reduce(2)
    # Both kinds of chroma in one plane, one above the other, halve the columns to cut.
    chroma = Image.new("L", (half.width, 2 * half.height))
    chroma.paste(half.convert("L", _BLUE), (0, 0))
    chroma.paste(half.convert("L", _RED), (0, half.height))
    columns = [
        _column(samples, colours)
        for samples, colours in zip(_strips(luma, SIDE), _strips(chroma, SIDE // 2), strict=True)
    ]
    return list(chain.from_iterable(zip(*columns, strict=True)))


def _strips(plane: Image.Image, width: int) -> list[bytes]:
    """Columns of square blocks: the rows of each are one block after another."""
    lefts = range(0, plane.width, width)
    return [plane.crop((left, 0, left + width, plane.height)).tobytes() for left in lefts]


def _column(luma: bytes, chroma: bytes) -> list[bytes]:
    """A column of macroblocks, from top to bottom."""
    blue, red = chroma[: len(chroma) // 2], chroma[len(chroma) // 2 :]
    return [
        luma[_LUMA_SIZE * at : _LUMA_SIZE * (at + 1)]
        + blue[_CHROMA_SIZE * at : _CHROMA_SIZE * (at + 1)]
        + red[_CHROMA_SIZE * at : _CHROMA_SIZE * (at + 1)]
        for at in range(len(luma) // _LUMA_SIZE)
    ]
