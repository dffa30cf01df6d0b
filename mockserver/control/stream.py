"""The journal as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import orjson
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from mockserver.control.recorded import record_exchange
from mockserver.engine.journal.exchange import EntryFilter
from mockserver.engine.journal.journal import Journal
from mockserver.engine.journal.meaning import LastStates, meaning
from mockserver.engine.journal.row import as_row
from mockserver.engine.listener import Listener
from mockserver.engine.live_settings import LiveSettings
from mockserver.real_time import monotonic

_HEARTBEAT: Final = 15.0
"""Seconds of silence after which the stream sends a comment."""
_PAGE: Final = 100
"""Exchanges that are sent at once."""
_OUTLINE_PAUSE: Final = 0.1
"""Seconds between two pages of outlines."""
_BUSY_PAUSE: Final = 0.25
"""The same where there were more than may be sent."""
_OUTLINES: Final = 100
"""Outlines a second, for longer than a moment: more than anybody reads."""


@asynccontextmanager
async def watch_disconnect(receive: Receive, listener: Listener) -> AsyncIterator[asyncio.Task[None]]:
    """A task that ends when the client has gone, and then wakes the listener."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    task = asyncio.ensure_future(listen())
    task.add_done_callback(lambda _: listener.wake())
    try:
        yield task
    finally:
        task.cancel()


class EventStream(Response):
    """Exchanges as they come, until the client goes. Nothing is buffered for a client that reads slowly."""

    def __init__(
        self, journal: Journal, entry_filter: EntryFilter, live_settings: LiveSettings, *, bodies: bool
    ) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._journal = journal
        self._filter = entry_filter
        self._live_settings = live_settings
        self._bodies = bodies
        self._pause = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        journal = self._journal
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with journal.listen() as listener:
            async with watch_disconnect(receive, listener) as disconnected:
                await _send_text(send, ": watching\n\n")
                while not disconnected.done() and not journal.closed:
                    if (text := self._next_events()) or not await listener.wait(_HEARTBEAT):
                        await _send_text(send, text or ": still here\n\n")
                        await sleep(self._pause)
        await send({"type": "http.response.body", "body": b""})

    def _dropped(self) -> str:
        if self._journal.dropped_to > self._filter.since >= 0:
            return _event("dropped", f'{{"dropped":{self._journal.dropped}}}')
        return ""

    def _next_events(self) -> str:
        """The events since the last call, one page at most."""
        journal = self._journal
        lines = self._dropped()
        entries = journal.match(self._filter, _PAGE, first=True)
        for entry in entries:
            exchange = record_exchange(entry, self._live_settings.fault_names, bodies=self._bodies)
            lines += _event("exchange", exchange.model_dump_json(), entry.number)
        # A full page may not be all: go on after its last entry. Otherwise all up to now was looked at.
        since = entries[-1].number if len(entries) == _PAGE else journal.last
        self._filter = self._filter._replace(since=since)
        return lines


class OutlineStream(EventStream):
    """Exchanges as a list shows them, for somebody who watches: a busy server gives it little of its time."""

    def __init__(self, journal: Journal, entry_filter: EntryFilter, live_settings: LiveSettings) -> None:
        super().__init__(journal, entry_filter, live_settings, bodies=False)
        self._states = LastStates()
        self._allowance = float(_PAGE)
        self._allowed_at = monotonic()

    def _allow(self) -> int:
        """How many outlines may be sent now."""
        now = monotonic()
        self._allowance = min(_PAGE, self._allowance + _OUTLINES * (now - self._allowed_at))
        self._allowed_at = now
        return int(self._allowance)

    def _next_events(self) -> str:
        journal = self._journal
        lines = self._dropped()
        entries, skipped = journal.outlines(self._filter, self._allow())
        self._allowance -= len(entries)
        self._pause = _BUSY_PAUSE if skipped else _OUTLINE_PAUSE
        if skipped:
            lines += _event("skipped", f'{{"skipped":{skipped}}}')
        for entry in entries:
            sentence = meaning(entry, self._live_settings.fault_names, self._states.before(entry))
            row = orjson.dumps(as_row(entry, sentence))
            lines += _event("exchange", row.decode(), entry.number)
        self._filter = self._filter._replace(since=journal.last)
        return lines


def _event(kind: str, data: str, number: int | None = None) -> str:
    event = f"event: {kind}\ndata: {data}\n\n"
    if number is None:
        return event
    return f"id: {number}\n{event}"


async def _send_text(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
