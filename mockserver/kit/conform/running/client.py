"""The client under test: a command of any language, or a function of this process."""

from __future__ import annotations

import asyncio
import inspect
import os
import shlex
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from mockserver.errors import KitError
from mockserver.kit.conform.evidence import ClientRun, Ending
from mockserver.kit.conform.running.output_tail import STREAM_LIMIT
from mockserver.kit.conform.running.process import start_process
from mockserver.kit.conform.task import PREFIX, Task

_LOOPBACK: Final = "127.0.0.1,localhost"


class RunningClient(Protocol):
    """One run of a client."""

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, at the latest after so many seconds."""

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """End it if it still runs, and say how it went."""


class ClientUnderTest(Protocol):
    """Something that makes a clip of a Task."""

    @property
    def label(self) -> str:
        """Its name in reports."""

    @property
    def killable(self) -> bool:
        """Whether it is a process of its own: it can be killed, and several can run at once."""

    def start(self, task: Task) -> RunningClient:
        """Start it. Raises KitError if it cannot be started."""


@dataclass(frozen=True, slots=True)
class CommandClient:
    """A program and its arguments, with {placeholders}; its environment has the same values."""

    argv: tuple[str, ...]
    name: str = ""
    killable: bool = field(default=True, init=False)

    @property
    def label(self) -> str:
        """Its name, or else the command line."""
        return self.name or shlex.join(self.argv)

    def start(self, task: Task) -> RunningClient:
        """Start it as a process."""
        argv = [task.fill(argument) for argument in self.argv]
        return start_process(argv, _environment(task), task.secrets)


def _environment(task: Task) -> dict[str, str]:
    """Our own environment, with the task's variables and without a proxy for the server."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = ",".join(filter(None, (environment.get(name), _LOOPBACK)))
    return {**environment, **task.variables()}


@dataclass(frozen=True, slots=True)
class FunctionClient:
    """A function that takes a Task, async or not; an exception is a failure.

    It runs in a thread, which cannot be killed: cases that kill are not for it, and a function that does not
    end goes on in the background.
    """

    function: Callable[[Task], Any]
    name: str = ""
    killable: bool = field(default=False, init=False)

    @property
    def label(self) -> str:
        """Its name."""
        return self.name or str(getattr(self.function, "__qualname__", self.function))

    def start(self, task: Task) -> RunningClient:
        """Start it in a thread of its own."""
        return _RunningFunction(self.function, task)


class _RunningFunction:
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
        except SystemExit as error:
            self._code = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            self._code, self._error = 1, traceback.format_exc()
        self._ended = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Whether the function has returned, at the latest after so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self, ending: Ending, *, last: bool = True) -> ClientRun:
        """Say how it went; a thread that still runs goes on."""
        if self._thread.is_alive():
            return ClientRun(ending, None, time.monotonic() - self._began, last=last)
        return ClientRun(
            ending="exited",
            exit_code=self._code,
            seconds=self._ended - self._began,
            stderr=self._task.secrets.hidden(self._error)[-STREAM_LIMIT:],
            leaked_key=self._task.secrets.are_in(self._error),
            last=last,
        )


async def _awaited(result: Awaitable[Any]) -> Any:
    return await result


def as_client(client: ClientUnderTest | Callable[[Task], Any] | Sequence[str] | str) -> ClientUnderTest:
    """A command from its words or its line, a function as it is. Raises KitError for an empty command."""
    if isinstance(client, (CommandClient, FunctionClient)):
        return client
    if isinstance(client, str):
        client = shlex.split(client)
    if callable(client):
        return FunctionClient(client)
    if isinstance(client, Sequence):
        if not client:
            raise KitError("there is no command to run")
        return CommandClient(tuple(client))
    return client
