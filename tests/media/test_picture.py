"""Kind and size from a header alone, and what of a picture can be drawn."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.media.picture import Picture, backdrop, filling, measure, montage, shares

IMAGES = Path(__file__).parents[2] / "fixtures" / "images"


EMPTY = b"\0\0\0\0IDAT\x35\xaf\x06\x1e"
"""A PNG's body without a byte of it."""


def png_header(width: int, height: int) -> bytes:
    block = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + block + struct.pack(">I", zlib.crc32(block))


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "kind", "width", "height"),
    [
        ("legal.png", "png", 640, 360),
        ("legal.jpg", "jpeg", 640, 480),
        ("square.png", "png", 512, 512),
        ("portrait.jpg", "jpeg", 360, 640),
        ("edge-wide.png", "png", 750, 300),
        ("edge-tall.png", "png", 300, 750),
        ("too-small.png", "png", 400, 299),
        ("too-wide.png", "png", 900, 300),
        ("too-tall.png", "png", 300, 900),
        ("animation.gif", "gif", 320, 320),
    ],
)
def test_fixtures_measure_as_their_names_promise(name: str, kind: str, width: int, height: int) -> None:
    assert measure((IMAGES / name).read_bytes()) == Picture(kind, width, height)


@pytest.mark.parametrize(
    ("form", "kind", "options"),
    [
        ("PNG", "png", {}),
        ("JPEG", "jpeg", {}),
        ("JPEG", "jpeg", {"progressive": True}),
        ("JPEG", "jpeg", {"icc_profile": bytes(60_000), "exif": b"Exif\0\0" + bytes(3000)}),
        ("GIF", "gif", {}),
        ("BMP", "bmp", {}),
        ("WEBP", "webp", {"quality": 50}),
        ("WEBP", "webp", {"lossless": True}),
        ("WEBP", "webp", {"icc_profile": bytes(100)}),
    ],
)
def test_kinds_as_another_program_writes_them(form: str, kind: str, options: dict[str, object]) -> None:
    data = encoded(Image.new("RGB", (613, 307), "teal"), form, **options)

    assert measure(data) == Picture(kind, 613, 307)
    assert measure(data[: 1 << 16]) == Picture(kind, 613, 307)


@pytest.mark.parametrize(("turn", "size"), [(1, (60, 40)), (3, (60, 40)), (6, (40, 60)), (8, (40, 60))])
def test_a_photo_laid_on_its_side_measures_as_it_is_shown(turn: int, size: tuple[int, int]) -> None:
    image = Image.new("RGB", (60, 40))
    exif = image.getexif()
    exif[0x0112] = turn

    assert measure(encoded(image, "JPEG", exif=exif)) == Picture("jpeg", *size)


def test_a_bomb_is_refused_by_its_header() -> None:
    bomb = png_header(100_000, 100_000) + EMPTY

    with pytest.raises(ValueError, match="more pixels than is allowed"):
        measure(bomb)
    assert filling(bomb, 64, 36) is None


def test_a_large_picture_is_measured_and_not_drawn() -> None:
    large = png_header(10_000, 10_000) + EMPTY

    assert measure(large) == Picture("png", 10_000, 10_000)
    assert filling(large, 64, 36) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        ((IMAGES / "text.txt").read_bytes(), "not an image: its first bytes are 54 68"),
        ((IMAGES / "truncated.png").read_bytes(), "cut off or damaged"),
        ((IMAGES / "legal.jpg").read_bytes()[:30], "cut off or damaged"),
        (b"%PDF-1.7", "not a JPEG or PNG but a PDF file"),
        (b"\n <svg xmlns=''/>", "not a JPEG or PNG but a SVG file"),
        (png_header(0, 300), "cut off or damaged"),
        (png_header(300, 300)[:-1] + b"?", "cut off or damaged"),
        (b"\xff\xd8\xff\xe0\0\x04ab\0\0\0\0", "cut off or damaged"),
        (b"\xff\xd8\xff\xd9" + bytes(20), "cut off or damaged"),
    ],
)
def test_what_is_not_a_picture_is_told(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        measure(data)


@given(
    st.binary(max_size=80), st.sampled_from(["legal.jpg", "legal.png", "animation.gif"]), st.integers(0, 40)
)
def test_damaged_headers_give_a_size_or_a_value_error(noise: bytes, name: str, keep: int) -> None:
    data = (IMAGES / name).read_bytes()[:keep] + noise
    with suppress(ValueError):
        assert measure(data).width > 0


@pytest.mark.parametrize("name", ["legal.jpg", "square.png"])
def test_a_picture_cut_in_its_body_shows_what_is_there(name: str) -> None:
    data = (IMAGES / name).read_bytes()
    drawn = filling(data[: len(data) * 2 // 3], 320, 320)

    assert drawn is not None
    assert drawn.size == (320, 320)


@pytest.mark.parametrize("data", [None, b"", b"nothing", png_header(64, 64), b"\xff\xd8\xff" + bytes(90)])
def test_what_cannot_be_drawn_is_none(data: bytes | None) -> None:
    assert filling(data, 64, 36) is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_fills_the_frame(mode: str) -> None:
    drawn = filling(encoded(Image.new(mode, (90, 60)), "PNG"), 96, 54)

    assert drawn is not None
    assert (drawn.mode, drawn.size) == ("RGB", (96, 54))


def test_sixteen_bit_grey_keeps_its_tone() -> None:
    drawn = filling(encoded(Image.new("I;16", (60, 60), 0x8000), "PNG"), 60, 60)

    assert drawn is not None
    assert drawn.getpixel((30, 30)) == (128, 128, 128)


def test_a_cmyk_photo_fills_the_frame() -> None:
    assert filling(encoded(Image.new("CMYK", (90, 60)), "JPEG"), 96, 54) is not None


def test_another_ratio_shows_the_whole_picture() -> None:
    tall = Image.new("RGB", (100, 200), "blue")
    tall.paste("red", (0, 0, 100, 100))
    drawn = filling(encoded(tall, "PNG"), 200, 100)

    assert drawn is not None
    assert drawn.getpixel((100, 2)) == (255, 0, 0)
    assert drawn.getpixel((100, 97)) == (0, 0, 255)
    assert not any(drawn.convert("L").crop((0, 0, 40, 100)).histogram()[60:])  # the sides are dimmed


def _colours(sheet: Image.Image | None, columns: int, rows: int) -> list[str]:
    """The colour in the middle of each place, row by row."""
    assert sheet is not None
    places = [(column, row) for row in range(rows) for column in range(columns)]
    middles = [
        ((2 * column + 1) * sheet.width // (2 * columns), (2 * row + 1) * sheet.height // (2 * rows))
        for column, row in places
    ]
    names = {b"\xff\0\0": "red", b"\0\x80\0": "green", b"\0\0\xff": "blue", b"\x10\x14\x18": "dark"}
    return [names[sheet.crop((x, y, x + 1, y + 1)).tobytes()] for x, y in middles]


RED, GREEN, BLUE = (encoded(Image.new("RGB", (64, 64), name), "PNG") for name in ("red", "green", "blue"))


@pytest.mark.parametrize(
    ("pictures", "size", "places", "colours"),
    [
        ((RED,), (320, 180), (1, 1), "red"),
        ((RED, BLUE), (320, 180), (2, 1), "red blue"),
        ((RED, BLUE), (180, 320), (1, 2), "red blue"),
        ((RED, BLUE, GREEN), (320, 180), (2, 2), "red blue green dark"),
        ((RED, BLUE, GREEN, RED), (320, 180), (2, 2), "red blue green red"),
        ((RED, b"no picture"), (320, 180), (2, 1), "red dark"),
    ],
)
def test_a_montage_shows_each_picture_in_its_place(
    pictures: tuple[bytes, ...], size: tuple[int, int], places: tuple[int, int], colours: str
) -> None:
    assert _colours(montage(pictures, *size), *places) == colours.split()


def test_there_is_no_montage_of_nothing() -> None:
    assert montage((), 320, 180) is None


def test_scenes_follow_the_prompt() -> None:
    assert backdrop("a boat", 64, 36).tobytes() == backdrop("a boat", 64, 36).tobytes()
    assert backdrop("a boat", 64, 36).tobytes() != backdrop("a goat", 64, 36).tobytes()
    assert next(shares("\ud83c")) >= 0


def test_importing_the_room_loads_no_pillow() -> None:
    script = "import sys, mockserver.media.cache; print(sorted({'PIL', 'imageio_ffmpeg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
