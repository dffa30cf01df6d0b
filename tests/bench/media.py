"""The media table of `make bench`: how long each kind of clip takes, as a ratio to the plain ffmpeg call.

That call encodes `testsrc2` of the same size, rate and length with the fastest preset. Both alternate in each
round, and each clip is of a new job, so none comes from the cache. A clip's time is that of whoever asks the
cache for it: until its first byte is read, and until all of it is.
"""

from __future__ import annotations

import asyncio
import io
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from PIL import Image
from rich.table import Table

from mockserver.media import film
from mockserver.media.cache import MediaCache
from mockserver.media.sample import sample_picture
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import MovingMask, Shot, VideoSpec, small
from mockserver.media.synth import make_thumbnail
from tests.bench.saved import Figure, Result

FIRST_BYTE: Final = 0.15
"""The ratio after which the first byte of a common kind is there."""
_PICTURE: Final = sample_picture(1280, 720)
"""A PNG, which has to be unpacked whole; of a JPEG, a small clip unpacks an eighth."""
TEXT: Final = VideoSpec("kkiai", "kling-v2-6", "1", "A red balloon over the harbour", 5.0, 1280, 720, 24)
_SHOTS: Final = (Shot("a boat", 2.0), Shot("a goat", 1.0), Shot("a moat", 2.0))
_PATH: Final = ((200, 300), (900, 300), (900, 600))


def kinds() -> Mapping[str, tuple[VideoSpec, float]]:
    """Each kind of clip with the ratio that it may have."""
    picture = replace(TEXT, first=_PICTURE)
    return {
        "text": (TEXT, 0.25),
        "picture": (picture, 0.25),
        "picture, a JPEG": (replace(TEXT, first=_jpeg(_PICTURE)), 0.25),
        "picture, 1080p": (replace(picture, width=1920, height=1080), 0.25),
        "watermark": (replace(picture, watermark=True), 1.0),
        "camera": (replace(picture, camera=(("roll", 5.0),)), 1.0),
        "masks": (replace(picture, moving=(MovingMask(None, _PATH), MovingMask(None, _PATH[::-1]))), 1.0),
        "last frame": (replace(picture, last=sample_picture(720, 1280)), 1.0),
        "three shots": (replace(picture, shots=_SHOTS), 1.0),
        "sound": (replace(picture, sound=True), 1.0),
        "voices": (replace(picture, sound=True, voices=("ada", "bob")), 1.0),
        "small, by the full size": (small(picture), 0.05),
        "small, of a JPEG": (small(replace(TEXT, first=_jpeg(_PICTURE))), 0.05),
    }


def _jpeg(picture: bytes) -> bytes:
    written = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(written, "JPEG", quality=90)
    return written.getvalue()


class Times(NamedTuple):
    """Seconds of one round: until the first byte, until the last one, and of the plain call."""

    first: float
    whole: float
    plain: float


def bench_media(rounds: int) -> Result:
    """The table, and the ratios of each kind, round by round."""
    times: dict[str, list[Times]] = {name: [] for name in kinds()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number in range(rounds):
            for name, (spec, _) in kinds().items():
                begin = time.perf_counter()
                plain(TEXT if name.startswith("small") else spec, folder)
                took = time.perf_counter() - begin
                # Nothing of an earlier clip but its code: vectors and tones that clips share are made anew.
                film._camera_units.cache_clear()
                job = replace(spec, job_id=f"6f1c9a44-1111-2222-3333-{number:012}", prompt=f"boat {number}")
                times[name].append(Times(*asyncio.run(_fetched(job, folder)), took))
        thumbnails = [_thumbnail(replace(TEXT, job_id=str(number)), folder) for number in range(9)]
    figures = []
    for name, rows in times.items():
        whole, first = [each.whole / each.plain for each in rows], [each.first / each.plain for each in rows]
        figures += [Figure(f"clip: {name}", "ratio", "lower", whole)]
        figures += [Figure(f"first byte: {name}", "ratio", "lower", first)]
    return Result([_table(times, thumbnails)], figures)


async def _fetched(spec: VideoSpec, folder: Path) -> tuple[float, float]:
    """How long it takes until a cold clip's first byte is read, and until all of it is."""
    cache = MediaCache(folder, 1 << 30, 2)
    begin = time.perf_counter()
    with await cache.video(spec) as file:
        file.read(1)
        first = time.perf_counter() - begin
        file.read()
        whole = time.perf_counter() - begin
    cache.close()
    return first, whole


def _thumbnail(spec: VideoSpec, folder: Path) -> float:
    begin = time.perf_counter()
    make_thumbnail(spec, folder / "thumbnail.jpg")
    return time.perf_counter() - begin


def plain(spec: VideoSpec, folder: Path) -> None:
    """The plain ffmpeg call, into the folder."""
    source = f"testsrc2=s={spec.width}x{spec.height}:r={spec.fps}:d={spec.seconds}"
    subprocess.run(
        [
            *(ffmpeg(), "-y", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264"),
            *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", folder / "plain.mp4"),
        ],
        check=True,
    )


def _table(times: Mapping[str, list[Times]], thumbnails: list[float]) -> Table:
    table = Table(title="a clip of 5 s, cold, over plain ffmpeg of the same size, rate and length")
    for column in ("kind", "ratio", "from", "to", "at most", "ms", "first byte", "ms"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for name, (_, most) in kinds().items():
        ratios = [each.whole / each.plain for each in times[name]]
        first = median(each.first / each.plain for each in times[name])
        table.add_row(
            name,
            *(_judged(median(ratios), most), f"{min(ratios):.3f}", f"{max(ratios):.3f}", f"{most:.2f}"),
            f"{1000 * median(each.whole for each in times[name]):.0f}",
            *(
                _judged(first, min(most, FIRST_BYTE)),
                f"{1000 * median(each.first for each in times[name]):.0f}",
            ),
        )
    table.add_row("a thumbnail", "", "", "", "10 ms", f"{1000 * median(thumbnails):.0f}")
    return table


def _judged(ratio: float, most: float) -> str:
    colour = "green" if ratio <= most else "red"
    return f"[{colour}]{ratio:.3f}[/]"
