"""The documented routes for requests that are whole: most are answered at once, see `at_once`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final

from mockserver.engine.message import Head, Header, Request, Response, first_of_each
from mockserver.engine.pipeline import Pipeline
from mockserver.engine.plain_submits import PlainSubmit
from mockserver.numerals import whole_number
from mockserver.settings import Settings
from mockserver.web.at_once import Address, Begun, Spawn, Started, is_whole, start
from mockserver.web.guard import Guard
from mockserver.web.provider_routes import ProviderRoutes
from mockserver.web.wire import Receive, Scope, Send, host_address

_ELSEWHERE: Final = ("/__mock", "/media/")
"""How the paths begin that no provider has."""
_END: Final = b"\r\n\r\n"
_MOST_HEADS: Final = 1024
_LONGEST_HEAD: Final = 2048
"""Bytes of a head that is remembered."""
_UNUSUAL: Final = frozenset({b"origin", b"content-encoding", b"transfer-encoding", b"expect"})
"""Headers of requests that are left to the routes: those of pages, and those with a coded body."""


class WholeRequests:
    """Begins requests whose head and body are here; `prepare` is called first, in the request's context."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, routes: ProviderRoutes, guard: Guard,
        prepare: Callable[[], None],
    ) -> None:  # fmt: skip
        self._pipeline = pipeline
        self._public_url = settings.public_url
        self._max_body = settings.max_body
        # Pages need headers of their own, and of two ports each has its paths.
        self._serves_all = not settings.cors and settings.control_port is None
        self._routes = routes
        self._guard = guard
        self._prepare = prepare
        self._heads: dict[bytes, Head] = {}

    def read_head(
        self, method: str, target: bytes, headers: Sequence[Header], server: Address
    ) -> Head | None:
        """The head of a request, as `AnswersAtOnce` has it."""
        path, _, query = target.decode("ascii").partition("?")
        named = first_of_each(headers)
        length = whole_number(named.get(b"content-length", b"0").decode("latin-1"))
        if not self._serves_all or not _UNUSUAL.isdisjoint(named) or length is None:
            return None
        if path.startswith(_ELSEWHERE) or path == "/" or length > self._max_body:
            return None
        match = self._pipeline.find(method, path)
        if match is None or match.operation is None or match.operation.wait is not None:
            return None
        base = self._public_url or host_address(named.get(b"host"), *server)
        return Head(method, path, query, headers, named, base, length, match)

    def begin(self, head: Head, body: bytes) -> Response | Begun:
        """Begin a request, as `AnswersAtOnce` has it."""
        request = head.request(body)
        try:
            plain = self._pipeline.plain_submits.begin(request) if head.is_plain else None
            if isinstance(plain, PlainSubmit):
                return plain.response or _Storing(request, plain, self._handle, self._routes, self._guard)
            begun = start(self._handle(request)) if plain is None else plain
        except Exception:
            return self._guard.failure(head.method, head.path)
        if isinstance(begun, Response) and is_whole(begun):
            return begun
        return _Rest(request, begun, self._routes, self._guard)

    def known(self, head: bytes) -> Head | None:
        """The head of those bytes."""
        return self._heads.get(head)

    def know(self, text: bytes, head: Head) -> None:
        """Remember a head; its links must not depend on where it came, for which it has no room here."""
        if len(text) > _LONGEST_HEAD or not self._knows_address(head):
            return
        if len(self._heads) >= _MOST_HEADS:
            del self._heads[next(iter(self._heads))]
        self._heads[text] = head

    def recall(self, whole: bytes) -> Response | None:
        """The answer to the same request before, if it still holds."""
        return self._pipeline.repeats.recall(whole)

    def remember(self, whole: bytes, response: Response) -> None:
        """Remember the answer to a request whose head is known."""
        if response.repeat is not None and whole[: whole.find(_END) + len(_END)] in self._heads:
            self._pipeline.repeats.put(whole, response)

    def _knows_address(self, head: Head) -> bool:
        """Whether the address in the answer's links is one that each request like this gives."""
        host = head.named.get(b"host", b"").decode("latin-1")
        return self._public_url is not None or (bool(host) and head.base == f"http://{host}")

    async def _handle(self, request: Request) -> Response:
        self._prepare()
        return await self._pipeline.handle(request)


class _Rest:
    """A request whose answer is not there yet, or is sent in parts."""

    def __init__(
        self, request: Request, begun: Response | Started[Response], routes: ProviderRoutes, guard: Guard
    ) -> None:
        self._request = request
        self._begun = begun
        self._routes = routes
        self._guard = guard

    @property
    def is_made(self) -> bool:
        return isinstance(self._begun, Response)

    def when_made(self, done: Callable[[Response], None], spawn: Spawn) -> None:
        started = self._begun
        if isinstance(started, Started) and asyncio.isfuture(started.awaited):
            # Most wait for one thing, the commit: a task for that takes 8 of a submit's 120 microseconds.
            started.awaited.add_done_callback(lambda _: self._go_on(started, done, spawn))
        else:
            spawn(self._go_on_in_task(done))

    def _go_on(self, started: Started[Response], done: Callable[[Response], None], spawn: Spawn) -> None:
        try:
            self._begun = started.go_on()
        except (Exception, asyncio.CancelledError):
            self._begun = self._guard.failure(self._request.method, self._request.path)
        if isinstance(self._begun, Response):
            done(self._begun)
        else:
            spawn(self._go_on_in_task(done))

    async def _go_on_in_task(self, done: Callable[[Response], None]) -> None:
        done(await self._guard.respond(self._wait(), self._request))

    async def finish(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._guard.answer(self._send, scope, receive, send)

    async def _wait(self) -> Response:
        if not isinstance(self._begun, Response):
            self._begun = await self._begun
        return self._begun

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._routes.send(scope, receive, send, self._request, await self._wait())


class _Storing:
    """A plain submit whose job is being stored."""

    def __init__(
        self,
        request: Request,
        submit: PlainSubmit,
        handle: Callable[[Request], Coroutine[Any, Any, Response]],
        routes: ProviderRoutes,
        guard: Guard,
    ) -> None:
        self._request = request
        self._submit = submit
        self._handle = handle
        self._routes = routes
        self._guard = guard

    @property
    def is_made(self) -> bool:
        return False

    def when_made(self, done: Callable[[Response], None], spawn: Spawn) -> None:
        self._submit.when_stored(partial(self._go_on, done, spawn))

    def _go_on(self, done: Callable[[Response], None], spawn: Spawn) -> None:
        if self._submit.response is not None:
            done(self._submit.response)
        else:
            spawn(self._handle_anew(done))

    async def _handle_anew(self, done: Callable[[Response], None]) -> None:
        response = await self._guard.respond(self._handle(self._request), self._request)
        self._submit.response = response
        done(response)

    async def finish(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._guard.answer(self._send, scope, receive, send)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._submit.response is not None
        await self._routes.send(scope, receive, send, self._request, self._submit.response)
