"""Submitted pictures: reads kind and size from the header, and draws the picture into a frame."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION, LYING = 0x0112, frozenset({5, 6, 7, 8})
KINDS = {"MPO": "jpeg"}
"""Pillow's other names for a kind: a phone's JPEG may hold several pictures."""

DRAWABLE = 64_000_000
"""Pixels up to which a picture is decoded: below Pillow's own limit, and 200 MB of memory."""


class Picture(NamedTuple):
    """`kind` is "jpeg", "png" or another format's lower-case name. The sides are in pixels as the picture is
    shown: a JPEG that Exif turns by 90 degrees has them swapped."""

    kind: str
    width: int
    height: int


def measure(data: bytes) -> Picture:
    """Kind and size by content, whatever the file's name. The first 64 KiB are nearly always enough.

    Reads the header alone; nothing is decoded. Raises ValueError, with a text that completes
    "the picture is ...", where no size can be told.
    """
    import warnings

    from PIL import Image, UnidentifiedImageError

    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    try:
        image = Image.open(BytesIO(data))
        kind = KINDS.get(str(image.format), str(image.format).lower())
        # Asking a PNG for Exif would decode it whole.
        turned = kind == "jpeg" and image.getexif().get(ORIENTATION) in LYING
    except Image.DecompressionBombError:
        raise ValueError("said to have more pixels than is allowed here") from None
    except UnidentifiedImageError:
        raise ValueError(_not_a_picture(data)) from None
    except Exception:  # a plugin may raise anything over damaged bytes
        raise ValueError("cut off or damaged in its header") from None
    width, height = image.size
    if turned:
        width, height = height, width
    return Picture(kind, width, height)


def _not_a_picture(data: bytes) -> str:
    if not data:
        return "empty"
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return "cut off or damaged in its header"
    for magic, name in ((b"%PDF", "PDF"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"<svg", "SVG")):
        if data.lstrip()[: len(magic)] == magic:
            return f"not a JPEG or PNG but a {name} file"
    return f"not an image: its first bytes are {data[:8].hex(' ')}"


def filling(data: bytes | None, width: int, height: int) -> Image.Image | None:
    """The whole picture in RGB, in a frame of that size; None where none can be drawn."""
    if data is None:
        return None
    try:
        picture = measure(data)
        if picture.width * picture.height > DRAWABLE:
            return None
        return _fitted(_decoded(data, (width, height)), (width, height))
    except Exception:  # a decoder may raise anything over damaged bytes, and the clip is made all the same
        return None


def _decoded(data: bytes, wanted: tuple[int, int]) -> Image.Image:
    """The picture upright in RGB; where the data is cut off, the part that is there."""
    from PIL import Image, ImageOps

    image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP", "BMP"))
    image.draft("RGB", wanted)
    try:
        image.load()
    except OSError:
        image.tile = []  # what was decoded so far is the picture; Pillow's own switch for it is process-wide
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        upright = upright.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "white")
        return Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
    return upright.convert("RGB")


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture in the frame; where the ratios differ, the picture, blurred, fills the rest."""
    from PIL import Image, ImageEnhance, ImageFilter, ImageOps

    if 0.97 < (image.width * size[1]) / (image.height * size[0]) < 1.03:
        return ImageOps.fit(image, size)
    ground = ImageOps.fit(image, (max(1, size[0] // 8), max(1, size[1] // 8)))
    ground = ground.filter(ImageFilter.GaussianBlur(6)).resize(size, Image.Resampling.BICUBIC)
    ground = ImageEnhance.Brightness(ground).enhance(0.5)
    front = ImageOps.contain(image, size)
    ground.paste(front, ((size[0] - front.width) // 2, (size[1] - front.height) // 2))
    return ground


def backdrop(prompt: str, width: int, height: int) -> Image.Image:
    """A scene in colours of the prompt's hash: soft light, and discs whose edges make motion visible."""
    from PIL import Image, ImageDraw, ImageFilter

    numbers = shares(prompt)
    hue = next(numbers)
    size = (max(8, width // 8), max(8, height // 8))
    light = Image.new("RGB", size, _colour(hue, 0.7, 0.3))
    pen = ImageDraw.Draw(light)
    for shift, value in ((0.08, 0.75), (-0.08, 0.6), (0.16, 0.85), (-0.14, 0.5), (0.04, 0.95)):
        pen.ellipse(_disc(numbers, size, 0.28), fill=_colour(hue + shift, 0.62, value))
    soft = light.filter(ImageFilter.GaussianBlur(max(size) / 9))
    scene = soft.resize((width, height), Image.Resampling.BICUBIC)
    double = (2 * width, 2 * height)
    for strength in (26, 34, 26, 44, 30, 22):
        mask = Image.new("L", double)
        ImageDraw.Draw(mask).ellipse(_disc(numbers, double, 0.2), fill=strength)
        scene.paste("white", (0, 0), mask.reduce(2))
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
