"""Clients of the control plane of a server in this process, whose calls go straight into its event loop.

They need no socket and none of httpx' clients and transports, as a test may replace or forbid those: by
respx, pytest-httpx, vcrpy, pytest-socket, or a patch of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final

import anyio.to_thread
import httpx

from mockserver.control_client import AsyncControlClient, ControlClient, Json
from mockserver.errors import KitError
from mockserver.web.wire import App

Submit = Callable[[Coroutine[Any, Any, httpx.Response]], "Future[httpx.Response]"]
"""Runs a coroutine in the server's loop. Raises KitError where that has ended."""


class _Transport(httpx.ASGITransport):
    # As it is now: vcrpy puts another one into httpx' own class.
    handle_async_request = httpx.ASGITransport.handle_async_request


class _Calls:
    """Requests to an ASGI app in the loop that `submit` submits to, with these headers."""

    def __init__(self, submit: Submit, app: App, headers: Json) -> None:
        self._submit = submit
        self._transport: Final = _Transport(app, client=("127.0.0.1", 0))
        self._headers = headers

    def begin(self, method: str, url: str, options: Json) -> Future[httpx.Response]:
        """Begin a call; `options` are those of an httpx.Request. Raises httpx.ConnectError."""
        request = httpx.Request(method, url, headers=self._headers, **options)
        request.read()
        try:
            return self._submit(self._answer(request))
        except KitError as error:
            raise httpx.ConnectError(str(error), request=request) from None

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        await answer.aread()
        answer.request = request
        return answer


def _result(answer: Future[httpx.Response], timeout: float) -> httpx.Response:
    try:
        return answer.result(timeout)
    except TimeoutError:
        answer.cancel()
        raise httpx.ReadTimeout(f"no answer within {timeout:g} s") from None


class _Requests:
    def __init__(self, calls: _Calls) -> None:
        self._calls = calls

    def request(self, method: str, url: str, *, timeout: float = 5.0, **options: Any) -> httpx.Response:
        return _result(self._calls.begin(method, url, options), timeout)

    @contextmanager
    def stream(
        self, method: str, url: str, *, timeout: float = 5.0, **options: Any
    ) -> Iterator[httpx.Response]:
        yield self.request(method, url, timeout=timeout, **options)

    def close(self) -> None:
        """There is no connection."""


class _AsyncRequests:
    def __init__(self, calls: _Calls) -> None:
        self._calls = calls

    async def request(self, method: str, url: str, *, timeout: float = 5.0, **options: Any) -> httpx.Response:
        answer = self._calls.begin(method, url, options)
        try:
            return await anyio.to_thread.run_sync(_result, answer, timeout, abandon_on_cancel=True)
        finally:
            answer.cancel()

    async def aclose(self) -> None:
        """There is no connection."""


class DirectControlClient(ControlClient):
    """A ControlClient of a server in this process."""

    def __init__(self, submit: Submit, app: App, url: str, token: str, *, key: str | None = None) -> None:
        self._submit, self._app = submit, app
        super().__init__(url, token, key=key)

    def _connect(self, options: Json) -> None:
        self._http = _Requests(_Calls(self._submit, self._app, options["headers"]))


class AsyncDirectControlClient(AsyncControlClient):
    """An AsyncControlClient of a server in this process, in any event loop: asyncio's or trio's."""

    def __init__(self, submit: Submit, app: App, url: str, token: str, *, key: str | None = None) -> None:
        self._submit, self._app = submit, app
        super().__init__(url, token, key=key)

    def _connect(self, options: Json) -> None:
        self._http = _AsyncRequests(_Calls(self._submit, self._app, options["headers"]))
