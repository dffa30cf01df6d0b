"""What a file says of itself: job, request, marks, and what is wrong with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.errors import MediaError
from mockserver.media import reading
from mockserver.media.mark import JobMark
from mockserver.media.probe import probe
from mockserver.media.reading import read_clip
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video

SPEC = VideoSpec(
    "kkiai", "kling-v1", "6f1c", "a boat", 0.7, 320, 180, 10, sound=True, request="0123456789abcdef"
)
MARK = JobMark("6f1c", "0123456789abcdef")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_video(SPEC, path)
    return path.read_bytes()


def read(folder: Path, data: bytes) -> reading.ReadClip:
    (folder / "clip.mp4").write_bytes(data)
    return read_clip(folder / "clip.mp4")


def test_a_whole_clip_says_its_job_three_times(clip: bytes, tmp_path: Path) -> None:
    file = read(tmp_path, clip)

    assert (file.fault, file.job, file.marks) == ("", "6f1c", (MARK,) * 3)
    assert (file.described["prompt"], file.described["request"]) == ("a boat", "0123456789abcdef")


@pytest.mark.parametrize(("seconds", "marks"), [(0.1, 1), (0.2, 2), (0.3, 3)])
def test_a_clip_of_few_frames_has_few_marks(seconds: float, marks: int, tmp_path: Path) -> None:
    make_video(replace(SPEC, seconds=seconds, sound=False), tmp_path / "clip.mp4")

    assert read_clip(tmp_path / "clip.mp4").marks == (MARK,) * marks


def test_a_clip_that_was_encoded_anew_is_known_by_its_marks(clip: bytes, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip)
    command = [*(ffmpeg(), "-v", "error", "-i", "clip.mp4", "-map_metadata", "-1"), "again.mp4"]
    subprocess.run(command, cwd=tmp_path, check=True)

    file = read_clip(tmp_path / "again.mp4")

    assert (file.described, file.fault, file.job, file.marks) == ({}, "", "6f1c", (MARK,) * 3)


def _samples(data: bytes) -> int:
    """Where the samples' box begins."""
    return data.index(b"mdat") - 4


@pytest.mark.parametrize(
    ("cut", "fault"),
    [
        (lambda data: data[:-1], "it is cut off: {less} of {all} bytes"),
        (lambda data: data[: _samples(data)], "it is cut off: it has no samples"),
        (lambda data: data[: data.index(b"moov") - 4], "it is cut off: it has no index"),
    ],
)
def test_a_clip_that_is_cut_off_says_so(
    cut: Callable[[bytes], bytes], fault: str, clip: bytes, tmp_path: Path
) -> None:
    file = read(tmp_path, cut(clip))

    assert file.fault == fault.format(less=len(clip) - 1, all=len(clip))
    assert file.marks == ()


def test_a_cut_clip_says_its_job_while_its_index_is_there(clip: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, clip[: _samples(clip) + 100]).job == "6f1c"


def test_a_changed_sample_has_another_checksum(clip: bytes, tmp_path: Path) -> None:
    changed = bytearray(clip)
    changed[-1] ^= 1

    assert read(tmp_path, bytes(changed)).fault.startswith("it was changed or encoded anew")


@pytest.mark.parametrize("data", [b"", b"no clip", bytes(100), b"\0\0\0\x08moov", b"\0\0\0\x07ftyp"])
def test_what_is_no_clip_is_told(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"clip\.mp4 is not an MP4 file"):
        read(tmp_path, data)


def test_a_file_that_is_too_large_is_not_read(
    clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST", len(clip) - 1)
    with pytest.raises(MediaError, match="more bytes than are read here"):
        read(tmp_path, clip)
    monkeypatch.setattr(reading, "LARGEST", len(clip))
    assert read(tmp_path, clip).job == "6f1c"


@pytest.mark.parametrize("text", [b'{"mockserver": "kite"', b"[1]", b'"clip"', b"{}", b"\xff"])
def test_metadata_of_others_says_nothing(text: bytes, clip: bytes, tmp_path: Path) -> None:
    start, end = clip.index(b'{"mockserver"'), clip.index(b'"}', clip.index(b'"crc32"')) + 2
    other = clip[:start] + text.ljust(end - start) + clip[end:]

    file = read(tmp_path, other)

    assert (file.described, file.fault, file.job) == ({}, "", "6f1c")


def test_a_clip_is_probed(clip: bytes, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip)

    probed = probe(tmp_path / "clip.mp4")

    assert (probed.codec, probed.width, probed.height) == ("h264", 320, 180)
    assert probed.seconds == pytest.approx(0.7, abs=0.05)
