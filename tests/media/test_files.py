"""A file is whole if it begins and ends as its kind does; a broken one is made again."""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mockserver.media.files import MOST_BOXES, is_whole, publish


def saved(form: str) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(stream, form)
    return stream.getvalue()


JPEG, PNG = saved("JPEG"), saved("PNG")


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


def wide(name: bytes, content: bytes = b"") -> bytes:
    """A box whose length has 64 bits."""
    return (1).to_bytes(4) + name + (16 + len(content)).to_bytes(8) + content


CLIP = box(b"ftyp", b"isom") + box(b"moov", bytes(20)) + box(b"mdat", bytes(30))


def whole(folder: Path, name: str, data: bytes) -> bool:
    (folder / name).write_bytes(data)
    return is_whole(folder / name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", JPEG),
        ("a.jpg", b"\xff\xd8\xff\xd9"),
        ("a.png", PNG),
        ("a.png", PNG[:8] + PNG[-12:]),
        ("a.mp4", CLIP),
        ("a.mp4", box(b"moov")),
        ("a.mp4", box(b"moov") + wide(b"mdat", bytes(5))),
        ("a.mp4", wide(b"moov")),
        ("a.mp4", box(b"moov") * MOST_BOXES),
    ],
)
def test_a_whole_file_is_whole(name: str, data: bytes, tmp_path: Path) -> None:
    assert whole(tmp_path, name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", b""),
        ("a.jpg", b"\xff\xd8\xd9"),
        ("a.jpg", JPEG[:-1]),
        ("a.jpg", JPEG[1:]),
        ("a.jpg", b"\0" + JPEG[1:]),
        ("a.jpg", PNG),
        ("a.png", b""),
        ("a.png", PNG[:-1]),
        ("a.png", PNG[1:]),
        ("a.png", b"\0" + PNG[1:]),
        ("a.png", PNG[:8] + PNG[-11:]),
        ("a.png", JPEG),
        ("a.mp4", b""),
        ("a.mp4", bytes(8)),
        ("a.mp4", CLIP[:-1]),
        ("a.mp4", CLIP + b"\0"),
        ("a.mp4", box(b"ftyp") + box(b"mdat")),
        ("a.mp4", box(b"moov") + (7).to_bytes(4) + b"free"),
        ("a.mp4", wide(b"moov")[:-1]),
        ("a.mp4", box(b"moov") * (MOST_BOXES + 1)),
        ("a.mp4", JPEG),
    ],
)
def test_what_lacks_a_part_is_not(name: str, data: bytes, tmp_path: Path) -> None:
    assert not whole(tmp_path, name, data)


def test_what_is_not_there_is_not_whole(tmp_path: Path) -> None:
    assert not is_whole(tmp_path / "a.mp4")


@settings(max_examples=30)
@given(st.sampled_from(["a.jpg", "a.png", "a.mp4"]), st.data())
def test_a_file_that_is_cut_anywhere_is_not_whole(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    content = {"a.jpg": JPEG, "a.png": PNG, "a.mp4": CLIP}[name]
    end = data.draw(st.integers(0, len(content) - 1))

    # The boxes before the samples are a file of their own.
    assert whole(tmp_path_factory.mktemp("cut"), name, content[:end]) == (name == "a.mp4" and end == 40)


def test_a_file_that_gets_its_name_takes_the_place_of_another_and_is_its_users_alone(tmp_path: Path) -> None:
    made, target = tmp_path / "made", tmp_path / "clip.mp4"
    made.write_bytes(b"new")
    made.chmod(0o644)
    target.write_bytes(b"old")

    publish(made, target)

    assert (target.read_bytes(), made.exists()) == (b"new", False)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_cannot_get_its_name_leaves_the_target(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")

    with pytest.raises(OSError, match="No such file"):
        publish(tmp_path / "made", tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"old"
