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
        public_url or server_address(scope),
    )


async def read_body(request: Request, receive: Receive, max_body: int) -> None:
    """Fill in the body; one of more than `max_body` bytes is left out. Raises Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > max_body:
            body, request.cut = b"", True
        request.body = body
    else:
        request.body, request.cut = await _read_chunks(message, receive, max_body)


async def _read_chunks(
    message: MutableMapping[str, Any], receive: Receive, max_body: int
) -> tuple[bytes, bool]:
    chunks, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= max_body:
            chunks.append(chunk)
        if not message.get("more_body"):
            if size > max_body:
                return b"", True
            return b"".join(chunks), False
        message = await receive()


def server_address(scope: Scope) -> str:
    """The server's URL by the Host header, else by where it listens."""
    for name, value in scope["headers"]:
        if name == b"host" and (url := _host_url(scope["scheme"], value)):
            return url
    host, port = scope.get("server") or ("127.0.0.1", 80)
    if ":" in host:
        host = f"[{host}]"
    return f"{scope['scheme']}://{host}:{port}"


@lru_cache(maxsize=256)
def _host_url(scheme: str, host: bytes) -> str | None:
    """The URL by a Host header, or None where no link could be made of it."""
    return f"{scheme}://{host.decode()}" if _HOST.fullmatch(host) else None


async def send_response(send: Send, response: Response, *, body: bool = True) -> None:
    """Send a whole response; without its body where the request was HEAD."""
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body if body else b""})
