"""A connection that gives up a client which keeps it waiting, and one whose head has no end."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockserver.engine.message import Response
from mockserver.web.at_once import AnswersAtOnce, can_begin, write_whole
from mockserver.web.descriptors import most_connections
from mockserver.web.request_parser import RequestParser
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


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with bounds: one timer for each connection, and counters of what came.

    A request that comes whole goes to the app's `begin`, if it has one, and most are answered there and then:
    see `at_once`. All others go uvicorn's way.
    """

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.parser = RequestParser(self)
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = self._heard = self._began = self._paused = self.loop.time()
        self._received = 0
        self._unread = 0
        self._answering: RequestResponseCycle | None = None
        self._beginner: AnswersAtOnce | None = self.app if hasattr(self.app, "begin") else None
        self._is_held = self._offered = self._rests = False
        self._body = b""
        self._messages = 0
        self._latest: Response | None = None

    @property
    def waits_for_head(self) -> bool:
        """Whether no request is under way here."""
        return self.cycle is None or self.cycle.response_complete

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
        self._heard = self.loop.time()
        if self._rests and self._answer_again(data):
            return
        is_first, self._rests, self._messages = self._rests or self.headers is None, False, 0
        self._received += len(data)
        self._unread += len(data)
        super().data_received(data)
        if self._is_held:
            self._let_go()
        elif self._rests and is_first and self._messages == 1:
            self._remember(data)
        if self._unread > MAX_HEAD or (self.headers is not None and len(self.headers) > MAX_HEADERS):
            self._refuse_head()

    def on_message_begin(self) -> None:
        """Begin a head. What uvicorn makes for it is made when the request goes its way."""
        self.url, self.headers, self.expect_100_continue, self._body = b"", [], False, b""
        self._rests, self._messages = False, self._messages + 1

    def on_headers_complete(self) -> None:
        """Begin the request, or hold it until its body is here. What is raised here is answered with 400."""
        if self._comes_again():
            self._offered = True
            return
        if len(self.headers) > MAX_HEADERS or len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many headers, or too many requests at once")
        self._began, self._received, self._unread = self._heard, 0, 0
        offered, self._offered = self._offered, False
        self._is_held = not offered and self._may_hold()
        if not self._is_held:
            self._begin(self.app)

    def on_body(self, body: bytes) -> None:
        """Hand a part of the body on."""
        self._unread = 0
        if self._is_held:
            self._body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request; one that was held is answered."""
        if self._is_held:
            self._is_held = False
            self._answer_at_once()
        elif not self._comes_again():
            super().on_message_complete()

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

    def _may_hold(self) -> bool:
        """Whether the request may be answered as soon as it is whole, with nothing before it."""
        return (
            self._beginner is not None
            and self.waits_for_head
            and not self.pipeline
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and not (self.expect_100_continue or self.access_log)
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
        )

    def _answer_again(self, data: bytes) -> bool:
        """Answer a read that was answered before, if these bytes are one, and nothing else."""
        if data[:4] != b"GET " or self.flow.write_paused or self.transport.is_closing():
            return False
        response = None if self._beginner is None else self._beginner.recall(data)
        if response is None:
            return False
        self._write(response)
        return True

    def _remember(self, data: bytes) -> None:
        """Let the same bytes be answered again, if the answer to them may be."""
        answer, self._latest = self._latest, None
        if self._beginner is not None and answer is not None and answer.repeat and self.scheme == "http":
            self._beginner.remember(data, answer)

    def _write(self, response: Response) -> None:
        self.server_state.total_requests += 1
        self.idle_since, self._rests = self._heard, True
        write_whole(self.transport, self.server_state.default_headers, response)

    def _let_go(self) -> None:
        """Begin a request whose body is still to come."""
        self._is_held = False
        if not self.transport.is_closing():
            self._begin(self.app)
            if self._body:
                super().on_body(self._body)

    def _answer_at_once(self) -> None:
        """Answer a whole request, or let uvicorn go on with it."""
        method, begun = self.parser.get_method().decode("ascii"), None
        if self._beginner is not None and can_begin(method, self.url, self._body):
            begun = self._beginner.begin(
                method, self.url, self.headers, self._body, (self.scheme or "http", self.server)
            )
        if isinstance(begun, Response):
            self._latest = begun
            self._write(begun)
        else:
            self._begin(self.app if begun is None else begun.finish)
            if self._body:
                super().on_body(self._body)
            super().on_message_complete()

    def _begin(self, app: App) -> None:
        """Begin the request as uvicorn does, with that app."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        usual, self.app = self.app, cast(Any, app)
        try:
            super().on_headers_complete()
        finally:
            self.app = usual
        if not self.pipeline:
            self._answering = self.cycle

    def _comes_again(self) -> bool:
        """Whether the parser will tell of this request again, without its offer to change the protocol."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

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
        """Let nothing more be written. uvicorn itself tells the last of several requests alone."""
        if self._answering is not None:
            self._answering.disconnected = True

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
        if self.cycle.more_body and not self.flow.read_paused:
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
