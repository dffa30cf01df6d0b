"""The files of a case: those that the client wrote, and the true ones on the server."""

from __future__ import annotations

import errno
import os
import ssl
import stat
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from mockserver.control_client.answers import JobAnswer
from mockserver.kit.conform.evidence import LargeFile, WrittenFile
from mockserver.kit.conform.task import Task

NO_AUTHORITIES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. Loopback needs no TLS, and to load the usual authorities takes longer than the fetch."""
_WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""To open a pipe that nobody writes to would wait for ever."""
_NO_FILE: Final = frozenset({errno.ENXIO, errno.ELOOP})
"""Of a socket, and of a link that leads to itself."""
JOB_FILE: Final = 64 * 1024
"""Bytes of a job file that are read: a job's id has some forty."""
HEAD: Final = 64 * 1024
"""Bytes that are read of a file that is larger than the one that it should be."""
MAX_PICTURE: Final = 1024 * 1024
"""Bytes of the picture that the client was given; ours has some 10 KiB."""
MAX_LEFTOVERS: Final = 100
"""Other files in the folder of the outputs that are named."""
MAX_MEDIA: Final = 64 * 1024 * 1024
"""Bytes of true clips of one case: of some hundred jobs, where a case needs two."""


class ClientFiles:
    """What the client writes. `tasks` has the task of each worker; they differ in the output file."""

    def __init__(self, task: Task, workers: int) -> None:
        self._task = task
        stem = task.output.removesuffix(".mp4")
        others = [task.with_output(f"{stem}-{number}.mp4") for number in range(2, workers + 1)]
        self.tasks = [task, *others]
        self.job_files: list[str] = []

    def read_job_file(self) -> None:
        """Add the job file as it is now to `job_files`, if it exists."""
        content = read_file(self._task.job_file, JOB_FILE)
        if content is not None:
            head = content.head if isinstance(content, LargeFile) else content
            self.job_files.append(head.decode("utf-8", "replace"))

    def has_output(self) -> bool:
        """Whether a task has an output file, whatever is in it."""
        return any(Path(task.output).is_file() for task in self.tasks)

    def outputs(self, clips: Mapping[str, bytes]) -> tuple[WrittenFile | None, ...]:
        """The output of each task, None if there is none. It should be one of the `clips`."""
        return tuple(read_file(task.output, _largest(clips)) for task in self.tasks)

    def thumbnail(self, stills: Mapping[str, bytes]) -> WrittenFile | None:
        """The thumbnail, None if there is none. It should be one of the `stills`."""
        return read_file(self._folder / "thumbnail.jpg", _largest(stills))

    def leftovers(self) -> tuple[str, ...]:
        """The names of other files in the folder of the outputs, or of some of them where there are many."""
        expected = {"thumbnail.jpg", *(Path(task.output).name for task in self.tasks)}
        others = (path.name for path in self._folder.iterdir() if path.name not in expected)
        names = sorted(islice(others, MAX_LEFTOVERS))
        return tuple(os.fsencode(name).decode("utf-8", "backslashreplace") for name in names)

    @property
    def _folder(self) -> Path:
        return Path(self._task.output).parent


def read_file(path: Path | str, most: int) -> WrittenFile | None:
    """The file's content, or the head of one that is larger than `most` bytes; None if there is no such file.

    Only regular files are read: a pipe or a device would never end. Raises OSError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(max(most, HEAD) + 1)
    if len(content) > max(most, HEAD):
        return LargeFile(content[:HEAD], max(status.st_size, len(content)))
    return content


def _largest(files: Mapping[str, bytes]) -> int:
    return max(map(len, files.values()), default=0)


def fetch_media(server: str, jobs: Iterable[JobAnswer], name: str) -> dict[str, bytes]:
    """The file of that name of each job that succeeded, by the job's id. `server` is the server's URL.

    A client that makes more jobs than any case needs gets the files of the first ones.
    """
    files: dict[str, bytes] = {}
    for job in jobs:
        if sum(map(len, files.values())) > MAX_MEDIA:
            break
        if job["phase"] == "succeeded":
            path = f"/media/{quote(job['provider'], safe='')}/{quote(job['id'], safe='')}/{name}"
            response = httpx.get(server + path, trust_env=False, timeout=30, verify=NO_AUTHORITIES)
            if response.status_code == httpx.codes.OK:
                files[job["id"]] = response.content
    return files
