"""An ASGI application on a real socket of loopback, served by a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context
from email.utils import formatdate
from typing import Any, Final, TypeVar

import uvicorn

from mockserver import real_time
from mockserver.errors import KitError, MockserverError
from mockserver.web.connection import Connection
from mockserver.web.server import GRACE, AppServer, ServedApp

_Result = TypeVar("_Result")
TIMEOUT: Final = 30.0
"""Seconds that a server may take to start or to stop."""


_Socket: Final = socket.socket
"""The class as it is now: a test may forbid all sockets but this one."""


def _listen() -> socket.socket:
    listener = _Socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    return listener


class _Server(AppServer):
    """A server that stops at once when asked to."""

    def __init__(self, app: ServedApp, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app, http=Connection, log_config=None, log_level="warning", access_log=False, lifespan="on",
            ws="none", interface="asgi3", proxy_headers=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=GRACE,
        )  # fmt: skip
        super().__init__(config, app, ready)
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def on_tick(self, counter: int) -> bool:
        ended = await super().on_tick(counter)
        # uvicorn's date is the process's, which a test may have frozen.
        date = formatdate(real_time.seconds(), usegmt=True).encode()
        self.server_state.default_headers = [(b"date", date)]
        return ended

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._stopping.wait(), 1)
            except TimeoutError:
                continue

    def submit(self, work: Coroutine[Any, Any, _Result]) -> Future[_Result]:
        """Let its loop run a coroutine, in a context of its own. Raises KitError where it has ended."""
        try:
            if self._loop is None:
                raise RuntimeError
            return Context().run(asyncio.run_coroutine_threadsafe, work, self._loop)
        except RuntimeError:
            work.close()
            raise KitError("the server has stopped") from None

    def request_stop(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # its loop may have ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)


class ServerThread:
    """A server of one app on a free port. It logs by the process's settings for uvicorn."""

    def __init__(self, app: ServedApp) -> None:
        self._ready = threading.Event()
        self._refusal: MockserverError | None = None
        self._server = _Server(app, self._ready.set)
        self._listener = _listen()
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)

    def start(self) -> str:
        """Start, and return the URL. Raises what the app's `start` raises, or KitError."""
        port = self._listener.getsockname()[1]
        self._thread.start()
        if not self._ready.wait(TIMEOUT) or not self._server.started:
            self.stop()
            if self._refusal is not None:
                raise self._refusal
            raise KitError("the server did not start; its log says why")
        return f"http://127.0.0.1:{port}"

    def submit(self, work: Coroutine[Any, Any, _Result]) -> Future[_Result]:
        """Let the server's loop run a coroutine. Raises KitError where the server has ended."""
        return self._server.submit(work)

    def call(self, work: Coroutine[Any, Any, _Result], seconds: float) -> _Result:
        """The result of a coroutine in the server's loop. Raises KitError if the server has ended or takes
        longer than that.
        """
        future = self.submit(work)
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise KitError(f"the server does not answer within {seconds:g} s") from None

    def stop(self) -> None:
        """End the server; a second time does nothing."""
        self._server.request_stop()
        self._thread.join(TIMEOUT)
        self._listener.close()

    def _run(self) -> None:
        try:
            with suppress(SystemExit):  # raised by uvicorn where the app did not start
                self._server.run([self._listener])
        except MockserverError as error:
            self._refusal = error
        finally:
            self._ready.set()
