"""The bodies of requests: none is taken before it is wanted, and all together have a bound."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final

from mockserver.engine.message import NoRoomForBody, Request, Response
from mockserver.settings import MIB
from mockserver.web.heap import trim_heap
from mockserver.web.leaving import disconnection
from mockserver.web.wire import BODILESS, App, Disconnected, Receive, Scope, Send

IN_FLIGHT: Final = 256 * MIB
"""Bytes of all bodies that are held at a time: four of the largest that a server takes by default."""
SKIMMED: Final = 64 * 1024
"""Bytes that are read of a body which nobody wants: what the journal shows. Most bodies are smaller."""
SKIM_TIME: Final = 0.5
"""Seconds that an answer waits for such a body. Clients send small ones together with their heads."""
LARGE: Final = 4 * MIB
"""Bytes of a body from which on its memory is given back to the system: smaller ones are used again."""
TRIM_AFTER: Final = 1.0
"""Seconds until then; many large bodies at a time are one reason."""
SILENCE: Final = 2.0
"""Seconds without a byte after which a body that is thrown away is given up."""
_CLOSE: Final = (b"connection", b"close")
_END: Final = {"type": "http.response.body", "body": b""}


class BodiesInFlight:
    """How many bytes of bodies are held, of at most `most`.

    A body that comes with its head is not counted: the connection has it in any case, as few bytes as it is.
    """

    def __init__(self, max_body: int) -> None:
        self.most = max(IN_FLIGHT, max_body)
        self.held = 0
        self._trimming = False

    def hold(self, size: int) -> None:
        """Count bytes. Raises NoRoomForBody."""
        if self.held + size > self.most:
            raise NoRoomForBody(
                f"the bodies that are being received take {self.held} bytes, and {self.most} are allowed for"
                " all together; send the request again in a moment"
            )
        self.held += size

    def release(self, size: int) -> None:
        """Count bytes that are held no longer; what a large body leaves behind is given back soon."""
        self.held -= size
        if size >= LARGE and not self._trimming:
            self._trimming = True
            asyncio.get_running_loop().call_later(TRIM_AFTER, self._trim)

    def _trim(self) -> None:
        self._trimming = False
        trim_heap()


class IncomingBody:
    """The body of a request that may not be here yet. `whole` says that nothing more of it can come."""

    __slots__ = ("_held", "_in_flight", "_max_body", "_receive", "_request", "whole")

    def __init__(self, request: Request, receive: Receive, in_flight: BodiesInFlight, max_body: int) -> None:
        self._request = request
        self._receive = receive
        self._in_flight = in_flight
        self._max_body = max_body
        self._held = 0
        self.whole = False

    async def take(self) -> None:
        """Fill the request's body in; one of more than `max_body` bytes is left out, which `cut` says.

        Raises NoRoomForBody, and Disconnected where the client goes before it is whole.
        """
        if self._request.declared_length > self._max_body:
            self._request.cut = True
        else:
            await self._read(self._max_body)

    async def skim(self) -> None:
        """As `take`, of a body that nobody wants: only a small one, and only if it comes at once."""
        request = self._request
        if request.declared_length > SKIMMED or request.header(b"expect"):
            request.cut = True
            return
        try:
            async with asyncio.timeout(SKIM_TIME):
                await self._read(SKIMMED)
        except (TimeoutError, NoRoomForBody):
            request.cut = True

    async def left(self) -> None:
        """Return when the client has gone. The body must have been taken."""
        await disconnection(self._receive)

    def grow(self, size: int) -> None:
        """Count the bytes that the body grew by as its coding was undone. Raises NoRoomForBody."""
        self._in_flight.hold(size)
        self._held += size

    def release(self) -> None:
        """Forget the body, as the answer is made."""
        self._in_flight.release(self._held)
        self._held = 0
        self._request.body = b""

    async def _read(self, most: int) -> None:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            self.whole = True
            body = message.get("body", b"")
            self._request.cut = len(body) > most
            self._request.body = b"" if self._request.cut else body
            return
        await self._collect(message, most)

    async def _collect(self, message: MutableMapping[str, Any], most: int) -> None:
        """Read the chunks into one buffer, so that no body is in memory twice."""
        body = bytearray()
        while True:
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk = message.get("body", b"")
            self.whole = not message.get("more_body")
            if len(body) + len(chunk) > most:
                self._request.cut = True
                return
            self._in_flight.hold(len(chunk))
            self._held += len(chunk)
            body += chunk
            if self.whole:
                self._request.body = body if len(body) > SKIMMED else bytes(body)
                return
            message = await self._receive()


async def send_and_close(send: Send, receive: Receive, response: Response, max_body: int) -> None:
    """Send a response to a request whose body was not taken, and close the connection.

    A connection that is closed over bytes that nobody read is reset, and with that the client may lose the
    answer. So what comes of the body is thrown away first, at most `max_body` bytes of it.
    """
    headers = [*response.headers, _CLOSE, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await _discard(receive, max_body)
    await send({**_END})


async def _discard(receive: Receive, most: int) -> None:
    size = 0
    with suppress(TimeoutError):
        while size <= most:
            async with asyncio.timeout(SILENCE):
                message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                return


def closing(app: App, max_body: int) -> App:
    """An app that answers as `app`, and closes the connection as `send_and_close` where a body is unread."""

    async def close_after(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, *_watched(receive, send, max_body))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await (app if _is_bodiless(scope) else close_after)(scope, receive, send)

    return answer


def _is_bodiless(scope: Scope) -> bool:
    declared = (name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
    return scope["method"] in BODILESS or not any(declared)


def _watched(receive: Receive, send: Send, max_body: int) -> tuple[Receive, Send]:
    whole = False

    async def watch() -> MutableMapping[str, Any]:
        nonlocal whole
        message = await receive()
        whole = not message.get("more_body")
        return message

    async def send_or_close(message: MutableMapping[str, Any]) -> None:
        if whole:
            await send(message)
        elif message["type"] == "http.response.start":
            await send({**message, "headers": [*message.get("headers", ()), _CLOSE]})
        elif message.get("more_body"):
            await send(message)
        else:
            await send({**message, "more_body": True})
            await _discard(watch, max_body)
            await send({**_END})

    return watch, send_or_close
