"""The sound of a clip: tones that spell its voices, or one tone of the prompt; ffmpeg encodes it.

Each byte of a voice's name is two tones of 16, the higher half first; a tone that no byte has comes before
each name.
"""

from __future__ import annotations

import math
import re
import subprocess
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import cycle, islice
from typing import Final

from mockserver.errors import MediaError
from mockserver.media.mp4 import AAC_FRAME, Sound
from mockserver.media.picture import shares
from mockserver.media.spec import VideoSpec

RATE: Final = 44_100
"""Samples a second."""
TIMEOUT: Final = 60.0
"""Seconds after which ffmpeg counts as hung; ten minutes of sound take under five."""
PITCHES: Final = tuple(400.0 + 100.0 * step for step in range(16))
"""Of the tones that spell, Hz, for 0 to 15."""
START: Final = 300.0
"""Of the tone before each name, Hz."""
TONE: Final = 2205
"""Samples of a tone."""
_LOUD: Final = 3277
"""The amplitude, -20 dB."""
_FADE: Final = 220
"""Samples over which a tone begins and ends."""
_PART: Final = re.compile(r"^\[[^\]]*\] ")
"""Which of its parts ffmpeg speaks of, with an address in memory."""
_HEADER: Final = 7
"""Bytes before each frame of AAC in ffmpeg's stream (ADTS)."""


def sound(spec: VideoSpec) -> Sound | None:
    """The clip's sound track; None where it has none. Raises MediaError where ffmpeg fails."""
    if not spec.sound:
        return None
    pitches = tuple(spelled(spec.voices)) or (round(220 + 220 * next(shares(spec.prompt)), -1),)
    return Sound(_encoded(pitches, round(spec.seconds * RATE)), RATE)


def spelled(voices: Sequence[str]) -> Iterator[float]:
    """The pitches of the voices' names, in Hz, one after another."""
    for voice in voices:
        yield START
        for byte in voice.encode("utf-8", "replace"):
            yield PITCHES[byte >> 4]
            yield PITCHES[byte & 15]


@lru_cache(maxsize=32)
def _tone(pitch: float, *, alone: bool) -> bytes:
    """A tone in 16-bit samples. It begins and ends softly, but for one that is alone, which has no seam."""
    step = 2 * math.pi * pitch / RATE
    # A tenth of a second has whole periods of all that is a multiple of 10 Hz.
    length = RATE // 10 if alone else TONE
    samples = array("h", bytes(2 * length))
    for at in range(length):
        fade = 1.0 if alone else min(1.0, (at + 1) / _FADE, (length - at) / _FADE)
        samples[at] = round(_LOUD * fade * math.sin(step * at))
    return samples.tobytes()


@lru_cache(maxsize=8)
def _encoded(pitches: tuple[float, ...], length: int) -> tuple[bytes, ...]:
    """The tones again and again, for so many samples, as frames of AAC."""
    tones = [_tone(pitch, alone=len(pitches) == 1) for pitch in pitches]
    count = -(-length // (len(tones[0]) // 2))
    samples = b"".join(islice(cycle(tones), count))[: 2 * length]
    command = [
        *(ffmpeg(), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0"),
        *("-c:a", "aac", "-b:a", "64k", "-threads", "1", "-flags:a", "+bitexact", "-f", "adts", "pipe:1"),
    ]
    frames = tuple(_frames(run(command, samples)))
    if len(frames) * AAC_FRAME < length:
        raise MediaError("ffmpeg ended before it had written all of the sound")
    return frames


def _frames(stream: bytes) -> Iterator[bytes]:
    """The frames of a stream of ADTS (ISO 13818-7, 6.2), without its headers."""
    at = 0
    while at + _HEADER <= len(stream):
        length = int.from_bytes(stream[at + 3 : at + 6]) >> 5 & 0x1FFF
        yield stream[at + _HEADER : at + length]
        at += max(length, _HEADER)


def ffmpeg() -> str:
    """Where ffmpeg is. Raises MediaError where there is none."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError(
            f"there is no ffmpeg to encode with; name one in IMAGEIO_FFMPEG_EXE ({error})"
        ) from None


def run(command: Sequence[str], data: bytes = b"") -> bytes:
    """What ffmpeg writes when it reads the data. Raises MediaError where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - a list and no shell, and nothing of a request but file names of ours
            command, input=data, capture_output=True, timeout=TIMEOUT, check=False
        )
    except OSError as error:
        raise MediaError(f"ffmpeg does not start: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise MediaError(f"ffmpeg was stopped after {TIMEOUT:.0f} s without a clip") from None
    if done.returncode:
        raise MediaError(_failure_text(done.stderr.decode("utf-8", "replace"), done.returncode))
    return done.stdout


def _failure_text(stderr: str, code: int) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    ended = f"it was ended by signal {-code}" if code < 0 else f"exit code {code}"
    reason = _PART.sub("", lines[-1]) if lines else ended
    return f"ffmpeg could not make the clip: {reason}"
