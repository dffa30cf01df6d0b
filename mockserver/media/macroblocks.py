"""A drawn picture as macroblocks of raw samples, as H.264 takes them: 16x16 of luma, two times 8x8 of
chroma."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from mockserver.media.h264 import SIDE

if TYPE_CHECKING:
    from PIL import Image

_TO_709: Final = (
    0.18259, 0.61423, 0.06201, 16.0,
    -0.10064, -0.33857, 0.43922, 128.0,
    0.43922, -0.39894, -0.04027, 128.0,
)  # fmt: skip
"""From RGB to the luma and chroma of BT.709 in their narrow ranges, 16 to 235 and 16 to 240."""


def macroblocks(image: Image.Image) -> list[bytes]:
    """All of an RGB image whose sides are multiples of 16, row by row; no byte is below 16."""
    luma, blue, red = image.convert("RGB", _TO_709).split()
    columns = [_blocks(luma, SIDE), _blocks(blue.reduce(2), SIDE // 2), _blocks(red.reduce(2), SIDE // 2)]
    planes = [list(chain.from_iterable(zip(*plane, strict=True))) for plane in columns]
    return [b"".join(parts) for parts in zip(*planes, strict=True)]


def _blocks(plane: Image.Image, side: int) -> list[list[bytes]]:
    """Columns of square blocks. Pillow cuts a column at once: its rows are then one block after another."""
    size = side * side
    cut = (plane.crop((left, 0, left + side, plane.height)).tobytes() for left in range(0, plane.width, side))
    return [[column[at : at + size] for at in range(0, len(column), size)] for column in cut]
