"""Processes of a client that have left its process group, found on Linux by a mark in their environment."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mockserver.kit.conform.task import PREFIX

MARK: Final = f"{PREFIX}RUN"
"""Variable whose value no other run of a client has; processes inherit it."""
_PROC: Final = Path("/proc")
_ROUNDS: Final = 20
"""Looks at all processes: one that is found may have started another one meanwhile."""
_PAUSE: Final = 0.01
_MOST: Final = 1024 * 1024
"""Bytes of an environment that are looked at."""


def end_escaped(mark: str, group: int) -> int:
    """End every process of this machine that has the mark of a run in its environment; how many there were.

    Those of the process group do not count: it has been killed, and they may not be gone yet.
    Processes inherit the mark, also in a new session and with another parent. One that is started with an
    environment of its own is not found, nor is any on other systems than Linux.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        alive = list(_marked(f"{MARK}={mark}".encode()))
        if not alive:
            break
        for process in alive:
            with suppress(ProcessLookupError, PermissionError):
                has_escaped = os.getpgid(process) != group
                os.kill(process, signal.SIGKILL)
                if has_escaped:
                    ended.add(process)
        time.sleep(_PAUSE)
    return len(ended)


def _marked(variable: bytes) -> Iterator[int]:
    """The running processes whose environment has the variable, other than this one."""
    own = os.getpid()
    for folder in _PROC.glob("[0-9]*"):
        if int(folder.name) != own and variable in _environment(folder).split(b"\0"):
            yield int(folder.name)


def _environment(folder: Path) -> bytes:
    """The environment of a process; empty for one that has ended, or is another user's."""
    try:
        with (folder / "environ").open("rb") as file:
            return file.read(_MOST)
    except OSError:
        return b""
