"""A client's process, ended together with all that it started."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from mockserver.errors import KitError
from mockserver.kit.conform.client_secrets import ClientSecrets
from mockserver.kit.conform.evidence import ClientRun, Ending
from mockserver.kit.conform.running.escaped_processes import MARK, end_escaped
from mockserver.kit.conform.running.output_tail import OutputTail

if sys.platform == "win32":
    _OWN_GROUP: Final[dict[str, Any]] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    _OWN_GROUP: Final[dict[str, Any]] = {"start_new_session": True}


def start_process(
    argv: Sequence[str], environment: Mapping[str, str], client_secrets: ClientSecrets
) -> RunningProcess:
    """Start a command in a process group of its own. Raises KitError if it cannot be started."""
    mark = secrets.token_hex(16)
    try:
        process = subprocess.Popen(  # noqa: S603
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, MARK: mark},
            **_OWN_GROUP,
        )
    except OSError as error:
        raise KitError(f"cannot start {argv[0]!r}: {error.strerror}") from None
    except ValueError as error:
        raise KitError(f"cannot start {argv[0]!r}: {error}") from None
    return RunningProcess(process, client_secrets, mark)


class RunningProcess:
    """A running command."""

    def __init__(self, process: subprocess.Popen[bytes], client_secrets: ClientSecrets, mark: str) -> None:
        self._process = process
        self._mark = mark
        self._began = time.monotonic()
        assert process.stdout is not None
        assert process.stderr is not None
        self._streams = [OutputTail(pipe, client_secrets) for pipe in (process.stdout, process.stderr)]
        self._ended = threading.Event()
        self._run: ClientRun | None = None
        threading.Thread(target=self._reap, daemon=True).start()

    def _reap(self) -> None:
        self._process.wait()
        # At once: when nobody of the group is left, its number may soon be another group's.
        _kill_group(self._process)
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, at the latest after so many seconds."""
        return self._ended.wait(seconds)

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """Kill the process and its whole group. What a client leaves behind when it ends is killed too."""
        if self._run is None:
            self._run = self._stop(ending, last=last)
        return self._run

    def _stop(self, ending: Ending, *, last: bool) -> ClientRun:
        exited = self._ended.is_set()
        seconds = time.monotonic() - self._began
        if not exited:
            _kill_group(self._process)
            self._process.kill()
            self._ended.wait()
        escaped = end_escaped(self._mark, self._process.pid)
        closed = [stream.close() for stream in self._streams]
        stdout, stderr = (stream.text for stream in self._streams)
        return ClientRun(
            ending="exited" if exited else ending,
            exit_code=self._process.returncode if exited else None,
            seconds=seconds,
            stdout=stdout,
            stderr=stderr,
            leaked_key=any(stream.leaked_key for stream in self._streams),
            last=last,
            escaped=escaped,
            left=not all(closed),
        )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process's group."""
    # Windows cannot kill a group: there, what the client has started may outlive it.
    if sys.platform != "win32" and hasattr(os, "killpg"):
        # Nobody is left of it, or, on macOS, only processes that have ended already.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
