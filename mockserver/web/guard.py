"""What is sent where an app fails, or is given up as the server stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

from mockserver.engine.message import Request, Response, problem
from mockserver.web.wire import App, Receive, Scope, Send, send_failure

_FAILED: Final = ("The mock server failed", "its log says more; please report it")
_STOPS: Final = ("The server stops", "this request took too long to be answered")
_log = logging.getLogger("mockserver")


class Guard:
    """Answers in the place of what fails. `stopping` says that the server is to stop."""

    def __init__(self) -> None:
        self.stopping = False

    async def respond(self, work: Coroutine[Any, Any, Response], request: Request) -> Response:
        """The response of that work. Raises nothing but CancelledError where the server goes on."""
        try:
            return await work
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            return problem(503, *_STOPS)
        except Exception:
            return self.failure(request.method, request.path)

    async def answer(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the app does."""
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            # It had its time after the signal.
            await send_failure(send, 503, *_STOPS)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await send_failure(send, 500, *_FAILED)

    def failure(self, method: str, path: str) -> Response:
        """The answer to a request that raised what is being handled."""
        _log.exception("%s %s failed", method, path)
        return problem(500, *_FAILED)
