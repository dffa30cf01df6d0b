"""What is sent where an app fails, or is given up as the server stops."""

from __future__ import annotations

import asyncio
import logging

from mockserver.engine.message import Response, problem
from mockserver.web.wire import App, Receive, Scope, Send, send_failure

_TITLE = "The mock server failed"
_DETAIL = "its log says more; please report it"
_log = logging.getLogger("mockserver")


class Guard:
    """Answers in the place of what fails. `stopping` says that the server is to stop."""

    def __init__(self) -> None:
        self.stopping = False

    async def answer(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the app does."""
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            # It had its time after the signal.
            await send_failure(send, 503, "The server stops", "this request took too long to be answered")
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await send_failure(send, 500, _TITLE, _DETAIL)

    def failure(self, method: str, path: str) -> Response:
        """The answer to a request that raised what is being handled."""
        _log.exception("%s %s failed", method, path)
        return problem(500, _TITLE, _DETAIL)
