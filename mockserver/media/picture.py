"""Submitted pictures: reads kind and size from the header, and draws the picture into a frame."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.media.header import read_header
from mockserver.media.pixels import pixels_of

if TYPE_CHECKING:
    from PIL import Image

_GROUND: Final = "#101418"
_LYING: Final = 5
"""Exif's orientations from here on show a picture lying on its side."""


class Picture(NamedTuple):
    """`kind` is "jpeg", "png" or another format's lower-case name. The sides are in pixels as the picture is
    shown: a JPEG that Exif turns by 90 degrees has them swapped."""

    kind: str
    width: int
    height: int


def measure(data: bytes) -> Picture:
    """Kind and size by content, whatever the file's name.

    Takes a millisecond at the most, whatever the header holds: see `header`. Raises ValueError, with a text
    that completes "it cannot be read: ...", where no size can be told.
    """
    header = read_header(data)
    if header.orientation >= _LYING:
        return Picture(header.kind, header.height, header.width)
    return Picture(header.kind, header.width, header.height)


def filling(data: bytes | None, width: int, height: int) -> Image.Image | None:
    """The whole picture in RGB, in a frame of that size; None where none can be drawn."""
    image = decoded(data, (width, height))
    return None if image is None else _fitted(image, (width, height))


def decoded(data: bytes | None, wanted: tuple[int, int]) -> Image.Image | None:
    """The whole picture upright in RGB, about as large as `wanted` or larger; None where none can be
    drawn."""
    if not data:
        return None
    try:
        return _decoded(data, wanted)
    except Exception:  # a decoder may raise anything over damaged bytes, and the clip is made all the same
        return None


def montage(pictures: Sequence[bytes], width: int, height: int) -> Image.Image | None:
    """The pictures in rows and columns, in RGB, in a frame of that size: the first is at the upper left.

    None where there is none; a place whose picture cannot be drawn stays dark.
    """
    from PIL import Image

    if not pictures:
        return None
    columns = -(-len(pictures) // round(len(pictures) ** 0.5))
    rows = -(-len(pictures) // columns)
    if height > width:
        columns, rows = rows, columns
    sheet = Image.new("RGB", (width, height), _GROUND)
    for index, data in enumerate(pictures):
        row, column = divmod(index, columns)
        left, top = width * column // columns, height * row // rows
        size = width * (column + 1) // columns - left, height * (row + 1) // rows - top
        picture = filling(data, *size)
        if picture is not None:
            sheet.paste(picture, (left, top))
    return sheet


def _decoded(data: bytes, wanted: tuple[int, int]) -> Image.Image:
    """The picture upright in RGB; where the data is cut off, the part that is there."""
    from PIL import Image

    header = read_header(data)
    image = Image.open(BytesIO(pixels_of(data, header)), formats=("JPEG", "PNG"))
    image.draft("RGB", wanted)
    try:
        image.load()
    except OSError:
        image.tile = []  # what was decoded so far is the picture; Pillow's own switch for it is process-wide
    plain = _reduced(_in_eight_bits(image), wanted)
    if header.orientation > 1:
        plain = plain.transpose(_turns()[header.orientation])
    if plain.has_transparency_data:
        ground = Image.new("RGBA", plain.size, "white")
        return Image.alpha_composite(ground, plain.convert("RGBA")).convert("RGB")
    return plain.convert("RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be reduced, with the same colours and transparency."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _reduced(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """A much too large picture in a size that suffices, so that what follows takes little memory."""
    factor = max(image.width // (2 * wanted[0]), image.height // (2 * wanted[1]))
    return image.reduce(factor) if factor > 1 else image


def _turns() -> Mapping[int, Image.Transpose]:
    """How a picture of each of Exif's orientations is turned upright."""
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture in the frame; where the ratios differ, the picture, blurred, fills the rest."""
    from PIL import Image, ImageEnhance, ImageFilter, ImageOps

    if 0.97 < (image.width * size[1]) / (image.height * size[0]) < 1.03:
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    ground = ImageOps.fit(image, (max(1, size[0] // 8), max(1, size[1] // 8)))
    ground = ground.filter(ImageFilter.GaussianBlur(6)).resize(size, Image.Resampling.BICUBIC)
    ground = ImageEnhance.Brightness(ground).enhance(0.5)
    front = ImageOps.contain(image, size)
    ground.paste(front, ((size[0] - front.width) // 2, (size[1] - front.height) // 2))
    return ground


def backdrop(prompt: str, width: int, height: int) -> Image.Image:
    """A scene in colours of the prompt's hash: a sky of two colours, and discs whose edges make motion
    visible."""
    from PIL import Image, ImageDraw

    numbers = shares(prompt)
    hue = next(numbers)
    ends = Image.new("RGB", (1, 2))
    ends.putpixel((0, 0), _colour(hue, 0.7, 0.28))
    ends.putpixel((0, 1), _colour(hue + 0.1, 0.55, 0.72))
    scene = ends.resize((1, height), Image.Resampling.BICUBIC).resize(
        (width, height), Image.Resampling.NEAREST
    )
    pen = ImageDraw.Draw(scene)
    for shift, value in ((0.08, 0.5), (-0.08, 0.4), (0.16, 0.62), (-0.14, 0.75), (0.04, 0.88), (0.2, 0.95)):
        pen.ellipse(_disc(numbers, (width, height), 0.16), fill=_colour(hue + shift, 0.55, value))
    return scene


def _disc(
    numbers: Iterator[float], size: tuple[int, int], largest: float
) -> tuple[float, float, float, float]:
    x, y = next(numbers) * size[0], next(numbers) * size[1]
    radius = (0.25 + 0.75 * next(numbers)) * largest * max(size)
    return x - radius, y - radius, x + radius, y + radius


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def shares(text: str) -> Iterator[float]:
    """Endless numbers from 0 to 1 that depend on the text alone."""
    block = text.encode("utf-8", "surrogatepass")
    while True:
        block = hashlib.sha256(block).digest()
        yield from (byte / 255 for byte in block)
