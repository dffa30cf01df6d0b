"""Requests that are answered as soon as they are whole, without a task, ASGI's messages or a wait.

Most requests need nothing but what is in memory, and a task with its messages costs as much as all that is
done for them: 25 of the 38 microseconds that a bare ASGI app takes under uvicorn. So the coroutine of a
request is run up to its first wait, as `asyncio.eager_task_factory` of Python 3.12 does it. Where it has
ended by then, its answer is written in one piece; else a task goes on with it, and uvicorn's way is taken.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextvars import Context, copy_context
from functools import lru_cache, partial
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

from mockserver.engine.message import Head, Header, Response
from mockserver.web.wire import EMPTY, Receive, Scope, Send

MOST: Final = 64 * 1024
"""Bytes of a body that is judged at once; larger ones go uvicorn's way, and into a thread."""
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""Methods whose answers have bodies."""
_CLOSE: Final = ((b"connection", b"close"),)
_MOST_HEADS: Final = 512
Address = tuple[str, tuple[str, int | None] | None]
"""The scheme by which a request came, and host and port."""
Spawn = Callable[[Coroutine[Any, Any, None]], object]
"""Makes a task of a coroutine."""
_Result = TypeVar("_Result")


class Begun(Protocol):
    """A request that waits for something, or whose answer is more than its bytes (`is_made`)."""

    @property
    def is_made(self) -> bool:
        """Whether nothing is waited for any more."""

    def when_made(self, done: Callable[[Response], None], spawn: Spawn) -> None:
        """Call `done` with the answer when it is there; in a task, where it waits for more than one thing."""

    async def finish(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the answer if nobody did, and send it."""


class AnswersAtOnce(Protocol):
    """An app that can answer a whole request at once. No method raises anything."""

    def read_head(
        self, method: str, target: bytes, headers: Sequence[Header], server: Address
    ) -> Head | None:
        """The head of a request that can be answered at once, or None. `server` is where it came."""

    def begin(self, head: Head, body: bytes) -> Response | Begun:
        """The answer, which is whole; or the request as far as it could be begun."""

    def known(self, head: bytes) -> Head | None:
        """The head that `know` was told of those bytes."""

    def know(self, text: bytes, head: Head) -> None:
        """Remember what bytes mean that are all of a head."""

    def recall(self, whole: bytes) -> Response | None:
        """The answer to a request of which these are all bytes, where it was asked before and still holds."""

    def remember(self, whole: bytes, response: Response) -> None:
        """Remember an answer for `recall`, if it has a `repeat`."""


class Started(NamedTuple, Generic[_Result]):
    """A coroutine that was run up to its first wait, in a context, and what it waits for; awaited once."""

    coroutine: Coroutine[Any, Any, _Result]
    context: Context
    awaited: Any

    def __await__(self) -> Generator[Any, Any, _Result]:
        awaited = self.awaited
        while True:
            try:
                value = yield awaited
            except BaseException as error:
                following = self._step(partial(self.coroutine.throw, error))
            else:
                following = self._step(partial(self.coroutine.send, value))
            if not isinstance(following, Started):
                return following
            awaited = following.awaited

    def go_on(self) -> _Result | Started[_Result]:
        """Run it to its next wait: what it waited for is there. Raises what it raises."""
        return self._step(partial(self.coroutine.send, None))

    def _step(self, step: Callable[[], Any]) -> _Result | Started[_Result]:
        try:
            return Started(self.coroutine, self.context, self.context.run(step))
        except StopIteration as end:
            result: _Result = end.value
            return result


def start(coroutine: Coroutine[Any, Any, _Result]) -> _Result | Started[_Result]:
    """Run a coroutine, in a context of its own, to its end or to its first wait. Raises what it raises.

    Until that wait there is no current task, which `time_limit` waits for.
    """
    return Started(coroutine, copy_context(), None).go_on()


def is_usual(method: str, target: bytes, body: bytes) -> bool:
    """Whether a request is of the usual kind: its target a plain path, and nothing odd about it."""
    path = target.partition(b"?")[0]
    return (
        method in _METHODS
        and len(body) <= MOST
        and target.isascii()
        and path[:1] == b"/"
        and path[:2] != b"//"
        and b"%" not in path
        and b"#" not in target
    )


def is_whole(response: Response) -> bool:
    """Whether an answer is its status, its headers and its body, and all of that is here."""
    return (
        response.reply is None
        and response.stream is None
        and not response.file
        and response.status not in EMPTY
        and response.status in STATUS_LINE
    )


def write_whole(
    transport: Transport, standing: Sequence[Header], response: Response, *, last: bool = False
) -> None:
    """Write an answer that is whole; `standing` are the headers of every answer, its date. The `last` one of
    a connection says so.
    """
    body = response.body
    head = _head(response.status, tuple(response.headers), (*standing, *_CLOSE) if last else tuple(standing))
    transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))


@lru_cache(_MOST_HEADS)
def _head(status: int, headers: Sequence[Header], standing: Sequence[Header]) -> bytes:
    """The head of an answer up to the number of its length. Most answers of a second have the same few."""
    lines = [STATUS_LINE[status]]
    for name, value in (*standing, *headers):
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise ValueError(f"no header can be {name!r}: {value!r}")
        lines += (name.lower(), b": ", value, b"\r\n")
    return b"".join((*lines, b"content-length: "))
