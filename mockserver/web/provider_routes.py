"""The documented routes: everything a provider's contract describes."""

from __future__ import annotations

from typing import Final

from mockserver.engine.pipeline import Pipeline
from mockserver.settings import Settings
from mockserver.web.broken_replies import send_reply
from mockserver.web.wire import Disconnected, Receive, Scope, Send, read_body, read_head, send_response

_BODILESS: Final = frozenset({"GET", "HEAD"})


class ProviderRoutes:
    """An ASGI app over the pipeline."""

    def __init__(self, pipeline: Pipeline, settings: Settings) -> None:
        self._pipeline = pipeline
        self._max_body = settings.max_body
        self._public_url = settings.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = read_head(scope, self._public_url)
        if request.method not in _BODILESS:
            try:
                await read_body(request, receive, self._max_body)
            except Disconnected:
                return
        response = await self._pipeline.handle(request)
        body = request.method != "HEAD"
        if response.reply is None:
            await send_response(send, response, body=body)
        else:
            await send_reply(send, response.reply, body=body)
