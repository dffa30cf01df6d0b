"""Reads the properties of a clip on disk with the decoder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockserver.errors import MediaError


@dataclass(frozen=True, slots=True)
class ProbedClip:
    """`seconds` is the clip's length; the sides are pixels."""

    codec: str
    width: int
    height: int
    seconds: float


def probe(path: Path) -> ProbedClip:
    """Read a clip's header with ffmpeg. Raises MediaError where it is not a clip."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    try:
        frames = imageio_ffmpeg.read_frames(str(path))
        meta = next(frames)
        frames.close()
    except (OSError, RuntimeError) as error:
        raise MediaError(f"{path} is not a clip: {error}".splitlines()[0]) from None
    width, height = meta["size"]
    return ProbedClip(str(meta["codec"]), width, height, float(meta["duration"]))
