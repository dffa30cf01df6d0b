"""ASGI messages to records and back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from mockserver.engine.message import Header, Request, Response, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
BODILESS: Final = frozenset({"GET", "HEAD"})
"""Methods whose requests have no body that anybody reads."""
EMPTY: Final = frozenset({204, 304})
"""Statuses whose answers end with their head: bytes after it would be read as the next answer (RFC 9110)."""
_OF_A_BODY: Final = frozenset({b"content-type", b"content-length"})
_LONGEST_HOST: Final = 300
"""Characters of a Host header, from which on it is none: a name has 253 at most."""
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

_PIECE: Final = 256 * 1024
"""Bytes of a stream that are sent at a time: the client sets the pace, and the rest is not copied."""


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


def server_address(scope: Scope) -> str:
    """The server's URL by the Host header, else by where it listens."""
    named = (value for name, value in scope["headers"] if name == b"host")
    return host_address(next(named, None), scope["scheme"], scope.get("server"))


def host_address(host: bytes | None, scheme: str, server: tuple[str, int | None] | None) -> str:
    """The server's URL by a Host header, else by where it listens."""
    if host is not None and len(host) < _LONGEST_HOST and (url := _host_url(scheme, host)):
        return url
    address, port = server or ("127.0.0.1", 80)
    if ":" in address:
        address = f"[{address}]"
    return f"{scheme}://{address}:{port}"


@lru_cache(maxsize=256)
def _host_url(scheme: str, host: bytes) -> str | None:
    """The URL by a Host header, or None where no link could be made of it."""
    return f"{scheme}://{host.decode()}" if _HOST.fullmatch(host) else None


async def send_response(send: Send, response: Response, *, body: bool = True) -> None:
    """Send a whole response; without its body where the request was HEAD."""
    if response.stream is not None:
        await _send_stream(send, response, response.stream, body=body)
        return
    if response.status in EMPTY:
        await send(
            {"type": "http.response.start", "status": response.status, "headers": bare(response.headers)}
        )
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body if body else b""})


def bare(headers: Iterable[Header]) -> list[Header]:
    """The headers without those that describe a body."""
    return [(name, value) for name, value in headers if name.lower() not in _OF_A_BODY]


async def _send_stream(send: Send, response: Response, stream: AsyncIterator[bytes], *, body: bool) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    if body:
        async for part in stream:
            for start in range(0, len(part), _PIECE):
                piece = part[start : start + _PIECE]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def send_failure(send: Send, status: int, title: str, detail: str) -> None:
    """Send a problem; where an answer has begun, no other can follow."""
    with suppress(RuntimeError):
        await send_response(send, problem(status, title, detail))


async def refuse_port(scope: Scope, receive: Receive, send: Send) -> None:
    """Where the control plane has its own port, each of the two ports serves its own paths only."""
    await send_response(send, problem(404, "No such path", f"{scope['path']} is not served on this port"))
