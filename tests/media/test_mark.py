"""The mark says job and request, in every frame, also after the clip was encoded anew."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.media import mark
from mockserver.media.mark import JobMark
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import VideoSpec, small
from mockserver.media.synth import make_thumbnail, make_video
from tests.media.watching import frames, speckled

REQUEST = "0123456789abcdef"
IDS = st.one_of(
    st.uuids().map(str), st.text(st.characters(codec="utf-8"), max_size=12), st.integers(0).map(str)
)


@given(IDS, st.binary(min_size=8, max_size=8), st.integers(80, 700), st.integers(60, 400))
def test_what_is_drawn_is_read(job_id: str, request: bytes, width: int, height: int) -> None:
    wanted = JobMark(job_id, request.hex())
    cells = mark.grid(wanted, width, height)
    if cells is None:
        return
    frame = Image.new("L", (width, height), 90)
    frame.paste(mark.draw(wanted, cells, width), (0, height - cells.height))

    read = mark.read(frame.tobytes(), width, height)

    assert read is not None
    assert read.request == wanted.request
    assert read.job_id == job_id[: len(read.job_id)]
    assert read == wanted or len(job_id.encode()) > mark.LONGEST_ID


@pytest.mark.parametrize(
    ("width", "height", "side"), [(1920, 1080, 8), (1280, 720, 8), (640, 360, 8), (320, 180, 4), (160, 90, 2)]
)
def test_cells_are_as_large_as_there_is_room(width: int, height: int, side: int) -> None:
    cells = mark.grid(JobMark("6f1c9a44-1111-2222-3333-444455556666", REQUEST), width, height)

    assert cells is not None
    assert cells.side == side


def test_a_frame_without_room_has_none() -> None:
    assert mark.grid(JobMark("6f1c", REQUEST), 16, 16) is None


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_a_frame_without_a_mark_has_none(grey: int) -> None:
    assert mark.read(bytes([grey]) * 320 * 180, 320, 180) is None
    assert mark.read(b"", 0, 0) is None


def test_a_mark_with_a_wrong_cell_is_none() -> None:
    wanted = JobMark("6f1c", REQUEST)
    cells = mark.grid(wanted, 640, 360)
    assert cells is not None
    frame = Image.new("L", (640, 360))
    frame.paste(mark.draw(wanted, cells, 640), (0, 360 - cells.height))
    top = 360 - cells.height
    frame.paste(255 - frame.tobytes()[(top + 4) * 640 + 4], (0, top, 8, top + 8))

    assert mark.read(frame.tobytes(), 640, 360) is None


SPEC = VideoSpec(
    "kkiai", "kling-v1", "6f1c9a44-1111-2222-3333-444455556666", "a boat", 2.0, 1280, 720, 24,
    speckled(640, 360), request=REQUEST,
)  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        replace(SPEC, width=720, height=1280, camera=(("roll", 10.0),)),
        replace(
            SPEC,
            width=854,
            height=480,
            last=speckled(640, 360, 2),
            job_id="video_69f0a1b2c3d4e5f60718293a4b5c6d7e",
        ),
        replace(SPEC, width=1920, height=1080, seconds=0.5, job_id="880000000000000001"),
        small(SPEC),
        small(replace(SPEC, width=720, height=1280)),
        small(replace(SPEC, width=720, height=720)),
    ],
    ids=lambda spec: f"{spec.width}x{spec.height}",
)
def test_the_mark_is_read_from_first_middle_and_last_frame_after_re_encoding(
    spec: VideoSpec, tmp_path: Path
) -> None:
    make_video(spec, tmp_path / "clip.mp4")
    command = [ffmpeg(), "-v", "error", "-i", "clip.mp4", "-c:v", "libx264", "-crf", "35", "again.mp4"]
    subprocess.run(command, cwd=tmp_path, check=True)

    for name in ("clip.mp4", "again.mp4"):
        shown = list(frames(tmp_path / name))
        assert len(shown) == spec.frames
        for frame in (shown[0], shown[len(shown) // 2], shown[-1]):
            assert mark.read(frame.tobytes(), *frame.size) == JobMark(spec.job_id, REQUEST)


def test_a_thumbnail_has_the_mark(tmp_path: Path) -> None:
    make_thumbnail(SPEC, tmp_path / "thumbnail.jpg")

    with Image.open(tmp_path / "thumbnail.jpg") as image:
        assert mark.read(image.convert("L").tobytes(), *image.size) == JobMark(SPEC.job_id, REQUEST)
