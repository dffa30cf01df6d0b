"""An ASGI app that is made when it is first asked for, in a thread, as its imports may take a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mockserver.web.wire import App, Receive, Scope, Send


class LateApp:
    """Answers as the app that `make` gives. Whoever asks while that is made waits for it, and nobody else."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._making: asyncio.Task[App] | None = None
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope. Raises what `make` raises; then the next request tries again."""
        app = self._app or await self._made()
        await app(scope, receive, send)

    async def _made(self) -> App:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        try:
            # It goes on for the others where this request is given up.
            self._app = await asyncio.shield(self._making)
        finally:
            if self._making is not None and self._making.done():
                self._making = None
        return self._app
