"""The files of a case: those that the client wrote, and the true ones on the server."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from mockserver.control_client.answers import JobAnswer
from mockserver.kit.conform.task import Task

_NO_AUTHORITIES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. Loopback needs no TLS, and to load the usual authorities takes longer than the fetch."""
_JOB_FILE_LIMIT: Final = 65536


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
        content = read_file(self._task.job_file)
        if content is not None:
            self.job_files.append(content[:_JOB_FILE_LIMIT].decode("utf-8", "replace"))

    def outputs(self) -> tuple[bytes | None, ...]:
        """The output of each task, None if there is none."""
        return tuple(read_file(task.output) for task in self.tasks)

    def thumbnail(self) -> bytes | None:
        """The thumbnail, None if there is none."""
        return read_file(self._folder / "thumbnail.jpg")

    def leftovers(self) -> tuple[str, ...]:
        """The names of other files in the folder of the outputs."""
        expected = {"thumbnail.jpg", *(Path(task.output).name for task in self.tasks)}
        return tuple(sorted({path.name for path in self._folder.iterdir()} - expected))

    @property
    def _folder(self) -> Path:
        return Path(self._task.output).parent


def read_file(path: Path | str) -> bytes | None:
    """The file's content, None if there is no such file."""
    file = Path(path)
    if file.is_file():
        return file.read_bytes()
    return None


def fetch_media(server: str, jobs: Iterable[JobAnswer], name: str) -> dict[str, bytes]:
    """The file of that name of each job that succeeded, by the job's id. `server` is the server's URL."""
    files = {}
    for job in jobs:
        if job["phase"] == "succeeded":
            path = f"/media/{quote(job['provider'], safe='')}/{quote(job['id'], safe='')}/{name}"
            response = httpx.get(server + path, trust_env=False, timeout=30, verify=_NO_AUTHORITIES)
            if response.status_code == httpx.codes.OK:
                files[job["id"]] = response.content
    return files
