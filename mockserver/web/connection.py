"""A connection that gives up a client which keeps it waiting, and one whose head has no end."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.web.descriptors import most_connections
from mockserver.web.eager import EagerProtocol
from mockserver.web.wire import App

PATIENCE: Final = 30.0
"""Seconds in which a whole head must come, and in which some byte of a body must: as web servers do it."""
SLOWEST: Final = 1000
"""Bytes a second that a body must bring after that, so that one byte now and then holds no connection."""
READER_PATIENCE: Final = 60.0
"""Seconds for which a client may read nothing of an answer that waits for it; nginx gives as many."""
MAX_HEAD: Final = 64 * 1024
"""Bytes of a head, and of anything else that is no body: trailers, extensions of chunks."""
MAX_HEADERS: Final = 256
"""Headers of a request; clients send some ten."""
MAX_PIPELINED: Final = 64
"""Requests that wait behind another of the same connection; each costs two kilobytes."""


class Connection(EagerProtocol):
    """uvicorn's protocol with bounds: one timer for each connection, and counters of what came."""

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = self._heard = self._began = self._paused = self.loop.time()
        self._received = 0
        self._unread = 0
        self._rests = False
        self._answering: RequestResponseCycle | None = None

    @property
    def waits_for_head(self) -> bool:
        """Whether no request is under way here."""
        return not self.is_pending and (self.cycle is None or self.cycle.response_complete)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head; where there are too many connections, one makes room."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._timer = self.loop.call_later(self.timeout_keep_alive, self._look)
        if len(self.connections) > most_connections():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._end_answer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Let the parser have the bytes; they may not go on for ever without a head or a body."""
        self._heard, self._rests = self.loop.time(), False
        self._received += len(data)
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_HEAD or (self.headers is not None and len(self.headers) > MAX_HEADERS):
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """Begin the request. What is raised here the parser answers with 400."""
        if len(self.headers) > MAX_HEADERS or len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many headers, or too many requests at once")
        if not self.comes_again():
            self._began, self._received, self._unread = self._heard, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand a part of the body on."""
        self._unread = 0
        super().on_body(body)

    def note_answer(self) -> None:
        """Begin to wait for the next head."""
        self.idle_since, self._unread, self._rests = self._heard, 0, True

    def on_response_complete(self) -> None:
        """Begin to wait for the next head."""
        self.idle_since = self.loop.time()
        if self.pipeline:
            self._answering = self.pipeline[-1][0]
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Note since when the client reads nothing."""
        self._paused = self.loop.time()
        super().pause_writing()

    def _begin(self, app: App) -> None:
        super()._begin(app)
        if not self.pipeline:
            self._answering = self.cycle

    def _refuse_head(self) -> None:
        if self.transport.is_closing():
            return
        if self.waits_for_head:
            self.send_400_response(
                f"The head of the request is longer than {MAX_HEAD} bytes or {MAX_HEADERS} headers."
            )
        else:
            self._drop()

    def _drop(self) -> None:
        self._end_answer()
        self.transport.abort()

    def _end_answer(self) -> None:
        """Let nothing more be written, and end a wait; uvicorn itself tells the last request alone."""
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _look(self) -> None:
        """Drop the connection where the client had its time, or look again when it will have had it."""
        left = self._deadline() - self.loop.time()
        if left > 0:
            # By then the connection may have begun to rest, which it may for a shorter time.
            self._timer = self.loop.call_later(min(left, self.timeout_keep_alive), self._look)
        else:
            self._drop()

    def _deadline(self) -> float:
        """The moment until which this client may keep the connection as it stands."""
        if self.flow.write_paused:
            return self._paused + READER_PATIENCE
        if self.waits_for_head:
            return self.idle_since + (self.timeout_keep_alive if self._rests else PATIENCE)
        if not self.is_pending and self.cycle.more_body and not self.flow.read_paused:
            return PATIENCE + min(self._heard, self._began + self._received / SLOWEST)
        # The server is at work, which is not the client's fault.
        self._heard = self.loop.time()
        return self._heard + PATIENCE

    def _make_room(self) -> None:
        """Drop the connection that has waited longest for a head."""
        waiting = (connection for connection in self.connections if isinstance(connection, Connection))
        longest = min(filter(_is_idle, waiting), key=lambda connection: connection.idle_since, default=None)
        if longest is not None:
            longest.transport.abort()


def _is_idle(connection: Connection) -> bool:
    return connection.waits_for_head and not connection.transport.is_closing()
