"""Clips and thumbnails: /media/PROVIDER/JOB/video.mp4. No key is asked, as at the providers."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, NamedTuple
from urllib.parse import unquote

from mockserver.contract.formats import Measure
from mockserver.contract.model import Contract
from mockserver.engine.clip import video_spec
from mockserver.engine.faulting.select import Fired
from mockserver.engine.message import Response, problem
from mockserver.engine.pipeline import Engine
from mockserver.errors import MediaError
from mockserver.faults.seams import Asset
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.media.cache import MediaCache
from mockserver.media.spec import VideoSpec, small
from mockserver.web.media_faults import change, headers, read_asset, send_asset
from mockserver.web.wire import Receive, Scope, Send, read_head, send_response

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

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


class MediaRequest(NamedTuple):
    """A file that is asked for, of a job that has succeeded."""

    contract: Contract
    job: Job
    name: str


class Sending(NamedTuple):
    """How a file is sent: status, headers but the length, and which bytes."""

    status: int
    headers: list[tuple[str, str]]
    span: Span


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
        asked = await self._find(scope["raw_path"].decode("latin-1"))
        if asked is None:
            response = problem(404, "No such file", "no finished job has this media link")
            await send_response(send, response, body=body)
            return
        try:
            await self._serve(scope, send, asked, body=body)
        except MediaError as error:
            await send_response(send, problem(507, "The clip could not be made", str(error)), body=body)

    async def _find(self, path: str) -> MediaRequest | None:
        parts = [unquote(part) for part in path.removeprefix(PREFIX).split("/")]
        if len(parts) != 3 or parts[0] not in self._engine.contracts or parts[2] not in self._files:
            return None
        job = await self._engine.store.unlock(parts[0], parts[1])
        if job is None or not self._finished(job):
            return None
        return MediaRequest(self._engine.contracts[parts[0]], job, parts[2])

    def _finished(self, job: Job) -> bool:
        now = latest(job, self._engine.clock(job.tenant))
        return state_at(job, now).phase == "succeeded"

    async def _serve(self, scope: Scope, send: Send, asked: MediaRequest, *, body: bool) -> None:
        engine = self._engine
        await engine.board.refresh()
        kind, watermark, make = self._files[asked.name]
        spec = video_spec(asked.contract, asked.job, self._measure, watermark=watermark)
        if engine.settings.small_clips:
            spec = small(spec)
        now = engine.clock(asked.job.tenant)
        fired = await self._fired(asked, now) if engine.board.has_rules or asked.job.plan.faults else ()
        request = read_head(scope, engine.settings.public_url)
        query = f"?{request.query}" if request.query else ""
        asset = read_asset(scope, asked.name, f"{request.base}{request.path}{query}", now)
        if fired:
            with await _opened(make, spec) as file:
                asset.size = file.seek(0, 2)
            change(asset, fired)
        if asset.other:
            spec = replace(spec, job_id="of-another", prompt="The clip of another job")
        with await _opened(make, spec) as file:
            sending = _plan(scope, file, kind, asset)
            status = sending.status if asset.status == 200 else asset.status
            noted = Response(status, headers(asset, sending.headers))
            engine.journal.note(
                request, noted, now, 0, provider=asked.job.provider, role="media", tenant=asked.job.tenant,
                job_id=asked.job.id, faults=tuple(one.cause for one in fired),
                response_size=sending.span.length,
            )  # fmt: skip
            if fired:
                content = await asyncio.to_thread(_cut_out, file, sending.span)
                asset.status = status
                await send_asset(send, asset, sending.headers, content, body=body)
            else:
                await _send_file(send, file, sending, body=body)

    async def _fired(self, asked: MediaRequest, now: int) -> Sequence[Fired]:
        faulting = self._engine.faulting
        subject = await faulting.media(asked.contract, asked.job, asked.name, now)
        rules: Sequence[Rule] = ()
        if "[mock:" in subject.prompt:
            from mockserver.faults.marked import prompt_rules

            rules = prompt_rules(subject.prompt).rules
        return await faulting.due(subject, rules)


async def _opened(make: Callable[[VideoSpec], Awaitable[Path]], spec: VideoSpec) -> BufferedReader:
    """The made file, open: from then on its eviction cuts nothing. One evicted before is made again."""
    path = await make(spec)
    try:
        return path.open("rb")
    except FileNotFoundError:
        return (await make(spec)).open("rb")


def _plan(scope: Scope, file: BufferedReader, kind: str, asset: Asset) -> Sending:
    """Status, headers but the length, and bytes: of the file, or of the range that is asked for."""
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
        return Sending(304, headers, Span(0, -1))
    text = asked.get(b"range") if asked.get(b"if-range", tag) == tag else None
    span = read_range(None if asset.ranges == "ignored" else text, size)
    if span == "behind" or (span != "whole" and asset.ranges == "refused"):
        return Sending(416, [*headers, ("content-range", f"bytes */{size}")], Span(0, -1))
    if span == "whole":
        return Sending(200, headers, Span(0, size - 1))
    return Sending(206, [*headers, ("content-range", f"bytes {span.first}-{span.last}/{size}")], span)


async def _send_file(send: Send, file: BufferedReader, sending: Sending, *, body: bool) -> None:
    length = [] if sending.status == 304 else [("content-length", str(sending.span.length))]
    await _start(send, sending.status, [*sending.headers, *length])
    await _stream(send, file, sending.span if body else Span(0, -1))


def _cut_out(file: BinaryIO, span: Span) -> bytes:
    file.seek(span.first)
    return file.read(span.length)


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
