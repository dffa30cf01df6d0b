"""Decodes a fetched clip or still in memory with PyAV: whether it plays, its length and its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

LARGEST: Final = 200 * 1024 * 1024
"""The most bytes of a file that is decoded."""
MAX_PIXELS: Final = 4096 * 4096
"""The most pixels of a picture that is decoded: a decoder holds several, at up to four bytes a pixel."""
_STILLS: Final = {"jpeg": "jpeg_pipe", "png": "png_pipe"}
_MOST_FRAMES: Final = 3600
"""The most frames that are decoded between the last key frame and the last frame."""
_MOST_KNOWN: Final = 256
"""The most files whose decoding is remembered."""


class UnreadableVideo(ValueError):
    """The file does not play, or shows nothing; the text completes "the file ..."."""


class TooLarge(ValueError):
    """The file is too large to decode here, which is no fault of it."""


@dataclass(frozen=True, slots=True)
class VideoFile:
    """What a clip shows: pixels as displayed, seconds, and whether its index precedes its frames."""

    width: int
    height: int
    seconds: float
    index_first: bool


_known: Final[dict[bytes, VideoFile]] = {}
"""What files show, by the digest of their bytes."""


def read_video(data: bytes) -> VideoFile:
    """Decode the first and the last frame of an MP4 file. One that comes again is not decoded again.

    Raises UnreadableVideo if it does not play, TooLarge above LARGEST bytes or 4096x4096 pixels.
    """
    if len(data) > LARGEST:
        raise TooLarge(f"has {len(data)} bytes, more than are decoded here")
    # Several checks want each file. To hash five seconds at 720p takes 1.5 ms, to decode them 130 ms.
    digest = sha256(data).digest()
    video = _known.get(digest)
    if video is None:
        video = _read(data)
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[digest] = video
    return video


def _read(data: bytes) -> VideoFile:
    order = [name for name, _ in _boxes(data)]
    if b"moov" not in order:
        raise UnreadableVideo("has no index (moov): it is not an MP4 file, or it is cut off")
    import av

    try:
        with av.open(BytesIO(data), "r", "mp4", metadata_errors="replace") as container:
            return _decoded(container, order)
    except (UnreadableVideo, TooLarge):
        raise
    except Exception as error:  # a decoder may raise anything over damaged bytes
        raise UnreadableVideo(f"does not decode: {getattr(error, 'strerror', None) or error}") from None


def check_still(data: bytes, kind: str) -> None:
    """Decode a `jpeg` or `png`. Raises UnreadableVideo if it is damaged or cut off, and TooLarge."""
    if len(data) > LARGEST:
        raise TooLarge(f"has {len(data)} bytes, more than are decoded here")
    if not _has_end(data, kind):
        raise UnreadableVideo("is cut off")
    import av

    try:
        with av.open(BytesIO(data), "r", _STILLS[kind]) as container:
            shown = next(container.decode(video=0), None)
    except Exception as error:  # a decoder may raise anything over damaged bytes
        raise UnreadableVideo(f"does not decode: {getattr(error, 'strerror', None) or error}") from None
    if shown is None:
        raise UnreadableVideo("shows nothing")


def _has_end(data: bytes, kind: str) -> bool:
    """Whether a still reaches its end marker; decoders make a picture, grey below, of one that does not."""
    if kind == "jpeg":
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    end = data.rfind(b"IEND")
    # The name of the last chunk is followed by its checksum of four bytes.
    return 0 <= end <= len(data) - 8


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and length of each box at the top level. Raises UnreadableVideo if the last one is cut off."""
    at = 0
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        elif length == 0:
            length = len(data) - at
        if length < 8:
            raise UnreadableVideo(f"is not an MP4 file: its first bytes are {data[:8].hex(' ')}")
        if at + length > len(data):
            reason = f"its part {name!r} should end at byte {at + length}, there are {len(data)}"
            raise UnreadableVideo(f"is cut off or no MP4 file: {reason}")
        yield name, length
        at += length


def _decoded(container: InputContainer, order: list[bytes]) -> VideoFile:
    if not container.streams.video:
        raise UnreadableVideo("has no picture track")
    stream = container.streams.video[0]
    if stream.width * stream.height > MAX_PIXELS:
        raise TooLarge(f"has {stream.width}x{stream.height} pixels, more than are decoded here")
    first = next(container.decode(stream), None)
    if first is None or _last(container, stream) is None:
        raise UnreadableVideo("has no frame that decodes")
    index_first = b"mdat" not in order or order.index(b"moov") < order.index(b"mdat")
    return VideoFile(*_display_size(stream, first), _seconds(container, stream), index_first)


def _last(container: InputContainer, stream: VideoStream) -> Any:
    container.seek(stream.duration or 0, stream=stream)
    last = None
    for number, frame in enumerate(container.decode(stream)):
        last = frame
        if number >= _MOST_FRAMES:
            break
    return last


def _display_size(stream: VideoStream, frame: Any) -> tuple[int, int]:
    """Width and height as a player displays them: oblong pixels stretched, a phone's video upright."""
    width, aspect = frame.width, stream.sample_aspect_ratio
    if aspect:
        width = round(width * float(aspect))
    if getattr(frame, "rotation", 0) % 180 == 90:
        return frame.height, width
    return width, frame.height


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000
