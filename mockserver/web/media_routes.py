"""Clips and thumbnails: /media/PROVIDER/JOB/video.mp4. No key is asked, as at the providers."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, Literal
from urllib.parse import unquote

from mockserver.contract.formats import Measure
from mockserver.engine.clip import video_spec
from mockserver.engine.message import problem
from mockserver.engine.pipeline import Engine
from mockserver.errors import MediaError
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import state_at
from mockserver.media.cache import MediaCache
from mockserver.media.spec import VideoSpec
from mockserver.web.wire import Receive, Scope, Send, send_response

PREFIX: Final = "/media/"
_CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file, first and last included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


class MediaRoutes:
    """An ASGI app that makes a job's clip when it is first fetched."""

    def __init__(self, engine: Engine, cache: MediaCache, measure: Measure) -> None:
        self._engine = engine
        self._cache = cache
        self._measure = measure
        self._files: dict[str, tuple[str, bool, Callable[[VideoSpec], Awaitable[Path]]]] = {
            "video.mp4": ("video/mp4", False, cache.video),
            "watermarked.mp4": ("video/mp4", True, cache.video),
            "thumbnail.jpg": ("image/jpeg", False, cache.thumbnail),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            response = problem(405, "Method not allowed", "a media link takes GET and HEAD")
            response.headers.append((b"allow", b"GET, HEAD"))
            await send_response(send, response)
            return
        body = scope["method"] == "GET"
        found = await self._find(scope["raw_path"].decode("latin-1"))
        if found is None:
            await send_response(
                send, problem(404, "No such file", "no finished job has this media link"), body=body
            )
            return
        kind, make, spec = found
        try:
            with await _opened(make, spec) as file:
                await _send_file(scope, send, file, kind, body=body)
        except MediaError as error:
            await send_response(send, problem(507, "The clip could not be made", str(error)), body=body)

    async def _find(self, path: str) -> tuple[str, Callable[[VideoSpec], Awaitable[Path]], VideoSpec] | None:
        parts = [unquote(part) for part in path.removeprefix(PREFIX).split("/")]
        if len(parts) != 3 or parts[0] not in self._engine.contracts or parts[2] not in self._files:
            return None
        contract = self._engine.contracts[parts[0]]
        job = await self._engine.store.unlock(parts[0], parts[1])
        if job is None or not self._finished(job):
            return None
        kind, watermark, make = self._files[parts[2]]
        return kind, make, video_spec(contract, job, self._measure, watermark=watermark)

    def _finished(self, job: Job) -> bool:
        return state_at(job, self._engine.clock()).phase == "succeeded"


async def _opened(make: Callable[[VideoSpec], Awaitable[Path]], spec: VideoSpec) -> BufferedReader:
    """The made file, open: from then on its eviction cuts nothing. One evicted before is made again."""
    path = await make(spec)
    try:
        return path.open("rb")
    except FileNotFoundError:
        return (await make(spec)).open("rb")


async def _send_file(scope: Scope, send: Send, file: BufferedReader, kind: str, *, body: bool) -> None:
    """The file, or the asked range of it."""
    size = file.seek(0, 2)
    tag = f'"{Path(file.name).stem}"'
    headers = [
        ("content-type", kind),
        ("etag", tag),
        ("last-modified", formatdate(os.fstat(file.fileno()).st_mtime, usegmt=True)),
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=86400"),
    ]
    asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if _unchanged(asked.get(b"if-none-match"), tag):
        await _send_empty(send, 304, headers)
        return
    span = read_range(asked.get(b"range") if asked.get(b"if-range", tag) == tag else None, size)
    if span == "behind":
        await _send_empty(
            send, 416, [*headers, ("content-range", f"bytes */{size}"), ("content-length", "0")]
        )
        return
    if span == "whole":
        status, sent = 200, Span(0, size - 1)
    else:
        status, sent = 206, span
        headers.append(("content-range", f"bytes {sent.first}-{sent.last}/{size}"))
    await _start(send, status, [*headers, ("content-length", str(sent.length))])
    await _stream(send, file, sent if body else Span(0, -1))


async def _send_empty(send: Send, status: int, headers: list[tuple[str, str]]) -> None:
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": b""})


def _unchanged(held: str | None, tag: str) -> bool:
    if held is None:
        return False
    return held.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in held.split(","))


def read_range(text: str | None, size: int) -> Span | Literal["whole", "behind"]:
    """The one range that a Range header asks for, or `behind` where it starts behind the end (416).

    `whole` where it asks none, several, in another unit, or makes no sense (RFC 9110, 14.2).
    """
    found = _RANGE.fullmatch(text.replace(" ", "")) if text else None
    if found is None or not (found[1] or found[2]):
        return "whole"
    if not found[1]:
        length = min(int(found[2]), size)
        return Span(size - length, size - 1) if length else "behind"
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if last < first and found[2]:
        return "whole"
    return Span(first, min(last, size - 1)) if first < size else "behind"


async def _start(send: Send, status: int, headers: list[tuple[str, str]]) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def _stream(send: Send, file: BinaryIO, span: Span) -> None:
    file.seek(span.first)
    left = span.length
    while left > 0:
        chunk = await asyncio.to_thread(file.read, min(_CHUNK, left))
        if not chunk:
            break
        left -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
