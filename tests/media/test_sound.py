"""The sound that is asked for, and what ffmpeg's troubles turn into."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import MediaError
from mockserver.media import sound
from mockserver.media.picture import shares
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video
from tests.media.watching import loudness, samples

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

    with pytest.raises(MediaError, match=r"ffmpeg could not make the clip: it was ended by signal 9"):
        sound.run([str(silent)])


def test_the_last_line_of_ffmpeg_is_the_error_without_its_address(tmp_path: Path) -> None:
    full = tmp_path / "ffmpeg"
    full.write_text("#!/bin/sh\necho first >&2\necho '[out#0/mp4 @ 0x55c2] No space left' >&2\nexit 1\n")
    full.chmod(0o700)

    with pytest.raises(MediaError, match=r"^ffmpeg could not make the clip: No space left$"):
        sound.run([str(full)])


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


def pcm(data: bytes) -> array[int]:
    """The samples."""
    return array("h", data)


def crossings(samples: Sequence[int]) -> int:
    """How often the samples rise through zero."""
    return sum(before < 0 <= after for before, after in pairwise(samples))


@pytest.mark.parametrize("pitch", [sound.START, sound.PITCHES[0], sound.PITCHES[-1]])
def test_a_tone_that_spells_has_its_pitch_and_begins_and_ends_softly(pitch: float) -> None:
    tone = pcm(sound._tone(pitch, alone=False))

    assert len(tone) == 2205
    assert crossings(tone) == pytest.approx(pitch * 0.05, abs=1)
    assert max(map(abs, tone)) == pytest.approx(3277, abs=30)
    wave = [round(3277 * math.sin(2 * math.pi * pitch * at / 44_100)) for at in range(2205)]
    # The fade is 220 samples at both ends, and in between there is none.
    assert list(tone[220:1985]) == wave[220:1985]
    for share in (11, 110, 219):
        assert tone[share - 1] == pytest.approx(wave[share - 1] * share / 220, abs=1)
        assert tone[-share] == pytest.approx(wave[-share] * share / 220, abs=1)


def test_a_tone_that_is_alone_has_no_seam() -> None:
    tone = pcm(sound._tone(330.0, alone=True))

    assert len(tone) == 4410
    assert list(tone[:50]) == [round(3277 * math.sin(2 * math.pi * 330 * at / 44_100)) for at in range(50)]
    again = [*tone[-2:], *tone[:2]]
    steps = [after - before for before, after in pairwise(again)]
    assert max(steps) - min(steps) <= 2


@given(st.lists(st.text(max_size=5), max_size=3))
def test_pitches_spell_the_names(voices: list[str]) -> None:
    pitches = list(sound.spelled(voices))

    names = "".join("|" if pitch == 300 else f"{round(pitch - 400) // 100:x}" for pitch in pitches)
    assert names == "".join(f"|{voice.encode('utf-8', 'replace').hex()}" for voice in voices)


@pytest.mark.parametrize(
    ("prompt", "voices", "seconds", "tones", "length"),
    [
        ("a boat", (), 1.0, 1, 44_100),
        ("a boat", ("a",), 0.12, 3, 5292),
        ("a boat", ("a", "b"), 0.5, 6, 22_050),
    ],
)
def test_ffmpeg_is_given_the_tones_for_the_length_of_the_clip(
    prompt: str,
    voices: tuple[str, ...],
    seconds: float,
    tones: int,
    length: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given_data: list[bytes] = []
    run = sound.run

    def noted(command: Sequence[str], data: bytes) -> bytes:
        given_data.append(data)
        return run(command, data)

    monkeypatch.setattr(sound, "run", noted)
    track = sound.sound(replace(SPEC, prompt=prompt, voices=voices, seconds=seconds))

    assert track is not None
    assert track.rate == 44_100
    whole_sound = pcm(given_data[0])
    assert len(whole_sound) == length
    pitches = tuple(sound.spelled(voices)) or (sound_pitch(prompt),)
    assert len(pitches) == tones
    parts = [pcm(sound._tone(pitch, alone=tones == 1)) for pitch in pitches]
    whole = [sample for part in parts for sample in part]
    assert list(whole_sound) == (whole * (length // len(whole) + 1))[:length]


def sound_pitch(prompt: str) -> float:
    """From 220 to 440 Hz, in steps of 10."""
    return round(220 + 220 * next(shares(prompt)), -1)


@given(st.text(max_size=20))
def test_the_pitch_of_a_prompt_is_within_an_octave_and_has_whole_waves_in_a_tenth_of_a_second(
    prompt: str,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound, "_encoded", lambda pitches, length: pitches)
        track = sound.sound(replace(SPEC, prompt=prompt))

    assert track is not None
    pitches: Sequence[object] = track.frames
    (pitch,) = pitches
    assert isinstance(pitch, float)
    assert 220 <= pitch <= 440
    assert pitch % 10 == 0
    assert pitch == sound_pitch(prompt)


def test_frames_are_what_is_behind_the_headers_of_a_stream() -> None:
    def frame(content: bytes) -> bytes:
        length = 7 + len(content)
        sizes = bytes((length >> 11, length >> 3 & 255, (length & 7) << 5 | 0x1F))
        return b"\xff\xf1\x50" + sizes + b"\xfc" + content

    contents = [b"", b"a", bytes(300), b"xyz" * 900]
    stream = b"".join(map(frame, contents))

    assert list(sound._frames(stream)) == contents
    assert list(sound._frames(stream + b"\xff\xf1\x50\0\0\0")) == contents
    assert list(sound._frames(b"")) == []


def test_what_ffmpeg_encodes_is_mono_of_that_rate_and_twenty_decibels_below_the_loudest(
    tmp_path: Path,
) -> None:
    make_video(replace(SPEC, prompt="a boat"), tmp_path / "clip.mp4")
    heard, rate = samples(tmp_path / "clip.mp4")

    assert rate == 44_100
    assert len(heard) == pytest.approx(44_100, abs=1100)
    middle = heard[10_000:30_000]
    assert max(middle) == pytest.approx(0.1, rel=0.1)
    loudest = max(range(220, 450, 10), key=lambda pitch: loudness(middle, rate, pitch))
    assert loudest == sound_pitch("a boat")


def test_a_failure_without_words_has_its_exit_code(tmp_path: Path) -> None:
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\nprintf 'first\\n\\n  last  \\n\\n' >&2\nexit 3\n")
    failing.chmod(0o700)
    with pytest.raises(MediaError, match=r"^ffmpeg could not make the clip: last$"):
        sound.run([str(failing)])
    failing.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(MediaError, match=r"^ffmpeg could not make the clip: exit code 3$"):
        sound.run([str(failing)])


def test_what_ffmpeg_writes_is_given_back(tmp_path: Path) -> None:
    assert sound.run(["/bin/cat"], b"some bytes") == b"some bytes"
    assert sound.run(["/bin/true"]) == b""
