"""What a clip must show: all input of `synth`, and the clip's name in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from mockserver.extras import has_scripts

DRAWING = "6"
"""Goes up when a spec is drawn differently than before, so that an older cache is not served."""

SCRATCH = ".making-"
"""Prefix of the directories for unfinished work, which are beside the file that is being made."""

SMALL, SLOW = 160, 10
"""Longest side of a small clip, px, and its highest frame rate."""

MOST_PICTURES = 9
"""Pictures that are drawn of a clip that is made of more."""

WIDEST = 4.0
"""No frame is wider (or taller) than this; the widest picture a provider documents is 2.5:1."""


class MovingMask(NamedTuple):
    """A region that moves: its mask as it was submitted, or None where it is not at hand, and the points of
    its path in pixels of the mask, from the lower left corner."""

    mask: bytes | None
    path: tuple[tuple[int, int], ...]


class Shot(NamedTuple):
    """A part of a clip with a scene of its own."""

    prompt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VideoSpec:
    """One clip. `seconds` is its length; `width` and `height` are even pixels; `first` and `last` are the
    bytes of a picture as it was submitted, or None where there is none at hand; `pictures` are those of a
    clip that is made of several, in their order; `video` is the file name of a video that it is made of.
    `number` is that of an image among `count`, from 1; a clip has 0. `camera` are movements with their
    strengths, -10 to 10; `moving` and `fixed` are masks; `voices` are those that speak; `shots`, where there
    are any, share the clip among them; `wanted` are names and values of what was asked and has no look;
    `request` is the digest of all that was asked, 16 hex digits; a `plain` clip is encoded by ffmpeg alone.

    Raises ValueError for a size, length or rate that no H.264 clip can have.
    """

    provider: str
    model: str
    job_id: str
    prompt: str
    seconds: float
    width: int
    height: int
    fps: int
    first: bytes | None = None
    last: bytes | None = None
    pictures: tuple[bytes, ...] = ()
    video: str = ""
    sound: bool = False
    watermark: bool = False
    number: int = 0
    count: int = 0
    camera: tuple[tuple[str, float], ...] = ()
    moving: tuple[MovingMask, ...] = ()
    fixed: bytes | None = None
    voices: tuple[str, ...] = ()
    shots: tuple[Shot, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    request: str = "0" * 16
    plain: bool = False

    def __post_init__(self) -> None:
        if self.width < 2 or self.height < 2 or self.width % 2 or self.height % 2:
            raise ValueError(f"a frame has even sides of at least 2 px, got {self.width}x{self.height}")
        if self.fps < 1 or not 0 < self.seconds < float("inf"):
            raise ValueError(f"a clip has a length and a rate, got {self.seconds} s at {self.fps} fps")

    @property
    def frames(self) -> int:
        """How many frames the clip has, at least one."""
        return max(1, round(self.seconds * self.fps))

    @property
    def weight(self) -> int:
        """Bytes of all pictures."""
        masks = (mask.mask for mask in self.moving)
        return sum(len(data or b"") for data in (self.first, self.last, self.fixed, *self.pictures, *masks))


def frame_size(
    short_side: int, ratio: tuple[int, int] | None, image_size: tuple[int, int] | None
) -> tuple[int, int]:
    """Even (width, height) in px whose shorter side is `short_side`.

    The ratio is the picture's where there is one, else `ratio` (width, height), else 16:9; the longer side
    is within 1 px of it.
    """
    width, height = image_size or ratio or (16, 9)
    short = _even(short_side)
    long = _even(short_side * min(WIDEST, max(width, height) / min(width, height)))
    return (long, short) if width >= height else (short, long)


def within(spec: VideoSpec, longest: int) -> VideoSpec:
    """The spec with frames of its ratio whose longer side is at most `longest` px."""
    share = min(1.0, longest / max(spec.width, spec.height))
    return replace(spec, width=_even(spec.width * share), height=_even(spec.height * share))


def small(spec: VideoSpec) -> VideoSpec:
    """The spec of a clip that is quickly made: the same length and ratio in few and small frames."""
    return replace(within(spec, SMALL), fps=min(SLOW, spec.fps))


def key(spec: VideoSpec) -> str:
    """Hex name of the clip's content: equal for equal specs and typefaces, and for nothing else."""
    digest = hashlib.sha256(DRAWING.encode() + b" with scripts" * has_scripts())
    for part in _parts(spec):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:40]


def _parts(spec: VideoSpec) -> Iterator[bytes]:
    for field in fields(spec):
        yield field.name.encode()
        yield from _flat(getattr(spec, field.name))


def _flat(value: object) -> Iterator[bytes]:
    """A value as bytes, a tuple as its length and its parts, one after another."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, tuple):
        yield f"{len(value)} parts".encode()
        for part in value:
            yield from _flat(part)
    else:
        yield repr(value).encode("utf-8", "surrogatepass")


def _even(pixels: float) -> int:
    return max(2, 2 * round(pixels / 2))
