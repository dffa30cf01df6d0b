"""Writes a line for each exchange while the server runs, behind its back.

The event loop only hands over what is new, some twenty times a second at most; a thread of its own redacts,
words and writes it. Where the reader of the stream is slower than the server, the journal drops what it
would drop anyway, and a line says how many exchanges are missing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Final

from mockserver.cli.exchange_lines import COLOURED, JSON, PLAIN, ExchangeLines
from mockserver.cli.streams import raw, write_below
from mockserver.engine.journal.journal import Journal
from mockserver.engine.services import Services

_BATCH: Final = 500
"""Exchanges that are handed over at a time."""
_PAUSE: Final = 0.05
"""Seconds between two batches: nobody reads faster, and a busy server is interrupted seldom."""
_FAREWELL: Final = 1.0
"""Seconds for the last lines, as the reader of a pipe may have stopped to read."""

Write = Callable[[str], object]
"""Writes a text with its newlines. An OSError or ValueError ends the log, as nobody reads it any more."""


def exchange_log(services: Services, log_format: str) -> ExchangeLog:
    """The log on standard output in the format `text` or `json`."""
    stream = raw(sys.stdout)
    form = PLAIN
    if log_format == "json":
        form = JSON
    elif stream.isatty() and "NO_COLOR" not in os.environ:
        form = COLOURED
    return ExchangeLog(services, ExchangeLines(form), partial(write_below, stream))


class ExchangeLog:
    """Writes the lines of `lines` with `write`, from `start` to `close`."""

    def __init__(self, services: Services, lines: ExchangeLines, write: Write) -> None:
        self._journal: Journal = services.journal
        self._live_settings = services.live_settings
        self._lines = lines
        self._write = write
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mockserver-log", daemon=True)
        self._last = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, within the server's event loop."""
        self._last = self._journal.last
        self._thread.start()
        self._task = asyncio.get_running_loop().create_task(self._follow())

    def close(self) -> None:
        """Write what is left, when the server has ended; a second at most."""
        if not self._thread.is_alive():
            return
        while (batch := self._next()) is not None:
            self._batches.put(batch)
        self._batches.put(None)
        self._thread.join(_FAREWELL)

    async def _follow(self) -> None:
        loop, written = asyncio.get_running_loop(), asyncio.Event()
        with self._journal.listen() as listener:
            while self._thread.is_alive() and not self._journal.closed:
                batch = self._next()
                if batch is None:
                    await listener.wait()
                    continue
                written.clear()
                batch.done = lambda: loop.call_soon_threadsafe(written.set)
                self._batches.put(batch)
                await written.wait()

    def _next(self) -> _Batch | None:
        """What is new, and how many exchanges were dropped before anybody could write them."""
        missing = max(0, self._journal.dropped_to - self._last)
        last, reveal = self._journal.later(self._last, _BATCH)
        if last == self._last:
            return None
        self._last = last
        names = self._live_settings.fault_names
        return _Batch(lambda: [*self._missing(missing), *self._lines.lines(reveal(), names)])

    def _missing(self, number: int) -> list[str]:
        return [self._lines.missing(number)] if number else []

    def _work(self) -> None:
        with suppress(OSError, ValueError):
            while (batch := self._batches.get()) is not None:
                self._write("".join(f"{line}\n" for line in batch.make()))
                if batch.done is not None:
                    time.sleep(_PAUSE)
                    with suppress(RuntimeError):  # the loop has ended
                        batch.done()


class _Batch:
    """What makes lines, and whom to tell when they are written."""

    def __init__(self, make: Callable[[], Sequence[str]]) -> None:
        self.make = make
        self.done: Callable[[], object] | None = None
