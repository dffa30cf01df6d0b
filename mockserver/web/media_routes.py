"""Clips and thumbnails: streams the files, whole or in ranges (RFC 9110)."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple

from mockserver.engine.media import MediaPipeline, MediaReply
from mockserver.engine.message import Header, Request, Response
from mockserver.faults.seams import Ranges
from mockserver.numerals import whole_number
from mockserver.web.broken_replies import drop_connection
from mockserver.web.leaving import while_connected
from mockserver.web.media_faults import encoded_headers, send_asset
from mockserver.web.pauses import Pauses
from mockserver.web.wire import BODILESS, Disconnected, Receive, Scope, Send, read_head, send_response

_log = logging.getLogger("mockserver")
_CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]*)-([0-9]*)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file, first and last included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


_NOTHING: Final = Span(0, -1)


class StoredFile(NamedTuple):
    """What is known of a file: its type, its tag without quotes, its bytes, when it was made (Unix seconds),
    and for how many seconds a cache may keep it without asking; 0 is none.
    """

    content_type: str
    tag: str
    size: int
    changed: int | None = None
    fresh: int = 0


class Sending(NamedTuple):
    """How a file is sent: status, headers but the length, and which bytes."""

    status: int
    headers: list[tuple[str, str]]
    span: Span


class MediaRoutes:
    """An ASGI app over the media pipeline."""

    def __init__(self, pipeline: MediaPipeline, public_url: str | None, pauses: Pauses) -> None:
        self._pipeline = pipeline
        self._pauses = pauses
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.answer(scope, receive, send, read_head(scope, self._public_url))

    async def answer(
        self, scope: Scope, receive: Receive, send: Send, request: Request, path: str = ""
    ) -> None:
        """Send the file that a request names by its own path, or a provider's request by that of the file."""
        body = request.method != "HEAD"
        try:
            reply = await self._handle(request, receive, path)
        except Disconnected:
            return
        if isinstance(reply, Response):
            await send_response(send, reply, body=body)
        else:
            with reply.file:
                await self._send(scope, send, reply, body=body)

    async def _handle(self, request: Request, receive: Receive, path: str) -> MediaReply | Response:
        handling = self._pipeline.handle(request, path)
        if request.method in BODILESS:
            return await while_connected(receive, handling)
        # It is refused at once, and to listen for the client would be to ask for its body.
        return await handling

    async def _send(self, scope: Scope, send: Send, reply: MediaReply, *, body: bool) -> None:
        sending, asset = plan(scope, reply), reply.asset
        if asset.status == 200:
            asset.status = sending.status
        headers = encoded_headers(asset, sending.headers)
        self._pipeline.note(reply, asset.status, headers, sending.span.length)
        if reply.faults:
            content = await asyncio.to_thread(_read_span, reply.file, sending.span)
            await send_asset(send, asset, headers, content, self._pauses, body=body)
        else:
            await _send_file(send, reply.file, sending, headers, body=body)


def plan(scope: Scope, reply: MediaReply) -> Sending:
    """Status, headers but the length, and bytes: of the file, or of the range that is asked for."""
    size, changed = reply.file.seek(0, 2), int(os.fstat(reply.file.fileno()).st_mtime)
    stored = StoredFile(reply.content_type, Path(reply.file.name).stem, size, changed, 86_400)
    return plan_file(scope["headers"], stored, reply.asset.ranges)


def plan_file(sent_headers: Iterable[Header], stored: StoredFile, ranges: Ranges = "served") -> Sending:
    """As `plan`, of any file."""
    tag, size = f'"{stored.tag}"', stored.size
    dated = "" if stored.changed is None else formatdate(stored.changed, usegmt=True)
    headers = [("content-type", stored.content_type), ("etag", tag), ("accept-ranges", "bytes")]
    if dated:
        headers.append(("last-modified", dated))
    if stored.fresh:
        headers.append(("cache-control", f"public, max-age={stored.fresh}"))
    sent = {name: value.decode("latin-1") for name, value in sent_headers}
    if _is_current(sent, tag, stored.changed):
        return Sending(304, headers, _NOTHING)
    if ranges == "ignored" or sent.get(b"if-range", tag) not in (tag, dated):
        return Sending(200, headers, Span(0, size - 1))
    span = read_range(sent.get(b"range"), size)
    if span == "whole":
        return Sending(200, headers, Span(0, size - 1))
    if span == "behind" or ranges == "refused":
        return Sending(416, [*headers, ("content-range", f"bytes */{size}")], _NOTHING)
    return Sending(206, [*headers, ("content-range", f"bytes {span.first}-{span.last}/{size}")], span)


def _is_current(sent: Mapping[bytes, str], tag: str, changed: int | None) -> bool:
    """Whether the client has the file: by If-None-Match, else by If-Modified-Since (RFC 9110, 13.1).

    `changed` is when the file was made, in Unix seconds, if it is known. A date that cannot be read says
    nothing.
    """
    if b"if-none-match" in sent:
        return _unchanged(sent[b"if-none-match"], tag)
    since = read_http_date(sent.get(b"if-modified-since", ""))
    return since is not None and changed is not None and changed <= since


def _unchanged(held: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names the file's tag."""
    if held is None:
        return False
    return held.strip() == "*" or tag in (text.strip().removeprefix("W/") for text in held.split(","))


def read_http_date(text: str) -> float | None:
    """Unix seconds of a date as headers have it; None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def read_range(text: str | None, size: int) -> Span | Literal["whole", "behind"]:
    """The range that a Range header asks for, or `behind` where it starts behind the end (416).

    `whole` where the header is missing, has several ranges or another unit, or is invalid (RFC 9110, 14.2).
    """
    match = _RANGE.fullmatch((text or "").replace(" ", ""))
    if match is None:
        return "whole"
    first, last = whole_number(match[1]), whole_number(match[2])
    if first is not None:
        return _range(first, last, size)
    if last is not None:
        length = min(last, size)
        if not length:
            return "behind"
        return Span(size - length, size - 1)
    return "whole"


def _range(first: int, last: int | None, size: int) -> Span | Literal["whole", "behind"]:
    if last is not None and last < first:
        return "whole"
    if first >= size:
        return "behind"
    return Span(first, size - 1 if last is None else min(last, size - 1))


def _read_span(file: BinaryIO, span: Span) -> bytes:
    file.seek(span.first)
    return file.read(span.length)


async def _send_file(
    send: Send, file: BufferedReader, sending: Sending, headers: list[tuple[bytes, bytes]], *, body: bool
) -> None:
    if sending.status != 304:
        headers = [*headers, (b"content-length", b"%d" % sending.span.length)]
    await send({"type": "http.response.start", "status": sending.status, "headers": headers})
    await _stream(send, file, sending.span if body else _NOTHING)


async def _stream(send: Send, file: BinaryIO, span: Span) -> None:
    """Send a part of a file. If it ends before the part does, so does the connection: no half looks whole."""
    file.seek(span.first)
    left = span.length
    while left > 0:
        chunk = await asyncio.to_thread(_read, file, min(_CHUNK, left))
        if not chunk:
            _log.warning("%s lost its last bytes while it was sent; what else writes there?", file.name)
            drop_connection(send, reset=False)
            return
        left -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _read(file: BinaryIO, most: int) -> bytes:
    """The next bytes; none where the disk gives none."""
    try:
        return file.read(most)
    except OSError:
        return b""
