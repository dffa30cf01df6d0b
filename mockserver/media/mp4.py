"""Encodes drawn stills as an MP4 file: the parts of a scene, and the one ffmpeg command that plays it.

ffmpeg moves, blends and encodes, so a clip takes seconds of one core and never the interpreter's lock.
Nothing that varies between runs goes in (one thread, no dates, no encoder's name), so the same scene gives
the same bytes.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mockserver.errors import MediaError
from mockserver.media.files import publish
from mockserver.media.spec import SCRATCH

TIMEOUT = 120.0
"""Seconds after which ffmpeg counts as hung; the longest documented clip takes under ten."""

RATE = "2200k"
"""Ceiling in bits/s, which keeps ten seconds under 3 MB however busy the picture is."""

SMOOTH = 20
"""Frame rate from which on half of it still looks smooth."""

TO_709 = "scale=out_color_matrix=bt709:out_range=tv"


@dataclass(frozen=True, slots=True)
class Layer:
    """Raw pixels, row by row, top first."""

    width: int
    height: int
    form: Literal["rgb24", "rgba"]
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer that does not move, with its top left corner at (x, y) px."""

    layer: Layer
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """A layer whose rows, each `row` px high, are shown one after another, `per_second` of them."""

    strip: Placed
    row: int
    per_second: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A full-width strip of `colour` (RRGGBB) that grows from the left until the clip ends."""

    y: int
    height: int
    colour: str


@dataclass(frozen=True, slots=True)
class Motion:
    """The camera's movement over the base, each as (start, end): the zoom, at least 1.0, and the position of
    the window in the space that the zoom leaves, as shares from 0 to 1."""

    zoom: tuple[float, float]
    x: tuple[float, float] = (0.5, 0.5)
    y: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip. `base` and `ending` fill the frame; `ending` fades in at the end; `tone` is in Hz."""

    width: int
    height: int
    fps: int
    frames: int
    base: Layer
    motion: Motion
    ending: Layer | None
    stickers: tuple[Placed, ...]
    ticker: Ticker
    bar: Bar
    tone: int | None


def write(scene: Scene, target: Path) -> None:
    """Make `target` the scene's MP4: H.264, yuv420p, moov first, AAC where there is a tone.

    The file appears whole or not at all. Raises MediaError, OSError where the disk refuses.
    """
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target.parent) as scratch:
        folder = Path(scratch)
        for index, (layer, _) in enumerate(_inputs(scene)):
            folder.joinpath(f"{index}.raw").write_bytes(layer.pixels)
        clip = folder / "clip.mp4"
        _run(_command(scene, folder, clip))
        publish(clip, target)


def _inputs(scene: Scene) -> list[tuple[Layer, str]]:
    """ffmpeg's inputs and their frame rates: base, ticker, stickers, ending."""
    placed = (scene.ticker.strip, *scene.stickers)
    moving = _motion_rate(scene.fps)
    inputs = [(scene.base, moving), *((part.layer, str(scene.fps)) for part in placed)]
    if scene.ending:
        inputs.append((scene.ending, moving))
    return inputs


def _command(scene: Scene, folder: Path, clip: Path) -> list[str]:
    inputs: list[str] = []
    for index, (layer, rate) in enumerate(_inputs(scene)):
        inputs += ["-f", "rawvideo", "-pix_fmt", layer.form, "-video_size", f"{layer.width}x{layer.height}"]
        inputs += ["-framerate", rate, "-i", str(folder / f"{index}.raw")]
    return [
        *(_ffmpeg(), "-nostdin", "-y", "-v", "error", "-filter_complex_threads", "1"),
        *inputs,
        *_tone_input(scene),
        *("-filter_complex", ";".join(_graph(scene)), "-map", "[out]", "-frames:v", str(scene.frames)),
        *_tone_output(scene),
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "27", "-maxrate", RATE, "-bufsize", "4400k"),
        *("-g", str(2 * scene.fps), "-pix_fmt", "yuv420p", "-threads", "1"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"),
        *("-movflags", "+faststart", "-f", "mp4", str(clip)),
    ]


def _tone_input(scene: Scene) -> list[str]:
    """The sound's input; without a tone the clip has no audio track."""
    if scene.tone is None:
        return []
    source = f"sine=frequency={scene.tone}:sample_rate=44100,volume=-20dB"
    length = f"{scene.frames / scene.fps:.6f}"
    return ["-f", "lavfi", "-t", length, "-i", source]


def _tone_output(scene: Scene) -> list[str]:
    if scene.tone is None:
        return []
    return ["-map", f"{len(_inputs(scene))}:a", "-c:a", "aac", "-b:a", "64k"]


def _graph(scene: Scene) -> Iterator[str]:
    """ffmpeg's filter graph: the camera over the base, then the ending, then the layers on top."""
    yield f"[0:v]{_camera(scene)}[moving]"
    last = "moving"
    if scene.ending:
        yield from _ending(scene, 2 + len(scene.stickers))
        last = "fading"
    yield f"[{last}]fps={scene.fps}[v1]"
    last = "v1"
    for index, sticker in enumerate(scene.stickers, start=2):
        yield f"[{index}:v]{TO_709},format=yuva420p[s{index}]"
        yield f"[{last}][s{index}]overlay={sticker.x}:{sticker.y}[v{index}]"
        last = f"v{index}"
    bar, strip = scene.bar, scene.ticker.strip
    yield f"color=c=0x{bar.colour}:s={scene.width}x{bar.height}:r={scene.fps},format=yuv420p[bar]"
    yield f"[{last}][bar]overlay=x='W*(n+1)/{scene.frames}-w':y={bar.y}[barred]"
    yield f"[1:v]{TO_709},format=yuva420p,{_still(scene.fps)},{_turning(scene)}[ticks]"
    yield f"[barred][ticks]overlay={strip.x}:{strip.y},format=yuv420p[out]"


def _camera(scene: Scene) -> str:
    """The base under the moving window, at `_pace`.

    In yuv444p, because zoompan snaps its window to whole chroma samples and would shake in yuv420p.
    """
    rate, motion = _motion_rate(scene.fps), scene.motion
    moves = scene.frames
    if scene.fps >= SMOOTH:
        moves = math.ceil(moves / 2)
    steps = max(1, moves - 1)
    zoom = _between(motion.zoom, steps)
    x = f"(iw-iw/zoom)*({_between(motion.x, steps)})"
    y = f"(ih-ih/zoom)*({_between(motion.y, steps)})"
    move = f"zoompan=z='{zoom}':x='{x}':y='{y}':d=1:s={scene.width}x{scene.height}:fps={rate}"
    return f"{TO_709},format=yuv444p,{_still(rate)},{move},format=yuv420p"


def _motion_rate(fps: int) -> str:
    """The rate of the motion: half the clip's, because so slow a motion looks the same and costs half."""
    if fps >= SMOOTH:
        return f"{fps}/2"
    return str(fps)


def _between(ends: tuple[float, float], steps: int) -> str:
    start, end = ends
    return f"{start:.5f}+({end - start:.5f})*min(1,on/{steps})"


def _ending(scene: Scene, index: int) -> Iterator[str]:
    """Fade to the ending, which stays alone for the last tenth of the clip."""
    length = scene.frames / scene.fps
    fade = min(1.5, 0.3 * length)
    start = 0.9 * length - fade
    yield f"[{index}:v]{TO_709},format=yuv420p,{_still(_motion_rate(scene.fps))}[ending]"
    yield f"[moving][ending]xfade=transition=fade:duration={fade:.5f}:offset={start:.5f}[fading]"


def _turning(scene: Scene) -> str:
    ticker = scene.ticker
    row = f"floor(n*{ticker.per_second}/{scene.fps})"
    return f"crop={ticker.strip.layer.width}:{ticker.row}:0:'{ticker.row}*{row}'"


def _still(rate: str | int) -> str:
    """Repeat one frame without end."""
    return f"loop=-1:1:0,setpts=N/({rate})/TB"


def _ffmpeg() -> str:
    import imageio_ffmpeg  # type: ignore[import-untyped]

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError(
            f"there is no ffmpeg to encode with; name one in IMAGEIO_FFMPEG_EXE ({error})"
        ) from None


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - a list and no shell, and nothing of a request but file names of ours
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise MediaError(f"ffmpeg was stopped after {TIMEOUT:.0f} s without a clip") from None
    if done.returncode:
        raise MediaError(_failure_text(done.stderr.decode("utf-8", "replace"), done.returncode))


def _failure_text(stderr: str, code: int) -> str:
    if "No space left on device" in stderr:
        return "the disk is full: no space left for a clip in the media cache"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    reason = lines[-1] if lines else f"exit code {code}"
    return f"ffmpeg could not make the clip: {reason}"
