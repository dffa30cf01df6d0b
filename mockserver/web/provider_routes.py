"""The documented routes: everything a provider's contract describes."""

from __future__ import annotations

from typing import Final

from mockserver.engine.pipeline import Engine
from mockserver.web.broken_replies import send_reply
from mockserver.web.wire import Disconnected, Receive, Scope, Send, read_body, read_head, send_response

_BODILESS: Final = frozenset({"GET", "HEAD"})


class ProviderRoutes:
    """An ASGI app over the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._most = engine.settings.max_body
        self._public_url = engine.settings.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = read_head(scope, self._public_url)
        if request.method not in _BODILESS:
            try:
                await read_body(request, receive, self._most)
            except Disconnected:
                return
        response = await self._engine.handle(request)
        body = request.method != "HEAD"
        if response.reply is None:
            await send_response(send, response, body=body)
        else:
            await send_reply(send, response.reply, body=body)
