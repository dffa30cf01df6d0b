"""From a request for a clip or thumbnail to the file and how to send it: /media/PROVIDER/JOB/video.mp4.

A media link needs no key, as at the providers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from io import BufferedReader
from typing import Final, NamedTuple, Protocol
from urllib.parse import unquote

from mockserver.contract.formats import Measure
from mockserver.contract.model import Contract
from mockserver.engine.clip import MOST_IMAGES, going_on, has_large_pictures, images, video_spec
from mockserver.engine.faulting.apply import change_asset
from mockserver.engine.faulting.select import FaultSelector, Fired
from mockserver.engine.journal.delivery import of_asset
from mockserver.engine.media_links import PREFIX
from mockserver.engine.message import Header, Request, Response, problem, unavailable
from mockserver.engine.query import TooManyFields, read_fields
from mockserver.engine.services import Services
from mockserver.engine.sources import origin
from mockserver.engine.uploads import links_in
from mockserver.errors import MediaError, StoreError
from mockserver.faults.seams import Asset
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.media.spec import VideoSpec, small
from mockserver.numerals import MOST, whole_number
from mockserver.terms import RequestRole

MOST_LARGE: Final = 8
"""Requests for clips with large pictures that hold these, some 25 MB each: all others wait before that."""


class ClipCache(Protocol):
    """Makes the files of clips, and keeps them as long as it likes. Raises MediaError.

    It gives a file open, and whoever asked closes it.
    """

    async def video(self, spec: VideoSpec) -> BufferedReader:
        """The clip's file."""

    async def thumbnail(self, spec: VideoSpec) -> BufferedReader:
        """The file of the clip's first frame."""

    async def image(self, spec: VideoSpec) -> BufferedReader:
        """The file of an image."""


class MediaKind(NamedTuple):
    """One of a job's files: its name among the faults, its content type, and how it is made.

    `number` is that of an image, from 1.
    """

    name: str
    content_type: str
    make: Callable[[VideoSpec], Awaitable[BufferedReader]]
    watermark: bool = False
    number: int = 0


class MediaTarget(NamedTuple):
    """What a media link leads to: a file of a job that has succeeded, what it shows, and its faults.

    The job is without its request, which may be large. `now` is Unix milliseconds by its tenant's clock.
    """

    job: Job
    kind: MediaKind
    spec: VideoSpec
    now: int
    faults: Sequence[Fired]


class MediaReply(NamedTuple):
    """A file to send, and the `asset` that says how.

    `file` is open, so its eviction cuts nothing; whoever has the reply closes it. `faults` are the names
    of those that act on it; `now` is Unix milliseconds by the clock of the job's tenant.
    """

    request: Request
    role: RequestRole
    job: Job
    now: int
    content_type: str
    file: BufferedReader
    asset: Asset
    faults: Sequence[str]


class PlainFile(NamedTuple):
    """A file of a job: its content type, and the file, open. Whoever has it closes it."""

    content_type: str
    file: BufferedReader


class MediaPipeline:
    """Answers the requests for jobs' files, each of which is made when it is first fetched."""

    def __init__(
        self, services: Services, fault_selector: FaultSelector, cache: ClipCache, measure: Measure
    ) -> None:
        self._services = services
        self._fault_selector = fault_selector
        self._measure = measure
        self._large = asyncio.Semaphore(MOST_LARGE)
        numbers = range(1, MOST_IMAGES + 1)
        kinds = [MediaKind("image", "image/png", cache.image, number=number) for number in numbers]
        self._kinds: Mapping[str, MediaKind] = {
            **{f"image-{kind.number - 1}.png": kind for kind in kinds},
            **{f"watermarked-{kind.number - 1}.png": kind._replace(watermark=True) for kind in kinds},
            "video.mp4": MediaKind("video", "video/mp4", cache.video),
            "watermarked.mp4": MediaKind("watermarked", "video/mp4", cache.video, watermark=True),
            "thumbnail.jpg": MediaKind("thumbnail", "image/jpeg", cache.thumbnail),
        }

    async def handle(self, request: Request, path: str = "") -> MediaReply | Response:
        """The file that is asked for, or the response that refuses it.

        `path` is that of the media link where the request is one of a provider's own.
        """
        if request.method not in ("GET", "HEAD"):
            response = problem(405, "Method not allowed", "a media link takes GET and HEAD")
            response.headers.append((b"allow", b"GET, HEAD"))
            return response
        try:
            fields = {} if path else read_fields(request.query)
        except TooManyFields as error:
            return problem(400, "The request makes no sense", str(error))
        try:
            async with self._large if await self._has_large_pictures(path or request.path) else nullcontext():
                return await self._reply(request, path, fields)
        except MediaError as error:
            return unavailable("The clip could not be made", str(error))
        except StoreError as error:
            return problem(507, "The store failed", str(error))

    async def plain(self, path: str) -> PlainFile | None:
        """The file of a media link's path as it is, without faults: for whoever watches, and is no client.

        None where no job has it. Raises MediaError and StoreError.
        """
        async with self._large if await self._has_large_pictures(path) else nullcontext():
            target = await self._find(path, watched=True)
            if target is None:
                return None
            return PlainFile(target.kind.content_type, await target.kind.make(target.spec))

    def note(self, reply: MediaReply, status: int, headers: list[Header], size: int) -> None:
        """Note in the journal that the reply is sent: its status, its headers, and the bytes of its body."""
        job = reply.job
        self._services.journal.record(
            reply.request, Response(status, headers), reply.now, provider=job.provider, role=reply.role,
            tenant=job.tenant, job_id=job.id, faults=reply.faults, response_size=size,
            delivery=of_asset(reply.asset, size),
        )  # fmt: skip

    async def _has_large_pictures(self, path: str) -> bool:
        provider, job_id, _ = _names(path)
        contract = self._services.contracts.get(provider)
        if contract is None:
            return False
        job = await self._services.store.get_for_any_tenant(provider, job_id)
        if job is None:
            return False
        first = await origin(self._services.store, contract, job)
        return has_large_pictures(contract, first) or any(links_in(first.request))

    async def _find(self, path: str, *, watched: bool = False) -> MediaTarget | None:
        """The file that a path names, of a job that has succeeded. Who only watches meets no fault."""
        provider, job_id, name = _names(path)
        contract, kind = self._services.contracts.get(provider), self._kinds.get(name)
        if contract is None or kind is None:
            return None
        job = await self._services.store.get_for_any_tenant(provider, job_id)
        if job is None or not _makes(contract, job, kind):
            return None
        live_settings = self._services.live_settings
        await live_settings.refresh()
        if state_at(job, latest(job, live_settings.now(job.tenant))).phase != "succeeded":
            return None
        first = await origin(self._services.store, contract, job)
        first = first._replace(request=await self._services.uploads.shown_in(first.request))
        if has_large_pictures(contract, first):
            spec = await asyncio.to_thread(self._spec, contract, first, job, kind)
        else:
            spec = self._spec(contract, first, job, kind)
        now = live_settings.now(job.tenant)
        faults = () if watched else await self._fault_selector.select_media(contract, job, name, now)
        return MediaTarget(job._replace(request={}), kind, spec, now, faults)

    async def _reply(
        self, request: Request, path: str, fields: Mapping[str, Sequence[str]]
    ) -> MediaReply | Response:
        target = await self._find(path or request.path)
        if target is None:
            return problem(404, "No such file", "no finished job has this media link")
        job, kind, spec, now, faults = target
        asset = _asset(request, fields, kind, now)
        if faults:
            with await kind.make(spec) as file:
                asset.size = file.seek(0, 2)
            change_asset(asset, faults)
        if asset.other:
            spec = replace(spec, job_id="of-another", prompt="The clip of another job")
        causes = tuple(fired.cause for fired in faults)
        role: RequestRole = "content" if path else "media"
        return MediaReply(request, role, job, now, kind.content_type, await kind.make(spec), asset, causes)

    def _spec(self, contract: Contract, first: Job, job: Job, kind: MediaKind) -> VideoSpec:
        """What the file of a job shows that goes on from `first`, which may be itself."""
        spec = video_spec(contract, first, self._measure, watermark=kind.watermark, number=kind.number)
        if job.id != first.id:
            spec = going_on(spec, contract, job)
        if self._services.settings.small_clips:
            spec = small(spec)
        return replace(spec, plain=self._services.settings.plain_clips)


def _makes(contract: Contract, job: Job, kind: MediaKind) -> bool:
    """Whether the job makes a file of that kind: a clip with its thumbnail, or so many images."""
    count = images(contract, job)
    return kind.number <= count if kind.number else not count


def _names(path: str) -> tuple[str, str, str]:
    """Provider, job and file of a media link; empty names where it is none."""
    names = [unquote(part) for part in path.removeprefix(PREFIX).split("/")]
    if len(names) != 3:
        return "", "", ""
    return names[0], names[1], names[2]


def _asset(request: Request, fields: Mapping[str, Sequence[str]], kind: MediaKind, now: int) -> Asset:
    """What is asked for: which file, by which of its job's links, and how long ago that was shown."""
    link, shown = _number(fields.get("link")), _number(fields.get("shown"))
    age = None if shown is None else max(0, now - shown) / 1000
    return Asset(kind.name, url=request.url, link=link, age=age)


def _number(values: Sequence[str] | None) -> int | None:
    number = whole_number(values[0]) if values else None
    return None if number == MOST else number
