"""An MP4 file (ISO 14496-12 and -14) of coded pictures and sound: its boxes, the index before the samples.

The size of each sample is known beforehand, so the file is written from its beginning to its end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, groupby, pairwise
from typing import Final, NamedTuple

AAC_FRAME: Final = 1024
"""Samples of sound in a frame of AAC."""
_MOVIE_SCALE: Final = 1000
"""Parts of a second in which the movie's length is written."""
_MATRIX: Final = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_UNDETERMINED: Final = 0x55C4
"""The language "und" in 15 bits."""


class Pictures(NamedTuple):
    """The video track: its parameter sets, and each picture as it is stored; `keys` are those that need no
    other.

    `ticks` are those of the whole clip, `tick` those of a picture, but the last one takes what is left; a
    second has `scale`.
    """

    width: int
    height: int
    sets: tuple[bytes, bytes]
    samples: Sequence[bytes]
    keys: Sequence[int]
    scale: int
    tick: int
    ticks: int


class Sound(NamedTuple):
    """The sound track: frames of AAC-LC, mono, with `rate` samples a second; the first frame is before the
    clip."""

    frames: Sequence[bytes]
    rate: int


class _Track(NamedTuple):
    """What both kinds of track have in their boxes. `durations` are runs of (samples, ticks)."""

    handler: bytes
    header: bytes
    entry: bytes
    samples: Sequence[bytes]
    durations: Sequence[tuple[int, int]]
    scale: int
    skipped: int
    sides: tuple[int, int]
    keys: Sequence[int]


class _Chunk(NamedTuple):
    """Samples of one track that stand side by side: the track, the first sample, and how many."""

    track: int
    first: int
    samples: int


def parts(pictures: Pictures, sound: Sound | None, describe: Callable[[int], str]) -> Iterator[bytes]:
    """The file, piece by piece: first all of its index, then the samples, by the second.

    `describe` gives the text of the file's metadata, of the checksum (CRC-32) of all samples in their order.
    """
    length = round(pictures.ticks * _MOVIE_SCALE / pictures.scale)
    tracks = [_video(pictures)]
    if sound is not None:
        tracks.append(_audio(sound))
    chunks = sorted(_chunks(tracks), key=lambda timed: timed[0])
    order = [chunk for _, chunk in chunks]
    pieces = [tracks[chunk.track].samples[chunk.first : chunk.first + chunk.samples] for chunk in order]
    sizes = [sum(map(len, piece)) for piece in pieces]
    comment = describe(reduce(lambda checksum, piece: reduce(_checked, piece, checksum), pieces, 0))
    kind = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    start = len(kind) + len(_index(tracks, order, [0] * len(order), length, comment)) + 8
    offsets = [*accumulate(sizes, initial=start)][:-1]
    yield kind + _index(tracks, order, offsets, length, comment)
    yield struct.pack(">I4s", 8 + sum(sizes), b"mdat")
    for piece in pieces:
        yield from piece


def _checked(checksum: int, data: bytes) -> int:
    return zlib.crc32(data, checksum)


def _box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def _full(name: bytes, *content: bytes, flags: int = 0, version: int = 0) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *content)


def _chunks(tracks: Sequence[_Track]) -> Iterator[tuple[int, _Chunk]]:
    """The chunks of a second each, with the second in which they start."""
    for index, track in enumerate(tracks):
        tick = track.durations[0][1]
        seconds = [at * tick // track.scale for at in range(len(track.samples))]
        starts = [at for at, second in enumerate(seconds) if not at or second > seconds[at - 1]]
        for first, end in pairwise([*starts, len(seconds)]):
            yield seconds[first], _Chunk(index, first, end - first)


def _index(
    tracks: Sequence[_Track], order: Sequence[_Chunk], offsets: Sequence[int], length: int, comment: str
) -> bytes:
    header = struct.pack(">IIIIIH10x", 0, 0, _MOVIE_SCALE, length, 1 << 16, 1 << 8)
    last = struct.pack(">24xI", len(tracks) + 1)
    boxes = [_full(b"mvhd", header, _MATRIX, last)]
    for number, track in enumerate(tracks):
        placed = [(chunk, at) for chunk, at in zip(order, offsets, strict=True) if chunk.track == number]
        boxes.append(_track_box(number + 1, track, placed, length))
    return _box(b"moov", *boxes, _metadata(comment))


def _track_box(number: int, track: _Track, placed: Sequence[tuple[_Chunk, int]], length: int) -> bytes:
    width, height = track.sides
    volume = 0 if width else 1 << 8
    header = struct.pack(">IIIII8xHHHH", 0, 0, number, 0, length, 0, 0, volume, 0)
    sides = struct.pack(">II", width << 16, height << 16)
    edit = struct.pack(">IIiI", 1, length, track.skipped, 1 << 16)
    ticks = sum(count * tick for count, tick in track.durations)
    media = _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, track.scale, ticks, _UNDETERMINED, 0))
    handler = _full(b"hdlr", struct.pack(">I4s12x", 0, track.handler), b"\0")
    source = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    information = _box(b"minf", track.header, source, _sample_table(track, placed))
    return _box(
        b"trak",
        _full(b"tkhd", header, _MATRIX, sides, flags=3),
        _box(b"edts", _full(b"elst", edit)),
        _box(b"mdia", media, handler, information),
    )


def _sample_table(track: _Track, placed: Sequence[tuple[_Chunk, int]]) -> bytes:
    counts = [(at, chunk.samples) for at, (chunk, _) in enumerate(placed, start=1)]
    runs = [next(group) for _, group in groupby(counts, key=lambda numbered: numbered[1])]
    offsets = [offset for _, offset in placed]
    boxes = [
        _full(b"stsd", struct.pack(">I", 1), track.entry),
        _table(b"stts", [number for run in track.durations for number in run], len(track.durations)),
        _table(b"stsc", [number for at, count in runs for number in (at, count, 1)], len(runs)),
        _full(
            b"stsz", struct.pack(f">II{len(track.samples)}I", 0, len(track.samples), *map(len, track.samples))
        ),
        _table(b"stco", offsets, len(offsets)),
    ]
    if track.keys:
        boxes.insert(2, _table(b"stss", [key + 1 for key in track.keys], len(track.keys)))
    return _box(b"stbl", *boxes)


def _table(name: bytes, numbers: Sequence[int], entries: int) -> bytes:
    return _full(name, struct.pack(f">I{len(numbers)}I", entries, *numbers))


def _video(pictures: Pictures) -> _Track:
    sequence, picture = pictures.sets
    configuration = b"".join((
        b"\x01", sequence[1:4], b"\xff\xe1", struct.pack(">H", len(sequence)), sequence,
        b"\x01", struct.pack(">H", len(picture)), picture,
    ))  # fmt: skip
    entry = _box(
        b"avc1",
        struct.pack(
            ">6xH16xHHIIIH32xHh", 1, pictures.width, pictures.height, 72 << 16, 72 << 16, 0, 1, 24, -1
        ),
        _box(b"avcC", configuration),
        _box(b"colr", b"nclx", struct.pack(">HHHB", 1, 1, 1, 0)),
        _box(b"pasp", struct.pack(">II", 1, 1)),
    )
    count = len(pictures.samples)
    last, sides = pictures.ticks - (count - 1) * pictures.tick, (pictures.width, pictures.height)
    runs = [(count - 1, pictures.tick), (1, last)]
    if last == pictures.tick or count == 1:
        runs = [(count, last)]
    header = _full(b"vmhd", bytes(8), flags=1)
    return _Track(
        b"vide", header, entry, pictures.samples, runs, pictures.scale, 0, sides, pictures.keys
    )  # fmt: skip


def _audio(sound: Sound) -> _Track:
    entry = _box(b"mp4a", struct.pack(">6xH8xHHIHH", 1, 1, 16, 0, sound.rate, 0), _decoder(sound.rate))
    return _Track(
        b"soun", _full(b"smhd", bytes(4)), entry, sound.frames, [(len(sound.frames), AAC_FRAME)], sound.rate,
        AAC_FRAME, (0, 0), (),
    )  # fmt: skip


def _decoder(rate: int) -> bytes:
    """What a decoder of AAC-LC in mono needs to know (ISO 14496-1, 7.2.6)."""
    rates = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
    specific = _descriptor(5, struct.pack(">H", 2 << 11 | rates.index(rate) << 7 | 1 << 3))
    configuration = _descriptor(4, struct.pack(">BBxHII", 0x40, 0x15, 0, 0, 0), specific)
    return _full(b"esds", _descriptor(3, struct.pack(">HB", 0, 0), configuration, _descriptor(6, b"\x02")))


def _descriptor(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes((tag, len(body))) + body


def _metadata(comment: str) -> bytes:
    """The comment as players and ffprobe show it."""
    handler = _full(b"hdlr", struct.pack(">I4s4s8x", 0, b"mdir", b"appl"), b"\0")
    text = _box(b"data", struct.pack(">II", 1, 0), comment.encode())
    return _box(b"udta", _full(b"meta", handler, _box(b"ilst", _box(b"\xa9cmt", text))))
