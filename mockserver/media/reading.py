"""What a clip's file says of itself: its metadata, the marks of its frames, and whether it is whole."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockserver.errors import MediaError
from mockserver.media import mark
from mockserver.media.mark import JobMark
from mockserver.media.sound import ffmpeg, run
from mockserver.numerals import plural

LARGEST: Final = 1 << 30
"""Bytes of a file that is read."""
_DEEPEST: Final = 8
_INNER: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"ilst", b"\xa9cmt"})
"""Boxes that consist of boxes."""
_MOST_PIXELS: Final = 1 << 26
_TEXT: Final = 16
"""Bytes of a text's box before the text."""


class ReadClip(NamedTuple):
    """A file: `described` is the metadata of ours, empty where there is none; `marks` are those of its first,
    middle and last frame; `fault` says why it is not whole as the server made it, empty where it is."""

    described: Mapping[str, Any]
    marks: tuple[JobMark | None, ...]
    fault: str

    @property
    def job(self) -> str:
        """The id of the job that the file is from; empty where nothing says so."""
        return str(self.described.get("job") or next((shown.job_id for shown in self.marks if shown), ""))


class Box(NamedTuple):
    """A box of an MP4 file: its name, and where its content begins and ends."""

    name: bytes
    start: int
    end: int


def read_clip(path: Path) -> ReadClip:
    """Read a file. Raises MediaError where it is no MP4 file, OSError where it cannot be read."""
    if path.stat().st_size > LARGEST:
        raise MediaError(f"{path} has more bytes than are read here")
    data = path.read_bytes()
    boxes = list(read_boxes(data, 0, len(data)))
    if not boxes or boxes[0].name != b"ftyp":
        raise MediaError(f"{path} is not an MP4 file")
    described = _described(data, boxes)
    fault = _fault(data, boxes, described)
    if fault.startswith("it is cut off"):
        return ReadClip(described, (), fault)
    return ReadClip(described, _marks(path, data, boxes), fault)


def read_boxes(data: bytes, start: int, end: int, depth: int = 0) -> Iterator[Box]:
    """All boxes, each before those inside of it; the last one may end behind the data."""
    at = start
    while at + 8 <= end:
        length, name, header = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(data[at + 8 : at + 16]), 16
        if length < header:
            return
        yield Box(name, at + header, at + length)
        if depth < _DEEPEST:
            inner = at + header + 4 * (name == b"meta")
            if name in _INNER or name == b"meta":
                yield from read_boxes(data, inner, min(at + length, end), depth + 1)
        at += length


def _described(data: bytes, boxes: list[Box]) -> Mapping[str, Any]:
    """The metadata that our clips have; empty for that of others."""
    comment = next((box for box in boxes if box.name == b"\xa9cmt"), None)
    if comment is None:
        return {}
    try:
        described = json.loads(data[comment.start + _TEXT : comment.end])
    except ValueError:
        return {}
    if isinstance(described, dict) and described.get("mockserver") == "clip":
        return described
    return {}


def _fault(data: bytes, boxes: list[Box], described: Mapping[str, Any]) -> str:
    last = max(box.end for box in boxes)
    if last > len(data):
        return f"it is cut off: {len(data)} of {plural(last, 'byte')}"
    if not any(box.name == b"moov" for box in boxes):
        return "it is cut off: it has no index"
    samples = next((box for box in boxes if box.name == b"mdat"), None)
    if samples is None:
        return "it is cut off: it has no samples"
    checksum = f"{zlib.crc32(data[samples.start : samples.end]):08x}"
    if described and described.get("crc32") != checksum:
        return "it was changed or encoded anew: its samples have another checksum"
    return ""


def _marks(path: Path, data: bytes, boxes: list[Box]) -> tuple[JobMark | None, ...]:
    """The marks of the first, the middle and the last frame."""
    count, (width, height) = _frames(data, boxes), _sides(data, boxes)
    if not count or not 0 < width * height <= _MOST_PIXELS:
        return ()
    numbers = sorted({0, count // 2, count - 1})
    wanted = "+".join(f"eq(n,{number})" for number in numbers)
    command = [
        *(ffmpeg(), "-v", "error", "-i", str(path.resolve()), "-map", "0:v:0", "-vf", f"select='{wanted}'"),
        *("-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"),
    ]
    luma, size = run(command), width * height
    shown = (luma[at : at + size] for at in range(0, len(luma) - size + 1, size))
    return tuple(mark.read(frame, width, height) for frame in shown)


def _frames(data: bytes, boxes: list[Box]) -> int:
    """How many frames the first video track has."""
    names = [box.name for box in boxes]
    if b"vmhd" not in names:
        return 0
    sizes = next((box for box in boxes[names.index(b"vmhd") :] if box.name == b"stsz"), None)
    return 0 if sizes is None else int.from_bytes(data[sizes.start + 8 : sizes.start + 12])


def _sides(data: bytes, boxes: list[Box]) -> tuple[int, int]:
    """Width and height in px of the first track that has them."""
    for box in boxes:
        if box.name == b"tkhd":
            width, height = (int.from_bytes(data[box.end - at : box.end - at + 2]) for at in (8, 4))
            if width and height:
                return width, height
    return 0, 0
