"""Headers are read as an imaging library reads them, and in bounded work, whatever stands in them."""

from __future__ import annotations

import struct
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.media import header
from mockserver.media.header import Header, read_header, read_orientation
from mockserver.media.picture import filling
from mockserver.media.pixels import LONGEST, MOST_CHUNKS, pixels_of
from tests.abuse import pictures

IMAGES = Path(__file__).parents[2] / "fixtures" / "images"
SMALL = 300_000
"""Bytes of an attack that are enough to go over every bound."""
GREY = Image.new("L", (30, 20), 128)


@given(
    st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "WEBP"]),
    st.integers(1, 400),
    st.integers(1, 400),
    st.sampled_from(["L", "RGB"]),
)
def test_sizes_are_those_that_were_written(kind: str, width: int, height: int, mode: str) -> None:
    data = pictures.saved(Image.new(mode, (width, height)), kind)

    assert read_header(data) == Header(kind.lower(), width, height)


@pytest.mark.parametrize("name", ["legal.jpg", "portrait.jpg", "legal.png", "square.png", "animation.gif"])
@pytest.mark.parametrize("end", [0, 1, 2, 7, 8, 12, 20, 24, 33, 40])
def test_what_is_cut_off_is_refused(name: str, end: int) -> None:
    data = (IMAGES / name).read_bytes()
    shortened = data[: min(end, 9) if name.endswith("gif") else end]

    with pytest.raises(ValueError, match=r"it is (empty|cut off|not an image)"):
        read_header(shortened)


def test_a_photo_may_carry_megabytes_before_its_pixels() -> None:
    exif = pictures.segment(0xE1, b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0))
    maps = pictures.segment(0xE1, bytes(65_533)) * 100
    photo = pictures.after_start(pictures.jpeg(60, 40), exif + maps)

    assert len(photo) > 6_000_000
    assert read_header(photo) == Header("jpeg", 60, 40, 6)


def test_a_drawing_may_carry_megabytes_before_its_pixels() -> None:
    drawing = pictures.before_pixels(pictures.png(60, 40), pictures.chunk(b"iTXt", bytes(5_000_000)) * 3)

    assert read_header(drawing) == Header("png", 60, 40)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_the_orientation_is_read_in_both_orders(order: str, turn: int) -> None:
    start = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}HHIHHHHIHH", 0x010F, 2, 4, 0, 0, 0x0112, 3, 1, turn, 0)

    assert read_orientation(start + struct.pack(f"{order}IH", 8, 2) + entries) == turn


@given(st.binary(max_size=60), st.sampled_from([b"", b"II*\0", b"MM\0*", b"MM\0*\0\0\0\x08"]))
def test_damaged_exif_is_upright_or_turned(noise: bytes, start: bytes) -> None:
    assert 1 <= read_orientation(start + noise) <= 8


@pytest.mark.parametrize("name", pictures.OTHER_KINDS)
def test_other_kinds_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"it is not a JPEG or PNG but a (PostScript|PPM|TIFF|ICNS|AVIF)"):
        read_header(pictures.OTHER_KINDS[name](1000))


@pytest.mark.parametrize("name", ["empty_segments", "fill_bytes", "lone_markers", "empty_chunks"])
def test_a_header_that_is_long_to_walk_is_too_long(name: str) -> None:
    with pytest.raises(ValueError, match="its header is too long"):
        read_header(pictures.PICTURES[name](SMALL))


@pytest.mark.parametrize("name", [*pictures.PICTURES, *pictures.DRAWN])
def test_a_header_is_read_in_few_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    unpack = struct.unpack_from

    def counted(form: str, data: bytes, at: int = 0) -> tuple[object, ...]:
        nonlocal steps
        steps += 1
        return unpack(form, data, at)

    monkeypatch.setattr("mockserver.media.header.struct.unpack_from", counted)
    with suppress(ValueError):
        read_header((pictures.PICTURES | pictures.DRAWN)[name](SMALL))

    assert steps <= header.MOST_PARTS + 4


@pytest.mark.parametrize(
    "name", ["tagged_jpeg", "turned_twice", "inflating_texts", "inflating_profile", "tagged_png"]
)
def test_what_shows_nothing_is_left_out_before_a_picture_is_drawn(name: str) -> None:
    data = pictures.PICTURES[name](SMALL)
    pixels = pixels_of(data, read_header(data))
    plain = pictures.jpeg() if "jpeg" in str(read_header(data).kind) else pictures.png()

    assert len(pixels) <= len(plain)
    drawn, original = filling(data, 64, 48), filling(plain, 64, 48)
    assert drawn is not None
    assert original is not None
    assert drawn.tobytes() == original.tobytes()


@pytest.mark.parametrize("name", ["many_scans", "empty_pixels"])
def test_what_takes_long_to_draw_is_not_drawn(name: str) -> None:
    assert filling(pictures.DRAWN[name](12 * MOST_CHUNKS + 1000), 64, 48) is None


@pytest.mark.parametrize("size", [(1, LONGEST + 1), (LONGEST + 1, 1)])
def test_a_side_is_no_longer_than_that_of_any_jpeg(size: tuple[int, int]) -> None:
    data = pictures.zero_png(*size)

    with pytest.raises(ValueError, match="too many pixels"):
        pixels_of(data, read_header(data))


def test_the_end_of_a_preview_in_the_header_is_not_that_of_the_picture() -> None:
    preview = b"".join(pictures.segment(0xE1, b"Exif\0\0" + b"\xff\xda\xff\xd9" * 9) for _ in range(3))
    plain = pictures.saved(Image.new("RGB", (64, 48), "teal"), "JPEG")
    photo = pictures.after_start(plain, preview)

    drawn, original = filling(photo, 64, 48), filling(plain, 64, 48)

    assert drawn is not None
    assert original is not None
    assert drawn.tobytes() == original.tobytes()
    assert len(pixels_of(photo, read_header(photo))) <= len(plain)


def test_an_animation_shows_its_first_picture() -> None:
    assert filling(pictures.many_frames(5000), 64, 48) is not None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(2000, 1500), (3000, 40), (30, 2000)])
def test_a_large_picture_of_every_mode_is_drawn_small(mode: str, size: tuple[int, int]) -> None:
    drawn = filling(pictures.saved(Image.new(mode, size), "PNG"), 96, 54)

    assert drawn is not None
    assert (drawn.mode, drawn.size) == ("RGB", (96, 54))


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_turned_photo_is_drawn_as_pillow_turns_it(turn: int) -> None:
    from PIL import ImageOps

    image = GREY.convert("RGB")
    image.paste("red", (0, 0, 10, 6))
    exif = image.getexif()
    exif[0x0112] = turn
    data = pictures.saved(image, "JPEG", exif=exif, quality=95, subsampling=0)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))

    drawn = filling(data, upright.width * 2, upright.height * 2)

    assert drawn is not None
    expected = ImageOps.fit(upright, drawn.size, Image.Resampling.BILINEAR)
    assert drawn.tobytes() == expected.tobytes()


def test_a_header_is_read_without_pillow() -> None:
    script = (
        "import sys; from mockserver.media.picture import measure; "
        f"measure(open({str(IMAGES / 'legal.jpg')!r}, 'rb').read()); print('PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
