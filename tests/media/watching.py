"""Looks at clips as somebody else would: frames, motion and tones, as PyAV decodes them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from random import Random

import av
from PIL import Image, ImageChops, ImageDraw, ImageStat

Window = tuple[float, float]
"""The middle of a part of a frame, as shares of its sides."""


def frames(path: Path) -> Iterator[Image.Image]:
    """Every frame, in grey."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            convert: Callable[..., Image.Image] = frame.to_image
            yield convert().convert("L")


def keys(path: Path) -> list[int]:
    """The numbers of the frames that need no other."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return [number for number, packet in enumerate(packets) if packet.is_keyframe]


def comment(path: Path) -> str:
    """The file's metadata."""
    with av.open(str(path)) as container:
        return container.metadata["comment"]


def samples(path: Path) -> tuple[Sequence[float], int]:
    """The sound and its rate."""
    with av.open(str(path)) as container:
        stream, heard = container.streams.audio[0], array("f")
        for frame in container.decode(stream):
            heard.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
        return heard, stream.codec_context.sample_rate


def loudness(heard: Sequence[float], rate: int, pitch: float) -> float:
    """How much of the samples is a tone of that pitch, Hz (Goertzel)."""
    factor, before, last = 2 * math.cos(2 * math.pi * pitch / rate), 0.0, 0.0
    for sample in heard:
        before, last = last, sample + factor * last - before
    return last * last + before * before - factor * last * before


def speckled(width: int, height: int, seed: int = 1) -> bytes:
    """A PNG in which each part looks different."""
    random, picture = Random(seed), Image.new("RGB", (width, height), "gray")
    pen = ImageDraw.Draw(picture)
    for _ in range(width * height // 300):
        x, y, radius = random.randrange(width), random.randrange(height), random.randrange(4, 14)
        colour = tuple(random.randrange(256) for _ in range(3))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def shift(
    first: Image.Image, last: Image.Image, at: Window, reach: int = 30, side: int = 40
) -> tuple[int, int]:
    """How far what is shown there has moved, right and down, px: to where the last frame looks like it."""
    x, y = round(first.width * at[0]) - side // 2, round(first.height * at[1]) - side // 2
    part = first.crop((x, y, x + side, y + side))

    def difference(move: tuple[int, int]) -> float:
        other = last.crop((x + move[0], y + move[1], x + move[0] + side, y + move[1] + side))
        return float(ImageStat.Stat(ImageChops.difference(part, other)).sum[0])

    coarse = [(right, down) for right in range(-reach, reach + 1, 3) for down in range(-reach, reach + 1, 3)]
    near = min(coarse, key=difference)
    fine = [(near[0] + right, near[1] + down) for right in range(-2, 3) for down in range(-2, 3)]
    return min(fine, key=difference)


def likeness(first: Image.Image, second: Image.Image) -> float:
    """The structural similarity (SSIM) of two grey pictures of one size, by blocks of 8x8; 1 is equal."""
    values = []
    for top in range(0, first.height - 7, 8):
        for left in range(0, first.width - 7, 8):
            box = (left, top, left + 8, top + 8)
            values.append(_block_likeness(first.crop(box).tobytes(), second.crop(box).tobytes()))
    return sum(values) / len(values)


def _block_likeness(one: bytes, two: bytes) -> float:
    count = len(one)
    mean, other = sum(one) / count, sum(two) / count
    spread = sum((value - mean) ** 2 for value in one) / count
    other_spread = sum((value - other) ** 2 for value in two) / count
    joint = sum((a - mean) * (b - other) for a, b in zip(one, two, strict=True)) / count
    c1, c2 = 6.5025, 58.5225
    return ((2 * mean * other + c1) * (2 * joint + c2)) / (
        (mean**2 + other**2 + c1) * (spread + other_spread + c2)
    )
