"""uvicorn's server, which prepares its app before it listens, and lets it end its waits before it stops."""

from __future__ import annotations

import socket
from asyncio import sleep
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import uvicorn

from mockserver.web.wire import Receive, Scope, Send

GRACE: Final = 3
"""Seconds for requests under way when the server is to stop; then they are given up."""


_TURNS_TO_CLOSE: Final = 3
"""Turns of the event loop in which the connections that rest are closed and forgotten."""


class Closable(Protocol):
    """A socket, or what listens at some."""

    def close(self) -> None:
        """Take no more connections."""


class ServedApp(Protocol):
    """An ASGI app with a beginning and an end of its own."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one ASGI scope."""

    async def start(self) -> None:
        """Prepare to answer; a second time does nothing. Raises a MockserverError where it cannot."""

    def end_waits(self) -> None:
        """Answer whoever waits with what there is, as the server is to stop."""


class AppServer(uvicorn.Server):
    """A server of one app. It calls `ready` when it accepts connections, and `ended` when it does no more.

    What the app's `start` raises goes to whoever runs the server, in place of uvicorn's traceback.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: ServedApp,
        ready: Callable[[], None],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._ready = ready
        self._ended = ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Prepare the app, and listen."""
        await self._app.start()
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the app's waits, and then wait for what is under way, as long as GRACE."""
        self._app.end_waits()
        self._close([*self.servers, *(sockets or ())])
        if await self._is_idle():
            await self.lifespan.shutdown()
        else:
            await super().shutdown(sockets)
        # Here, as the signal that stopped the server ends the process next.
        self._ended()

    def _close(self, listeners: Sequence[Closable]) -> None:
        for listener in listeners:
            listener.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()

    async def _is_idle(self) -> bool:
        """Whether nothing is under way, so that nobody need wait as uvicorn does, a tenth of a second."""
        for _ in range(_TURNS_TO_CLOSE):
            await sleep(0)
        return not (self.server_state.connections or self.server_state.tasks)
