"""What a request to the control plane may bring: a body and a query of limited size."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.problems import problem_response
from mockserver.engine.content_coding import ACCEPTED, UnknownCoding, breaks_off, check_coding, not_of_coding
from mockserver.engine.query import MAX_FIELDS
from mockserver.inflate import Inflater, NotOfThatCoding
from mockserver.numerals import plural, whole_number
from mockserver.settings import MIB

MAX_BODY: Final = MIB
"""Bytes of a body: a rule or a clock takes some hundred."""
MAX_SNAPSHOT: Final = 8192 * MIB
"""Bytes of a snapshot: a thousand jobs with their pictures. It waits on the disk, not in memory."""
SNAPSHOT: Final = "/__mock/tenants/snapshot"


class Bounds:
    """The ASGI middleware behind the door: it answers 413 and 400 before more is taken."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and as much of its body as it may have."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MAX_SNAPSHOT if scope["path"] == SNAPSHOT else MAX_BODY
        if scope["query_string"].count(b"&") >= MAX_FIELDS:
            detail = f"the query has more than {MAX_FIELDS} fields; send fewer"
            await problem_response(400, "Bad Request", detail)(scope, receive, send)
        elif (whole_number(Headers(scope=scope).get("content-length", "")) or 0) > most:
            await problem_response(413, "Content Too Large", _too_large(most))(scope, receive, send)
        else:
            await self._read(scope, receive, send, most)

    async def _read(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        coding = ",".join(Headers(scope=scope).getlist("content-encoding"))
        try:
            changes = check_coding(coding)
        except UnknownCoding as error:
            response = problem_response(415, "Unsupported Media Type", str(error))
            response.headers["accept-encoding"] = ACCEPTED
            await response(scope, receive, send)
            return
        limited = _limited(receive, most)
        if changes:
            limited = _limited(_inflated(limited, coding, most), most)
        await self._app(scope, limited, send)


def _too_large(most: int) -> str:
    return f"the body is larger than the {plural(most, 'byte')} that this path takes"


def _inflated(receive: Receive, coding: str, most: int) -> Receive:
    """What is received, without its coding, a piece at a time: others have their turn between two."""
    messages = _pieces(receive, coding, most)

    async def receive_piece() -> MutableMapping[str, Any]:
        return await anext(messages, None) or await receive()

    return receive_piece


async def _pieces(receive: Receive, coding: str, most: int) -> AsyncIterator[MutableMapping[str, Any]]:
    inflater = Inflater(coding, most)
    more, size = True, 0
    while more:
        message = await receive()
        if message["type"] != "http.request":
            yield message
            return
        more = bool(message.get("more_body"))
        body = message.get("body", b"")
        size += len(body)
        try:
            for piece in inflater.pieces(body):
                await sleep(0)
                yield {"type": "http.request", "body": piece, "more_body": True}
        except NotOfThatCoding as error:
            raise HTTPException(400, not_of_coding(error)) from None
        if inflater.too_large:
            raise HTTPException(413, _too_large(most))
    if size and not inflater.ended:
        raise HTTPException(400, breaks_off(coding))
    yield {"type": "http.request", "body": b"", "more_body": False}


def _limited(receive: Receive, most: int) -> Receive:
    size = 0

    async def receive_some() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, _too_large(most))
        return message

    return receive_some
