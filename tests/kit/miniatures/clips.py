"""Files for the miniatures: a grey clip of a size and length, and a grey still."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import av


@cache
def clip(width: int, height: int, seconds: int, fps: int = 24, *, index_first: bool = True) -> bytes:
    """An MP4 of that many whole seconds, H.264, without sound, that can be played while it is loaded."""
    moments = range(seconds * fps)
    if not index_first:
        return _in_memory("mp4", "libx264", width, height, moments, fps)
    with TemporaryDirectory() as folder:  # putting the index first means opening the file again
        path = Path(folder) / "clip.mp4"
        _encode(str(path), "mp4", "libx264", width, height, moments, fps)
        return path.read_bytes()


@cache
def still(width: int, height: int, codec: str = "mjpeg") -> bytes:
    """A JPEG, or a picture of another codec."""
    return _in_memory("image2pipe", codec, width, height, range(1), 1)


def _in_memory(form: str, codec: str, width: int, height: int, moments: range, fps: int) -> bytes:
    file = BytesIO()
    _encode(file, form, codec, width, height, moments, fps)
    return file.getvalue()


def _encode(
    file: str | IO[bytes], form: str, codec: str, width: int, height: int, moments: range, fps: int
) -> None:
    options = {"movflags": "faststart"} if isinstance(file, str) else {}
    with av.open(file, "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = width, height
        stream.pix_fmt = {"mjpeg": "yuvj420p", "bmp": "bgr24"}.get(codec, "yuv420p")
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "crf": "40"}
        frame = av.VideoFrame(width, height, stream.pix_fmt)
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        for moment in moments:
            frame.pts, frame.time_base = moment, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
