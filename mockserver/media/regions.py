"""Masked regions of the picture: those that move, each along its path, and the one that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.media import lettering
from mockserver.media.h264 import SIDE, STILL, Vector
from mockserver.media.layout import Layout, Macroblock
from mockserver.media.picture import decoded, measure
from mockserver.media.spec import MovingMask, VideoSpec

if TYPE_CHECKING:
    from PIL import Image

COLOURS: Final = ("#ffd23f", "#ff6b6b", "#4dabf7", "#69db7c", "#da77f2", "#ffa94d")
"""Of the edges of the regions that move, in their order."""
FIXED: Final = "#f8f9fa"
_HALF: Final = 128
_DISC: Final = 0.09
"""The radius of a region whose mask is not at hand, as a share of the frame's width."""


class Region(NamedTuple):
    """A region that moves: the macroblocks that it covers, and its path, px from its own place at each
    point."""

    cells: frozenset[Macroblock]
    path: tuple[tuple[float, float], ...]

    def offset(self, share: float) -> tuple[int, int]:
        """How far it has moved, right and down, whole px, at that share of the clip: at the same speed all
        along."""
        lengths = [hypot(u - x, v - y) for (x, y), (u, v) in pairwise(self.path)]
        left = share * sum(lengths)
        for length, ((x, y), (u, v)) in zip(lengths, pairwise(self.path), strict=True):
            if left <= length and length:
                part = left / length
                return round(x + part * (u - x)), round(y + part * (v - y))
            left -= length
        x, y = self.path[-1]
        return round(x), round(y)


class Regions(NamedTuple):
    """All regions of a picture; `fixed` are the macroblocks that stay."""

    moving: tuple[Region, ...]
    fixed: frozenset[Macroblock]

    def rows(self, share: float, layout: Layout) -> Mapping[int, Mapping[int, Vector]]:
        """The vectors of the rows and columns at which the picture is not what is around, at that share."""
        rows: dict[int, dict[int, Vector]] = {}
        for region in self.moving:
            right, down = region.offset(share)
            for place in region.cells:
                for target in _covered(place, right, down, layout):
                    rows.setdefault(target.row, {})[target.column] = (-4 * right, -4 * down)
        for place in self.fixed:
            rows.setdefault(place.row, {})[place.column] = STILL
        return rows


class Sheets(NamedTuple):
    """The masks in the frame's size, 255 inside and 0 outside."""

    moving: tuple[Image.Image, ...]
    fixed: Image.Image | None


def sheets(spec: VideoSpec) -> Sheets | None:
    """The spec's masks; None where it has none. One that is not at hand is a disc where its path begins."""
    if not spec.moving and spec.fixed is None:
        return None
    return Sheets(tuple(_sheet_of(mask, spec) for mask in spec.moving), _sheet(spec.fixed, spec))


def regions(spec: VideoSpec, masks: Sheets, layout: Layout) -> Regions:
    """The regions of the spec's masks."""
    moving = (Region(_cells(sheet, layout), _path(mask, spec))
              for mask, sheet in zip(spec.moving, masks.moving, strict=True))  # fmt: skip
    return Regions(tuple(moving), _cells(masks.fixed, layout))


def outline(picture: Image.Image, masks: Sheets) -> None:
    """Draw the edges and the numbers of the regions into the picture."""
    for index, sheet in enumerate(masks.moving):
        _outline(picture, sheet, COLOURS[index % len(COLOURS)], str(index + 1))
    if masks.fixed is not None:
        _outline(picture, masks.fixed, FIXED, "=")


def _path(mask: MovingMask, spec: VideoSpec) -> tuple[tuple[float, float], ...]:
    across, down = _scale(mask, spec)
    (left, low), *_ = mask.path
    return tuple(((x - left) * across, (low - y) * down) for x, y in mask.path)


def _scale(mask: MovingMask, spec: VideoSpec) -> tuple[float, float]:
    """Pixels of the frame for one of the path, which is in those of the mask, or of the picture."""
    for data in filter(None, (mask.mask, spec.first)):
        with suppress(ValueError):
            picture = measure(data)
            return spec.width / picture.width, spec.height / picture.height
    return 1.0, 1.0


def _sheet_of(mask: MovingMask, spec: VideoSpec) -> Image.Image:
    from PIL import Image, ImageDraw

    sheet = _sheet(mask.mask, spec)
    if sheet is not None:
        return sheet
    across, down = _scale(mask, spec)
    x, y = mask.path[0][0] * across, spec.height - mask.path[0][1] * down
    radius = _DISC * spec.width
    sheet = Image.new("L", (spec.width, spec.height))
    ImageDraw.Draw(sheet).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return sheet


def _sheet(data: bytes | None, spec: VideoSpec) -> Image.Image | None:
    size = (spec.width, spec.height)
    image = decoded(data, size)
    if image is None:
        return None
    return image.convert("L").resize(size).point([255 * (value >= _HALF) for value in range(256)])


def _cells(sheet: Image.Image | None, layout: Layout) -> frozenset[Macroblock]:
    """The macroblocks of the picture of which the mask covers at least half; none without a mask."""
    if sheet is None:
        return frozenset()
    small = sheet.crop((0, 0, layout.columns * SIDE, layout.top * SIDE)).reduce(SIDE)
    covered = small.tobytes()
    return frozenset(
        Macroblock(at % layout.columns, at // layout.columns)
        for at, value in enumerate(covered)
        if value >= _HALF
    )


def _covered(place: Macroblock, right: int, down: int, layout: Layout) -> Sequence[Macroblock]:
    """The macroblock of the picture that shows most of one that has moved; none where it has left the
    picture."""
    column, row = place.column + round(right / SIDE), place.row + round(down / SIDE)
    inside = 0 <= column < layout.columns and 0 <= row < layout.top
    # What is shown there may begin above or below the macroblock, but neither outside of the picture nor in
    # the band.
    source = row * SIDE - down
    if inside and 0 <= source <= (layout.top - 1) * SIDE:
        return [Macroblock(column, row)]
    return []


def _outline(picture: Image.Image, sheet: Image.Image, colour: str, text: str) -> None:
    """Draw the mask's edge, some pixels wide, and the text in its middle."""
    from PIL import ImageChops, ImageDraw, ImageFilter

    box = sheet.getbbox()
    if box is None:
        return
    small = sheet.resize((max(1, sheet.width // 2), max(1, sheet.height // 2)))
    edge = ImageChops.subtract(small, small.filter(ImageFilter.MinFilter(3))).resize(sheet.size)
    picture.paste(colour, (0, 0), edge)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    font = lettering.font(max(12, sheet.height // 16))
    ImageDraw.Draw(picture).text(
        middle, text, fill=colour, font=font, anchor="mm", stroke_width=2, stroke_fill="#000"
    )
