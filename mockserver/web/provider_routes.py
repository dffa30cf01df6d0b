"""The documented routes: everything a provider's contract describes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mockserver.engine.message import Request, Response
from mockserver.engine.pipeline import Pipeline
from mockserver.settings import Settings
from mockserver.web.bodies import BodiesInFlight, IncomingBody, send_and_close
from mockserver.web.broken_replies import send_reply
from mockserver.web.pauses import Pauses
from mockserver.web.wire import BODILESS, Disconnected, Receive, Scope, Send, read_head, send_response

SendFile = Callable[[Scope, Receive, Send, Request, str], Awaitable[None]]
"""Answers a request with the file of a media link's path."""


class ProviderRoutes:
    """An ASGI app over the pipeline."""

    def __init__(self, pipeline: Pipeline, settings: Settings, pauses: Pauses, send_file: SendFile) -> None:
        self._pipeline = pipeline
        self._send_file = send_file
        self._pauses = pauses
        self._max_body = settings.max_body
        self._in_flight = BodiesInFlight(settings.max_body)
        self._public_url = settings.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = read_head(scope, self._public_url)
        if request.method not in BODILESS:
            await self._answer_with_body(request, receive, send)
            return
        response = await self._pipeline.handle(request)
        await self.send(scope, receive, send, request, response)

    async def send(
        self, scope: Scope, receive: Receive, send: Send, request: Request, response: Response
    ) -> None:
        """Send the answer to a request, whose body is not to come any more."""
        if response.file:
            await self._send_file(scope, receive, send, request, response.file)
        else:
            await self._send(send, response, body=request.method != "HEAD")

    async def _answer_with_body(self, request: Request, receive: Receive, send: Send) -> None:
        """Answer a request whose body the pipeline takes, or does not take."""
        body = request.incoming = IncomingBody(request, receive, self._in_flight, self._max_body)
        try:
            response = await self._pipeline.handle(request)
        except Disconnected:
            return
        finally:
            body.release()
        if body.whole or response.reply is not None:
            await self._send(send, response)
        else:
            await send_and_close(send, receive, response, self._max_body)

    async def _send(self, send: Send, response: Response, *, body: bool = True) -> None:
        if response.reply is None:
            await send_response(send, response, body=body)
        else:
            await send_reply(send, response.reply, self._pauses, body=body)
