"""The client under judgement: a command of any language, or a function of this process."""

from __future__ import annotations

import asyncio
import inspect
import os
import shlex
import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final, Protocol

from mockserver.errors import KitError
from mockserver.kit.conform.evidence import ClientRun, Ending
from mockserver.kit.conform.task import PREFIX, Task

KEPT: Final = 64 * 1024
"""Bytes kept of the beginning and of the end of what a process writes to each of its streams."""
_LOCAL: Final = "127.0.0.1,localhost"
_TICK: Final = 0.01


class RunningClient(Protocol):
    """One run of a client."""

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, at the latest after so many seconds."""

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """End it, where it still runs, and tell how it went."""


class ClientUnderTest(Protocol):
    """Something that makes a clip of a Task."""

    @property
    def label(self) -> str:
        """What reports call it."""

    @property
    def killable(self) -> bool:
        """Whether it is a process of its own: it can be killed, and several can run at once."""

    def start(self, task: Task) -> RunningClient:
        """Set it to work. Raises KitError where it cannot be started at all."""


@dataclass(frozen=True, slots=True)
class CommandClient:
    """A program and its arguments, with {placeholders}; the same facts are in its environment."""

    argv: tuple[str, ...]
    name: str = ""
    killable: bool = field(default=True, init=False)

    @property
    def label(self) -> str:
        """Its name, or else the command line."""
        return self.name or shlex.join(self.argv)

    def start(self, task: Task) -> RunningClient:
        """As a process in a group of its own, so that whatever it starts ends with it."""
        argv = [task.fill(part) for part in self.argv]
        try:
            process = subprocess.Popen(  # noqa: S603
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(task),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            raise KitError(f"cannot start {argv[0]!r}: {said}") from None
        return RunningProcess(process, task.key)


class RunningProcess:
    """A running command."""

    def __init__(self, process: subprocess.Popen[bytes], key: str) -> None:
        self._process = process
        self._began = time.monotonic()
        assert process.stdout is not None
        assert process.stderr is not None
        self._streams = [OutputTail(process.stdout, key), OutputTail(process.stderr, key)]

    def wait(self, seconds: float) -> bool:
        """Looks without reaping: until it is reaped, its group's number is nobody else's."""
        end = time.monotonic() + seconds
        while not self._over():
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_TICK, left))
        return True

    def _over(self) -> bool:
        if self._process.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """The whole group is killed, also what a client that ended by itself has left behind."""
        over = self._over()
        seconds = time.monotonic() - self._began
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            except PermissionError:
                self._process.kill()
            self._process.wait()
        for stream in self._streams:
            stream.close()
        stdout, stderr = (stream.text for stream in self._streams)
        code = self._process.returncode if over else None
        loud = any(stream.loud for stream in self._streams)
        return ClientRun("exited" if over else ending, code, seconds, stdout, stderr, loud, last)


class OutputTail:
    """Takes what a process writes, without end, and keeps the beginning and the end of it."""

    def __init__(self, pipe: IO[bytes], key: str) -> None:
        self._pipe = pipe
        self._key = key.encode()
        self._head = b""
        self._tail = b""
        self._left_out = 0
        self.loud = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        edge = b""
        while chunk := os.read(self._pipe.fileno(), 65536):
            self.loud = self.loud or self._key in edge + chunk
            edge = (edge + chunk)[-len(self._key) :]
            room = KEPT - len(self._head)
            self._head += chunk[:room]
            self._tail += chunk[room:]
            if len(self._tail) > KEPT:
                self._left_out += len(self._tail) - KEPT
                self._tail = self._tail[-KEPT:]

    def close(self) -> None:
        """Wait for the rest: the writers are dead, but for one that has left the group."""
        self._thread.join(1.0)
        if not self._thread.is_alive():
            self._pipe.close()

    @property
    def text(self) -> str:
        """What was kept, without the key."""
        gap = f"\n... {self._left_out} bytes left out ...\n".encode() if self._left_out else b""
        content = (self._head + gap + self._tail).replace(self._key, b"[key]")
        return content.decode("utf-8", "replace")


def _environment(task: Task) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, (kept.get(name), _LOCAL)))
    return {**kept, **task.variables()}


@dataclass(frozen=True, slots=True)
class FunctionClient:
    """A function that takes a Task, async or not; an exception is a failure.

    It runs in a thread: it cannot be killed, so cases that kill are not for it, and one that does not end
    goes on in the background.
    """

    function: Callable[[Task], Any]
    name: str = ""
    killable: bool = field(default=False, init=False)

    @property
    def label(self) -> str:
        """Its name."""
        return self.name or str(getattr(self.function, "__qualname__", self.function))

    def start(self, task: Task) -> RunningClient:
        """In a thread of its own."""
        return _Thread(self.function, task)


class _Thread:
    """A running function."""

    def __init__(self, function: Callable[[Task], Any], task: Task) -> None:
        self._function = function
        self._task = task
        self._began = time.monotonic()
        self._error = ""
        self._code = 0
        self._ended = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            result = self._function(self._task)
            if inspect.isawaitable(result):
                asyncio.run(_awaited(result))
        except SystemExit as exit_:
            self._code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        except BaseException:
            self._code, self._error = 1, traceback.format_exc()
        self._ended = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Whether the function has returned."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """How it went; a thread that still runs is left alone."""
        if self._thread.is_alive():
            return ClientRun(ending, None, time.monotonic() - self._began, last=last)
        loud = self._task.key in self._error
        said = self._error.replace(self._task.key, "[key]")[-KEPT:]
        return ClientRun("exited", self._code, self._ended - self._began, "", said, loud, last)


async def _awaited(result: Any) -> Any:
    return await result


def client_of(given: ClientUnderTest | Callable[[Task], Any] | Sequence[str] | str) -> ClientUnderTest:
    """A command from its words or its line, a function as it is. Raises KitError for nothing."""
    if isinstance(given, (CommandClient, FunctionClient)):
        return given
    if isinstance(given, str):
        given = shlex.split(given)
    if callable(given):
        return FunctionClient(given)
    if isinstance(given, Sequence):
        if not given:
            raise KitError("there is no command to run")
        return CommandClient(tuple(given))
    return given
