"""The made clips and thumbnails on disk: each made once, when first fetched, and kept while there is room.

A file is named by what it shows, so it outlives a restart and is never stale. Its access time says when it
was last asked for, which is set by hand, as many file systems do not keep it; the modification time stays.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from mockserver.errors import MediaError
from mockserver.media.spec import SCRATCH, VideoSpec, key

ABANDONED = 600.0
"""Seconds after which work in progress is a killed process's; several may share a directory."""

CLOSED = "the media cache is closed: the server is shutting down"

HEAVY = 1 << 18
"""Bytes of pictures from which on naming a spec is left to a thread."""


class MediaCache:
    """Files of at most `max_bytes` in `directory`, made by at most `workers` threads at a time.

    The least recently asked for go first, but never the one just made: a file larger than the whole
    cache is kept until the next. A file that is open when it goes can be read to its end. One that goes
    between `video` and the opening is simply asked for again.

    Raises MediaError where the directory cannot be made.
    """

    def __init__(self, directory: Path, max_bytes: int, workers: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._executor = ThreadPoolExecutor(max(1, workers), "media")
        self._lock = threading.Lock()
        self._flights: dict[str, Future[Path]] = {}
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(directory)
        except OSError as error:
            raise MediaError(_trouble(error, directory)) from None

    async def video(self, spec: VideoSpec) -> Path:
        """The spec's MP4. Raises MediaError where it cannot be made, to everyone who waits for it."""
        return await self._get(spec, "mp4", _make_video)

    async def thumbnail(self, spec: VideoSpec) -> Path:
        """The spec's JPEG. Raises MediaError as `video` does."""
        return await self._get(spec, "jpg", _make_thumbnail)

    def close(self) -> None:
        """Drops what has not been begun (who waits for it gets a MediaError) and ends what has."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _get(self, spec: VideoSpec, suffix: str, make: Callable[[VideoSpec, Path], None]) -> Path:
        heavy = len(spec.first or b"") + len(spec.last or b"") > HEAVY
        name = await asyncio.to_thread(key, spec) if heavy else key(spec)
        target = self._directory / f"{name}.{suffix}"
        if _touch(target):
            return target
        flight = self._join(target, spec, make)
        # Shielded, so that a waiter who gives up does not cancel the making for the others.
        try:
            return await asyncio.shield(asyncio.wrap_future(flight))
        except asyncio.CancelledError:
            if flight.cancelled():
                raise MediaError(CLOSED) from None
            raise

    def _join(self, target: Path, spec: VideoSpec, make: Callable[[VideoSpec, Path], None]) -> Future[Path]:
        with self._lock:
            flight = self._flights.get(target.name)
            if flight is None:
                try:
                    flight = self._executor.submit(self._make, target, spec, make)
                except RuntimeError:
                    raise MediaError(CLOSED) from None
                self._flights[target.name] = flight
            return flight

    def _make(self, target: Path, spec: VideoSpec, make: Callable[[VideoSpec, Path], None]) -> Path:
        try:
            if not _touch(target):
                make(spec, target)
                self._evict(target)
            return target
        except OSError as error:
            raise MediaError(_trouble(error, self._directory)) from None
        finally:
            with self._lock:
                self._flights.pop(target.name, None)

    def _evict(self, made: Path) -> None:
        """Removes the least recently asked for until the rest fits."""
        found = [(path, stat) for path in self._directory.iterdir() if (stat := _kept(path))]
        excess = sum(stat.st_size for _, stat in found) - self._max_bytes
        for path, stat in sorted(found, key=lambda each: each[1].st_atime_ns):
            if excess <= 0:
                return
            if path != made:
                path.unlink(missing_ok=True)
                excess -= stat.st_size


def _kept(path: Path) -> os.stat_result | None:
    """What is known of a finished file; None for anything else, or where it has just gone."""
    if path.suffix not in (".mp4", ".jpg"):
        return None
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _touch(path: Path) -> bool:
    """Notes that the file was asked for; False where there is none."""
    try:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return False
    return True


def _clear_abandoned(directory: Path) -> None:
    for path in directory.glob(f"{SCRATCH}*"):
        if time.time() - path.stat().st_mtime > ABANDONED:
            shutil.rmtree(path, ignore_errors=True)


def _trouble(error: OSError, directory: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: no space left for the media cache in {directory}"
    return f"the media cache in {directory} cannot be used: {error.strerror or error}"


def _make_video(spec: VideoSpec, target: Path) -> None:
    """As `synth` does, which a server that has no clip to make need not import."""
    from mockserver.media import synth

    synth.make_video(spec, target)


def _make_thumbnail(spec: VideoSpec, target: Path) -> None:
    from mockserver.media import synth

    synth.make_thumbnail(spec, target)
