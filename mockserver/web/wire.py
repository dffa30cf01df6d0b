"""ASGI messages to records and back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, Final

from mockserver.engine.message import Request, Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Disconnected(Exception):
    """The client went away before its request was whole."""


def read_head(scope: Scope, public_url: str | None) -> Request:
    """The request without its body."""
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        scope["headers"],
        b"",
        public_url or address(scope),
    )


async def read_body(request: Request, receive: Receive, most: int) -> None:
    """Fill in the body; one of more than `most` bytes is cut. Raises Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        request.body, request.cut = (body, False) if len(body) <= most else (b"", True)
    else:
        request.body, request.cut = await _read_chunks(message, receive, most)


async def _read_chunks(message: MutableMapping[str, Any], receive: Receive, most: int) -> tuple[bytes, bool]:
    chunks, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
        if not message.get("more_body"):
            return (b"".join(chunks), False) if size <= most else (b"", True)
        message = await receive()


def address(scope: Scope) -> str:
    """The server as the client names it, else by where it listens."""
    for name, value in scope["headers"]:
        if name == b"host" and (named := _named(scope["scheme"], value)):
            return named
    host, port = scope.get("server") or ("127.0.0.1", 80)
    return f"{scope['scheme']}://{f'[{host}]' if ':' in host else host}:{port}"


@lru_cache(maxsize=256)
def _named(scheme: str, host: bytes) -> str | None:
    """The address by a Host header, or None where no link could be made of it."""
    return f"{scheme}://{host.decode()}" if _HOST.fullmatch(host) else None


async def send_response(send: Send, response: Response, *, body: bool = True) -> None:
    """Send a whole response; without its body where the question was HEAD."""
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body if body else b""})
