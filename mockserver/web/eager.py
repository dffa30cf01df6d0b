"""uvicorn's protocol, which answers a request as soon as it is read where nothing has to be waited for."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.engine.message import Head, Response
from mockserver.web.at_once import AnswersAtOnce, Begun, is_usual, is_whole, write_whole
from mockserver.web.request_parser import RequestParser
from mockserver.web.wire import App

_END: Final = b"\r\n\r\n"
_REPEATED: Final = (b"GET ", b"POST")
"""How requests begin whose answers may be remembered."""
_MOST_AHEAD: Final = 64 * 1024
"""Bytes that a client may send while its last request is not answered, before no more are read."""


class EagerProtocol(HttpToolsProtocol):
    """A request that comes whole goes to the app's `eager` part, if it has one, and most are answered there
    and then: see `at_once`. All others go uvicorn's way.

    Of a head that came before in the same bytes the parser's reading is remembered, so that it is not parsed
    again: with its calls that takes 15 of the 60 microseconds of a refusal.
    """

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.parser = RequestParser(self)
        self._eager: AnswersAtOnce | None = getattr(self.app, "eager", None)
        # `is_between`: the parser has read nothing of another request. `_messages`: heads that began in the
        # bytes that came last. `_is_held`: a head is read, and its request is not begun.
        # `is_pending`: a request waits for its answer here, and not in uvicorn's cycle.
        self.is_between = True
        self.is_pending = self._is_held = self._offered = False
        self._messages = 0
        self._body = b""
        self._read: tuple[Head, Response | Begun] | None = None
        self._taken_up: Begun | None = None
        self._ahead: list[bytes] = []
        self._is_last = False

    def data_received(self, data: bytes) -> None:
        """Answer at once what these bytes are, or let the parser have them."""
        if self.is_pending:
            self._put_aside(data)
            return
        is_next, self._messages = self.is_between and self._is_free(), 0
        if is_next and self._answer_known(data):
            self._unset_keepalive_if_required()
            return
        super().data_received(data)
        if self._is_held:
            self._let_go()
        elif self._read is not None:
            if is_next and self.is_between and self._messages == 1:
                self._remember(data, *self._read)
            self._read = None

    def on_message_begin(self) -> None:
        """Begin a head. What uvicorn makes for it is made when the request goes its way."""
        self.url, self.headers, self.expect_100_continue, self._body = b"", [], False, b""
        self.is_between, self._messages = False, self._messages + 1

    def on_headers_complete(self) -> None:
        """Begin the request, or hold it until its body is here."""
        if self.comes_again():
            self._offered = True
            return
        offered, self._offered = self._offered, False
        self._is_held = self._taken_up is not None or (not offered and self._may_hold())
        if not self._is_held:
            self._begin(self.app)

    def on_body(self, body: bytes) -> None:
        """Hand a part of the body on."""
        if self._is_held:
            self._body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request; one that was held is answered."""
        self.is_between = True
        if self._is_held:
            self._is_held = False
            self._answer_at_once()
        elif not self.comes_again():
            super().on_message_complete()

    def shutdown(self) -> None:
        """Close, as soon as the answer that is due is written."""
        if self.is_pending:
            self._is_last = True
        else:
            super().shutdown()

    def comes_again(self) -> bool:
        """Whether the parser will tell of this request again, without its offer to change the protocol."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def note_answer(self) -> None:
        """Called when a request is answered, but for uvicorn's way."""

    def _is_free(self) -> bool:
        """Whether an answer can be written now, and none is due."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _may_hold(self) -> bool:
        """Whether the request may be answered as soon as it is whole, with nothing before it."""
        return (
            self._eager is not None
            and self._is_free()
            and not (self.expect_100_continue or self.access_log)
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
        )

    def _let_go(self) -> None:
        """Begin a request whose body is still to come."""
        self._is_held = False
        if not self.transport.is_closing():
            self._begin(self.app)
            if self._body:
                super().on_body(self._body)

    def _answer_known(self, data: bytes) -> bool:
        """Answer a request whose head is known, if these bytes are one and nothing else."""
        if self._eager is None:
            return False
        response = self._eager.recall(data) if data[:4] in _REPEATED else None
        if response is not None:
            self._write(response)
            return True
        end = data.find(_END) + len(_END)
        head = self._eager.known(data[:end])
        if head is None or len(data) - end != head.length:
            return False
        begun = self._eager.begin(head, data[end:])
        if isinstance(begun, Response):
            self._write(begun)
            self._eager.remember(data, begun)
        elif begun.is_made:
            self._take_up(begun, data)
        else:
            self._wait_for(begun, data)
        return True

    def _remember(self, data: bytes, head: Head, answer: Response | Begun) -> None:
        """Know the head of these bytes from now on, and the answer, if it may be given again."""
        end = data.find(_END) + len(_END)
        if self._eager is None or len(data) - end != head.length or data[end:] != self._body:
            return
        self._eager.know(data[:end], head)
        if isinstance(answer, Response):
            self._eager.remember(data, answer)

    def _answer_at_once(self) -> None:
        """Answer a whole request that was parsed, or let uvicorn go on with it."""
        begun, self._taken_up = self._taken_up, None
        method = self.parser.get_method().decode("ascii")
        if begun is None and self._eager is not None and is_usual(method, self.url, self._body):
            server = (self.scheme or "http", self.server)
            head = self._eager.read_head(method, self.url, self.headers, server)
            if head is not None:
                answer = self._eager.begin(head, self._body)
                self._read = head, answer
                if isinstance(answer, Response):
                    self._write(answer)
                    return
                begun = answer
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

    def _write(self, response: Response) -> None:
        write_whole(self.transport, self.server_state.default_headers, response, last=self._is_last)
        self.note_answer()

    def _wait_for(self, begun: Begun, data: bytes) -> None:
        """Answer a request that waits for something, when that is there."""
        self.is_pending = True
        begun.when_made(partial(self._end_wait, begun, data), self._spawn)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> object:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def _end_wait(self, begun: Begun, data: bytes, response: Response) -> None:
        self.is_pending = False
        if self.transport.is_closing():
            return
        if is_whole(response) and not self.flow.write_paused:
            self._write(response)
        else:
            self._take_up(begun, data)
        if self._is_last:
            super().shutdown()
        elif self._ahead:
            data = b"".join(self._ahead)
            self._ahead.clear()
            self.flow.resume_reading()
            self.data_received(data)

    def _take_up(self, begun: Begun, data: bytes) -> None:
        """Let uvicorn send an answer that is more than its bytes: it has read nothing of the request yet."""
        self._taken_up = begun
        super().data_received(data)

    def _put_aside(self, data: bytes) -> None:
        """Keep what a client sends before it has its answer."""
        self._ahead.append(data)
        if sum(map(len, self._ahead)) > _MOST_AHEAD:
            self.flow.pause_reading()
