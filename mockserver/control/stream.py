"""Watching the journal live, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from mockserver.control.recorded import show
from mockserver.engine.journal.exchange import EntryFilter
from mockserver.engine.journal.journal import Journal, JournalListener

_HEARTBEAT: Final = 15.0
"""Seconds after which a silent stream says that it lives."""
_AT_ONCE: Final = 100
"""Exchanges that are sent in one piece."""


@asynccontextmanager
async def company(receive: Receive, listener: JournalListener) -> AsyncIterator[asyncio.Task[None]]:
    """A task that is done when the client has gone, which wakes the listener."""

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
    """Exchanges as they come, until the client goes. Nothing is held back for one that reads slowly."""

    def __init__(self, kept: Journal, wanted: EntryFilter, *, bodies: bool) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._kept = kept
        self._wanted = wanted
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self._kept
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with kept.listen() as listener:
            async with company(receive, listener) as gone:
                await _send(send, ": watching\n\n")
                while not gone.done() and not kept.closed:
                    if (text := self._next()) or not await listener.wait(_HEARTBEAT):
                        await _send(send, text or ": still here\n\n")
        await send({"type": "http.response.body", "body": b""})

    def _next(self) -> str:
        """What there is to say, and no more than a page of it."""
        kept, since = self._kept, self._wanted.since
        lines = ""
        if kept.dropped_to > since >= 0:
            lines = _event("dropped", f'{{"dropped":{kept.dropped}}}')
        found = kept.match(self._wanted, _AT_ONCE, first=True)
        for exchange in found:
            lines += _event(
                "exchange", show(exchange, bodies=self._bodies).model_dump_json(), exchange.number
            )
        done = found[-1].number if len(found) == _AT_ONCE else kept.last
        self._wanted = self._wanted._replace(since=done)
        return lines


def _event(kind: str, data: str, number: int | None = None) -> str:
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {kind}\ndata: {data}\n\n"


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
