"""Clips and thumbnails as files: a whole one gets its name, and a broken one is recognized."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from mockserver.private_files import FILE

MOST_BOXES: Final = 64
"""Boxes that a clip may have at its outermost level; ours have four."""
_HEADER: Final = 8
_WIDE_HEADER: Final = 16
_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"


def publish(made: Path, target: Path) -> None:
    """Give a file that was made its name when all of it is on the disk, also after a loss of power.

    Raises OSError; then the target is as it was.
    """
    made.chmod(FILE)
    _flush(made)
    made.replace(target)
    # Not every file system can flush a folder. Then the name may be lost, which costs one more making.
    with suppress(OSError):
        _flush(target.parent)


def is_whole(path: Path) -> bool:
    """Whether the file is there and no part of it is missing. Reads some bytes of it. Raises OSError."""
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            return _CHECKS.get(path.suffix, _is_mp4)(file, size)
    except FileNotFoundError:
        return False


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_jpeg(file: BinaryIO, size: int) -> bool:
    if size < len(_JPEG_START) + len(_JPEG_END):
        return False
    start = file.read(len(_JPEG_START))
    file.seek(-len(_JPEG_END), os.SEEK_END)
    return start == _JPEG_START and file.read() == _JPEG_END


def _is_png(file: BinaryIO, size: int) -> bool:
    if size < len(_PNG_START) + len(_PNG_END):
        return False
    start = file.read(len(_PNG_START))
    file.seek(-len(_PNG_END), os.SEEK_END)
    return start == _PNG_START and file.read() == _PNG_END


def _is_mp4(file: BinaryIO, size: int) -> bool:
    """Whether the boxes of an MP4 (ISO 14496-12, 4.2) end where the file does, and describe a clip."""
    at, names = 0, set()
    for _ in range(MOST_BOXES):
        file.seek(at)
        header = file.read(_WIDE_HEADER)
        length = int.from_bytes(header[:4])
        if length == 1:
            length = int.from_bytes(header[_HEADER:])
        if length < _HEADER:
            return False
        names.add(header[4:_HEADER])
        at += length
        if at >= size:
            return at == size and b"moov" in names
    return False


_CHECKS: Final[Mapping[str, Callable[[BinaryIO, int], bool]]] = {".jpg": _is_jpeg, ".png": _is_png}
"""By the ending of the file's name; every other file is a clip."""
