"""The sound that is asked for, and what ffmpeg's troubles turn into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.errors import MediaError
from mockserver.media import sound
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video

SPEC = VideoSpec("gmicloud", "Kling", "6f1c", "a boat", 1.0, 320, 180, 10, sound=True)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    sound._encoded.cache_clear()
    yield
    sound._encoded.cache_clear()


def test_what_ffmpeg_says_is_the_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"ffmpeg could not make the clip: .+"):
        sound.run([sound.ffmpeg(), "-v", "error", "-i", "nosuch"])


def test_an_ffmpeg_that_ends_without_a_word_is_the_error(tmp_path: Path) -> None:
    silent = tmp_path / "ffmpeg"
    silent.write_text("#!/bin/sh\nkill -9 $$\n")
    silent.chmod(0o700)

    with pytest.raises(MediaError, match=r"ffmpeg could not make the clip: exit code -9"):
        sound.run([str(silent)])


def test_an_ffmpeg_that_does_not_start_is_the_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="ffmpeg does not start: No such file"):
        sound.run([str(tmp_path / "ffmpeg")])


def test_a_hanging_ffmpeg_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "TIMEOUT", 0.001)

    with pytest.raises(MediaError, match="ffmpeg was stopped after 0 s without a clip"):
        make_video(SPEC, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_there_is_no_sound_but_every_silent_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise RuntimeError("no ffmpeg found")

    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", missing)

    with pytest.raises(MediaError, match="there is no ffmpeg to encode with; name one in IMAGEIO_FFMPEG_EXE"):
        make_video(SPEC, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []
    make_video(replace(SPEC, sound=False), tmp_path / "clip.mp4")


def test_the_next_try_works_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sound, "TIMEOUT", 0.001)
        with pytest.raises(MediaError):
            make_video(SPEC, tmp_path / "clip.mp4")

    make_video(SPEC, tmp_path / "clip.mp4")

    assert (tmp_path / "clip.mp4").exists()
