"""What ffmpeg's troubles turn into."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mockserver.errors import MediaError
from mockserver.media import mp4
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video

SMALL = VideoSpec("gmicloud", "Kling", "6f1c", "a boat", 1.0, 320, 180, 10)


def test_what_ffmpeg_says_is_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4, "TO_709", "nosuchfilter")

    with pytest.raises(MediaError, match=r"ffmpeg could not make the clip: .+"):
        make_video(SMALL, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_hanging_ffmpeg_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4, "TIMEOUT", 0.001)

    with pytest.raises(MediaError, match="ffmpeg was stopped after 0 s without a clip"):
        make_video(SMALL, tmp_path / "clip.mp4")


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(
            command, 228, b"", b"av_interleaved: No space left on device\nbye\n"
        )

    monkeypatch.setattr("subprocess.run", full)

    with pytest.raises(MediaError, match="the disk is full"):
        make_video(SMALL, tmp_path / "clip.mp4")
