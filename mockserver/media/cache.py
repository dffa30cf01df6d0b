"""Clips and thumbnails on disk: each is made once, at its first request, and stays while there is room.

A file is named by what it shows, so it outlives a restart and is never stale. Its access time is the time of
its last request. The cache sets that itself, because many file systems do not; the modification time stays.
What became of the folder meanwhile shows at each request: a folder or a part of a file that is missing is
made again, and where nothing can be written, what is there is served.

Who waits gets a new file as soon as it is whole. That it is on the disk, which takes as long as a small clip
does, is only needed before it gets the name by which it is found again.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from mockserver import real_time
from mockserver.errors import MediaError
from mockserver.media.files import is_whole, publish
from mockserver.media.spec import SCRATCH, VideoSpec, key
from mockserver.private_files import make_folder

ABANDONED = 600.0
"""Seconds after which unfinished work is a killed process's; several processes may share a directory."""

LOOK_EVERY = 60.0
"""Seconds after which the next file made has the whole folder looked at."""

SHARE = 8
"""Of the free room, a part of one in so many is filled without another look: other processes fill it, too."""

CLOSED = "the media cache is closed: the server is shutting down"

_OPENINGS = 3
"""How often a file is made that is gone before it is open: other processes may remove files."""

HEAVY = 1 << 18
"""Bytes of pictures from which on a spec is hashed in a thread and not in the event loop."""


@dataclass(slots=True, eq=False)
class _Flight:
    """A file that is being made or is to be made, and how many wait for it.

    `whole` is done when all of the file is at `path`, or with the error; `making` when it has its name, too.
    """

    path: Path
    waiters: int = 0
    making: Future[None] = field(default_factory=Future)
    whole: Future[None] = field(default_factory=Future)

    def __post_init__(self) -> None:
        # A client that gives up cannot cancel it for the others.
        self.whole.set_running_or_notify_cancel()

    def end(self, making: Future[None]) -> None:
        """Tell those who wait why there is no file; nothing to those who have it."""
        if not self.whole.done():
            closed = MediaError(CLOSED)
            self.whole.set_exception(closed if making.cancelled() else making.exception() or closed)


class MediaCache:
    """Files of at most `max_bytes` in `directory`, made by at most `workers` threads at a time.

    The least recently requested files are removed first, but never the one just made, nor one that somebody
    still waits for: a file larger than the whole cache stays until the next. A file is given open, so that it
    can be read to its end when it is removed meanwhile, and whoever has it closes it. What is queued is
    dropped when nobody waits for it any more; what is being made is finished.
    """

    def __init__(self, directory: Path, max_bytes: int, workers: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._executor = ThreadPoolExecutor(max(1, workers), "media")
        self._lock = threading.Lock()
        self._flights: dict[str, _Flight] = {}
        self._awaited: Counter[str] = Counter()
        self._room = self._look_at = 0.0
        _clear_abandoned(directory)

    async def video(self, spec: VideoSpec) -> BufferedReader:
        """The spec's MP4, open. Raises MediaError where it cannot be made, to everyone who waits for it."""
        return await self._open(spec, "mp4", _make_video)

    async def thumbnail(self, spec: VideoSpec) -> BufferedReader:
        """The spec's JPEG, open. Raises MediaError as `video` does."""
        return await self._open(spec, "jpg", _make_thumbnail)

    async def image(self, spec: VideoSpec) -> BufferedReader:
        """The PNG of an image's spec, open. Raises MediaError as `video` does."""
        return await self._open(spec, "png", _make_image)

    def drop_queue(self) -> None:
        """Begin no other file: whoever waits for one that was not begun gets a MediaError."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Drop the queue, and finish the files in progress."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _open(
        self, spec: VideoSpec, suffix: str, make: Callable[[VideoSpec, Path], None]
    ) -> BufferedReader:
        target = self._directory / f"{await _name(spec)}.{suffix}"
        reason = MediaError("the file was made and cannot be opened; look what else uses the media cache")
        for _ in range(_OPENINGS):
            try:
                return await self._get(target, spec, make)
            except OSError as error:
                reason = error.__cause__ if isinstance(error.__cause__, MediaError) else reason
        raise reason

    async def _get(
        self, target: Path, spec: VideoSpec, make: Callable[[VideoSpec, Path], None]
    ) -> BufferedReader:
        # Requests for one new clip share one flight, so that it is encoded once. The worker looks for the
        # file again (`_make`): between the look here and the lock another flight may have made it and ended.
        # A new file gets its name only when it is whole, so a look needs no lock.
        if _note_request(target):
            return target.open("rb")
        flight = self._join(target, spec, make)
        has_name = flight.whole.done() and flight.path == target
        try:
            await asyncio.wrap_future(flight.whole)
            # Between two looks it may be given its name.
            for path in (flight.path, target) if not has_name else ():
                with suppress(FileNotFoundError):
                    return path.open("rb")
            # It could not be given its name, or was damaged since: look again.
            try:
                await asyncio.wrap_future(flight.making)
            except MediaError as reason:
                raise FileNotFoundError(target) from reason
            raise FileNotFoundError(target)
        finally:
            self._leave(target, flight)

    def _join(self, target: Path, spec: VideoSpec, make: Callable[[VideoSpec, Path], None]) -> _Flight:
        with self._lock:
            flight = self._flights.get(target.name)
            if flight is None:
                flight = _Flight(target)
                try:
                    flight.making = self._executor.submit(self._make, flight, target, spec, make)
                except RuntimeError:
                    raise MediaError(CLOSED) from None
                flight.making.add_done_callback(flight.end)
                self._flights[target.name] = flight
            flight.waiters += 1
            self._awaited[target.name] += 1
            return flight

    def _leave(self, target: Path, flight: _Flight) -> None:
        """Wait no more. The last to go drops what has not begun, so that nobody else waits for it."""
        with self._lock:
            flight.waiters -= 1
            self._awaited -= Counter([target.name])
            if not flight.waiters and flight.making.cancel() and self._flights.get(target.name) is flight:
                del self._flights[target.name]

    def _make(
        self, flight: _Flight, target: Path, spec: VideoSpec, make: Callable[[VideoSpec, Path], None]
    ) -> None:
        try:
            if _note_request(target):
                flight.whole.set_result(None)
            else:
                make_folder(self._directory)
                with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=self._directory) as scratch:
                    flight.path = Path(scratch) / target.name
                    make(spec, flight.path)
                    size = flight.path.stat().st_size
                    flight.whole.set_result(None)
                    publish(flight.path, target)
                    flight.path = target
                self._make_room(target, size)
        except OSError as error:
            raise MediaError(_error_text(error, self._directory)) from None
        finally:
            with self._lock:
                self._flights.pop(target.name, None)

    def _make_room(self, made: Path, size: int) -> None:
        """Remove what does not fit beside a new file, and what was abandoned.

        To look at thousands of files takes longer than to make a small clip, so it is not done for each.
        """
        now = real_time.seconds()
        with self._lock:
            self._room -= size
            if self._room > 0 and now < self._look_at:
                return
            self._look_at = now + LOOK_EVERY
        self._room = self._evict(made) / SHARE
        _clear_abandoned(self._directory)

    def _evict(self, made: Path) -> int:
        """Remove the least recently requested files until the rest fits. Returns how many bytes are free."""
        with os.scandir(self._directory) as entries:
            files = [(entry, stat) for entry in entries if (stat := _file_stat(entry)) is not None]
        free = self._max_bytes - sum(stat.st_size for _, stat in files)
        for entry, stat in sorted(files, key=lambda file: file[1].st_atime_ns):
            if free >= 0:
                break
            if entry.name != made.name and entry.name not in self._awaited:
                with suppress(OSError):
                    Path(entry).unlink(missing_ok=True)
                    free += stat.st_size
        return free


async def _name(spec: VideoSpec) -> str:
    """The spec's name in the cache. To hash large pictures takes long enough to hold up other requests."""
    if spec.weight > HEAVY:
        return await asyncio.to_thread(key, spec)
    return key(spec)


def _file_stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Size and times of a finished file; None for anything else, or where it has just been removed."""
    if not entry.name.endswith((".mp4", ".jpg", ".png")):
        return None
    try:
        return entry.stat()
    except FileNotFoundError:
        return None


def _note_request(path: Path) -> bool:
    """Note a request for the file; False where there is none, or it is broken, and has to be made."""
    try:
        if not is_whole(path):
            return False
        modified = path.stat().st_mtime_ns
    except OSError:
        # Making it again shows what is wrong.
        return False
    # A folder that cannot be written can be read all the same.
    with suppress(OSError):
        os.utime(path, ns=(real_time.time_ns(), modified))
    return True


def _clear_abandoned(directory: Path) -> None:
    with suppress(OSError):
        for path in directory.glob(f"{SCRATCH}*"):
            if real_time.seconds() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def _error_text(error: OSError, directory: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: no space left for the media cache in {directory}"
    return f"the media cache in {directory} cannot be used: {error.strerror or error}"


def _make_video(spec: VideoSpec, target: Path) -> None:
    """As `synth.make_video`, which is imported only by a server that makes a clip."""
    from mockserver.media import synth

    synth.make_video(spec, target)


def _make_thumbnail(spec: VideoSpec, target: Path) -> None:
    from mockserver.media import synth

    synth.make_thumbnail(spec, target)


def _make_image(spec: VideoSpec, target: Path) -> None:
    from mockserver.media import synth

    synth.make_image(spec, target)
