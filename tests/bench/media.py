"""The media table of `make bench`: how long each kind of clip takes, as a ratio to the plain ffmpeg call.

That call encodes `testsrc2` of the same size, rate and length with the fastest preset. Both alternate in each
round, and each clip is of a new job, so none comes from the cache.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from rich.table import Table

from mockserver.media import film
from mockserver.media.sample import sample_picture
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import MovingMask, Shot, VideoSpec, small
from mockserver.media.synth import make_thumbnail, make_video
from tests.bench.saved import Figure, Result

_PICTURE: Final = sample_picture(1280, 720)
_TEXT: Final = VideoSpec("kkiai", "kling-v2-6", "1", "A red balloon over the harbour", 5.0, 1280, 720, 24)
_SHOTS: Final = (Shot("a boat", 2.0), Shot("a goat", 1.0), Shot("a moat", 2.0))
_PATH: Final = ((200, 300), (900, 300), (900, 600))


def kinds() -> Mapping[str, tuple[VideoSpec, float]]:
    """Each kind of clip with the ratio that it may have."""
    picture = replace(_TEXT, first=_PICTURE)
    return {
        "text": (_TEXT, 0.25),
        "picture": (picture, 0.25),
        "picture, 1080p": (replace(picture, width=1920, height=1080), 0.25),
        "watermark": (replace(picture, watermark=True), 1.0),
        "camera": (replace(picture, camera=(("roll", 5.0),)), 1.0),
        "masks": (replace(picture, moving=(MovingMask(None, _PATH), MovingMask(None, _PATH[::-1]))), 1.0),
        "last frame": (replace(picture, last=sample_picture(720, 1280)), 1.0),
        "three shots": (replace(picture, shots=_SHOTS), 1.0),
        "sound": (replace(picture, sound=True), 1.0),
        "voices": (replace(picture, sound=True, voices=("ada", "bob")), 1.0),
        "small, by the full size": (small(picture), 0.05),
    }


def bench_media(rounds: int) -> Result:
    """The table, and the ratios of each kind, round by round."""
    ratios: dict[str, list[float]] = {name: [] for name in kinds()}
    times: dict[str, list[float]] = {name: [] for name in kinds()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number in range(rounds):
            for name, (spec, _) in kinds().items():
                plain = _timed(_plain, _TEXT if name.startswith("small") else spec, folder)
                # Nothing of an earlier clip but its code: vectors and tones that clips share are made anew.
                film._camera_units.cache_clear()
                job = replace(spec, job_id=f"6f1c9a44-1111-2222-3333-{number:012}", prompt=f"boat {number}")
                times[name].append(_timed(make_video, job, folder))
                ratios[name].append(times[name][-1] / plain)
        thumbnails = [
            _timed(make_thumbnail, replace(_TEXT, job_id=str(number)), folder) for number in range(9)
        ]
    figures = [Figure(f"clip: {name}", "ratio", "lower", values) for name, values in ratios.items()]
    return Result([_table(ratios, times, thumbnails)], figures)


def _timed(make: Callable[[VideoSpec, Path], None], spec: VideoSpec, folder: Path) -> float:
    begin = time.perf_counter()
    make(spec, folder / "clip.mp4")
    return time.perf_counter() - begin


def _plain(spec: VideoSpec, target: Path) -> None:
    source = f"testsrc2=s={spec.width}x{spec.height}:r={spec.fps}:d={spec.seconds}"
    subprocess.run(
        [
            *(ffmpeg(), "-y", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264"),
            *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", target),
        ],
        check=True,
    )


def _table(
    ratios: Mapping[str, list[float]], times: Mapping[str, list[float]], thumbnails: list[float]
) -> Table:
    table = Table(title="a clip of 5 s, cold, over plain ffmpeg of the same size, rate and length")
    for column in ("kind", "ratio", "from", "to", "ms", "at most"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for name, (_, most) in kinds().items():
        found = ratios[name]
        good = "green" if median(found) <= most else "red"
        numbers = (f"[{good}]{median(found):.3f}[/]", f"{min(found):.3f}", f"{max(found):.3f}")
        table.add_row(name, *numbers, f"{1000 * median(times[name]):.0f}", f"{most:.2f}")
    table.add_row("a thumbnail", "", "", "", f"{1000 * median(thumbnails):.0f}", "10 ms")
    return table
