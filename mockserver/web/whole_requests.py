"""The documented routes for requests that are whole: most are answered at once, see `at_once`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mockserver.contract.router import Match
from mockserver.engine.message import Header, Request, Response
from mockserver.engine.pipeline import Pipeline
from mockserver.settings import Settings
from mockserver.stores.patience import share_patience
from mockserver.web.at_once import Begun, Started, is_whole, start
from mockserver.web.guard import Guard
from mockserver.web.provider_routes import ProviderRoutes
from mockserver.web.wire import Receive, Scope, Send, host_address

_ELSEWHERE: Final = ("/__mock", "/media/")
"""How the paths begin that no provider has."""


class WholeRequests:
    """Begins requests. Those of pages of other origins, and with a coded body, are left to the routes."""

    def __init__(self, pipeline: Pipeline, settings: Settings, routes: ProviderRoutes, guard: Guard) -> None:
        self._pipeline = pipeline
        self._public_url = settings.public_url
        self._max_body = settings.max_body
        # Pages need headers of their own, and of two ports each has its paths.
        self._serves_all = not settings.cors and settings.control_port is None
        self._routes = routes
        self._guard = guard

    def begin(
        self, method: str, target: bytes, headers: Sequence[Header], body: bytes,
        server: tuple[str, tuple[str, int | None] | None],
    ) -> Response | Begun | None:  # fmt: skip
        """Begin a request, as `AnswersAtOnce` has it."""
        if not self._serves_all:
            return None
        path, _, query = target.decode("ascii").partition("?")
        request = Request(method, path, query, headers, body, "")
        named, match = request.named, self._pipeline.find(request)
        if (
            match is None
            or match.operation is None
            or match.operation.wait is not None
            or path.startswith(_ELSEWHERE)
            or path == "/"
            or b"origin" in named
            or b"content-encoding" in named
            or len(body) > self._max_body
        ):
            return None
        request.base = self._public_url or host_address(named.get(b"host"), *server)
        try:
            begun = start(self._handle(request, match))
        except Exception:
            return self._guard.failure(method, path)
        if isinstance(begun, Response) and is_whole(begun):
            if begun.repeat is not None and not self._knows_address(request):
                begun.repeat = None
            return begun
        return _Rest(request, begun, self._routes, self._guard)

    def recall(self, whole: bytes) -> Response | None:
        """The answer to a request of which these are all bytes, where it was asked before and still holds."""
        return self._pipeline.repeats.recall(whole)

    def remember(self, whole: bytes, response: Response) -> None:
        """Remember the answer for `recall`, if it may be given again."""
        self._pipeline.repeats.put(whole, response)

    def _knows_address(self, request: Request) -> bool:
        """Whether the address in the answer's links is one that each request like this gives."""
        host = request.header(b"host")
        return self._public_url is not None or (bool(host) and request.base.endswith(f"://{host}"))

    async def _handle(self, request: Request, match: Match) -> Response:
        share_patience()
        return await self._pipeline.handle(request, match)


class _Rest(NamedTuple):
    """A request whose answer is not there yet, or is sent in parts."""

    request: Request
    begun: Response | Started[Response]
    routes: ProviderRoutes
    guard: Guard

    async def finish(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.guard.answer(self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self.begun if isinstance(self.begun, Response) else await self.begun
        await self.routes.send(scope, receive, send, self.request, response)
