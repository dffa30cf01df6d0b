"""The contact sheet: the clip of each parameter as a strip of frames, with what was asked above it."""

from __future__ import annotations

import base64
import html
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mockserver.media.sample import sample_picture
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import MovingMask, Shot, VideoSpec, frame_size, small
from mockserver.media.synth import make_video

FRAMES: Final = 4
"""Frames of a strip, evenly from the first to the last."""
HEIGHT: Final = 170
"""Pixels of a frame in a strip."""
WIDTH: Final = 2480
"""Pixels of the page."""
_TEXT: Final = VideoSpec(
    "kkiai", "kling-v2-6", "6f1c9a44-1111-2222-3333-444455556666", "A red balloon over the harbour", 2.0,
    1280, 720, 24, request="0123456789abcdef",
)  # fmt: skip
_PICTURE: Final = replace(_TEXT, first=sample_picture(1280, 720))
_PATH: Final = ((250, 550), (900, 550), (900, 350))
_AXES: Final = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
_PRESETS: Final = ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
_SCRIPTS: Final = "海边的红气球 港の赤い風船 بالون أحمر فوق الميناء"
_SHOTS: Final = (Shot("a boat", 1.0), Shot("a goat", 0.5), Shot("a moat", 0.5))


def rows() -> Mapping[str, VideoSpec]:
    """What is asked, and the clip of it."""
    tall, square = frame_size(720, (9, 16), None), frame_size(720, (1, 1), None)
    moving = (MovingMask(None, _PATH), MovingMask(None, ((1000, 150), (500, 250))))
    return {
        "prompt alone": _TEXT,
        "another prompt, and much of it": replace(_TEXT, prompt="A storm over the hills at dusk. " * 12),
        "a prompt in Chinese, Japanese, Arabic": replace(_TEXT, prompt=_SCRIPTS),
        "first frame": _PICTURE,
        "first frame of another ratio": replace(_TEXT, first=sample_picture(600, 720)),
        "last frame": replace(_PICTURE, last=sample_picture(720, 1280)),
        "pictures, three": replace(_TEXT, pictures=(sample_picture(640, 360),) * 3),
        "aspect ratio 9:16": replace(_PICTURE, width=tall[0], height=tall[1]),
        "aspect ratio 1:1": replace(_PICTURE, width=square[0], height=square[1]),
        "mode pro: 1080p": replace(_PICTURE, width=1920, height=1080),
        "duration 10": replace(_PICTURE, seconds=10.0),
        **{f"camera {axis} -10": replace(_PICTURE, camera=((axis, -10.0),)) for axis in _AXES},
        **{f"camera {axis} 10": replace(_PICTURE, camera=((axis, 10.0),)) for axis in _AXES},
        **{f"camera {preset}": replace(_PICTURE, camera=((preset, 1.0),)) for preset in _PRESETS},
        "dynamic masks, two": replace(_PICTURE, moving=moving),
        "shots: 1 s, 0.5 s, 0.5 s": replace(_PICTURE, shots=_SHOTS),
        "sound on": replace(_PICTURE, sound=True),
        "voices ada and bob": replace(_PICTURE, sound=True, voices=("ada", "bob")),
        "watermark": replace(_PICTURE, watermark=True),
        "cfg scale, negative prompt": replace(
            _TEXT, wanted=(("negative_prompt", "rain, fog"), ("cfg_scale", "0.7"))
        ),
        "small clip": small(_PICTURE),
    }


def write(file: Path) -> None:
    """Write the page."""
    file.write_text("".join(_page()), encoding="utf-8")


def _page() -> Iterator[str]:
    yield (
        "<!doctype html><meta charset=utf-8><title>Clips by their parameters</title><style>"
        "body{margin:16px;background:#14181d;color:#e8ecf2;font:16px sans-serif;columns:2}"
        "section{break-inside:avoid;padding-bottom:12px}small{color:#9aa4b2;margin-left:12px}"
        "img{display:inline-block;margin:4px 8px 0 0}</style>"
    )
    with TemporaryDirectory() as scratch:
        for name, spec in rows().items():
            path = Path(scratch) / "clip.mp4"
            make_video(spec, path)
            facts = f"{spec.width}x{spec.height}, {spec.fps} fps, {spec.seconds:g} s"
            yield f"<section>{html.escape(name)}<small>{facts}</small><br>{_image(_strip(path, spec))}"
            if spec.sound:
                yield _image(_spectrum(path))
            yield "</section>"


def _image(data: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def _strip(path: Path, spec: VideoSpec) -> bytes:
    """Frames side by side."""
    numbers = [round(at * (spec.frames - 1) / (FRAMES - 1)) for at in range(FRAMES)]
    wanted = "+".join(f"eq(n,{number})" for number in numbers)
    return _filtered(path, f"select='{wanted}',scale=-2:{HEIGHT},tile={FRAMES}x1:padding=4:color=0x14181d")


def _spectrum(path: Path) -> bytes:
    """The tones by their time."""
    size = f"{FRAMES * HEIGHT}x{HEIGHT}"
    return _filtered(path, f"showspectrumpic=s={size}:legend=0:stop=2200", kind="-lavfi")


def _filtered(path: Path, words: str, kind: str = "-vf") -> bytes:
    command = [ffmpeg(), "-v", "error", "-i", str(path), kind, words, "-frames:v", "1", "-f", "image2pipe"]
    return subprocess.run([*command, "-c:v", "png", "-"], check=True, capture_output=True).stdout
