"""Clients that are careless with files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from mockserver.kit.reference_client import LOST, ApiReply, ApiRequest, BadResult, Json
from tests.kit.clients.base import GoodClient


def written(request: ApiRequest) -> bytes:
    """What a download has written to its file."""
    return request.file.read_bytes() if request.file and request.file.exists() else b""


class KeyToMedia(GoodClient):
    """It fetches files as it asks the API: with the key."""

    fails = frozenset({"request-plain", "result-redirect", "secrets-media", "secrets-thumbnail"})

    def media(self) -> httpx.AsyncClient:
        media = super().media()
        media.headers["authorization"] = f"Bearer {self.key}"
        return media


class StaleLink(GoodClient):
    """It tries a link that has expired again and again, and never asks for a fresh one."""

    served = "aimlapi"
    fails = frozenset({"money-fresh-link"})

    async def _send_patiently(self, request: ApiRequest, again: Any = None, **more: Any) -> ApiReply:
        if request.file:
            again = {401, 403, 404, 410, 429, 500, LOST, -1}
        return await super()._send_patiently(request, **({} if again is None else {"again": again}), **more)


class EndsWithItsLink(GoodClient):
    """A link that has expired is to it a clip that is lost."""

    served = "kkiai"
    fails = frozenset({"result-expired-link"})

    async def _send_patiently(self, request: ApiRequest, **more: Any) -> ApiReply:
        reply = await super()._send_patiently(request, **more)
        return reply._replace(status=400) if request.file and reply.status == 403 else reply


class KeepsTheHalf(GoodClient):
    """A file that stops in the middle is whole to it."""

    served = "kkiai"
    fails = frozenset(
        {
            "result-cut",
            "result-cut-for-good",
            "result-cut-no-ranges",
            "result-cut-ranges-refused",
            "result-html-page",
            "result-html-page-for-good",
        }
    )

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if request.magic and answer.status == LOST and written(request):
            return ApiReply(200, {"whole": True})
        return answer


class KeepsAnything(GoodClient):
    """Whatever came with status 200 is the clip to it."""

    fails = frozenset({"result-html-page", "result-html-page-for-good", "result-zero-bytes"})

    async def _send(self, request: ApiRequest) -> ApiReply:
        return await super()._send(request._replace(magic=b""))


class WritesInPlace(GoodClient):
    """It writes the output under its own name from the first byte on, and leaves it when it fails."""

    served = "aimlapi"
    fails = frozenset({"result-cut-for-good", "result-html-page-for-good", "result-links-expired-for-good"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        self.output = output
        await super()._collect(job_id, output, thumbnail)

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if request.magic:
            self.output.write_bytes(written(request))
        return answer


class LeavesItsHalf(GoodClient):
    """What it could not finish lies beside the output."""

    served = "kkiai"
    fails = frozenset({"result-cut-for-good"})

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if request.file and request.magic and answer.status == LOST:
            (request.file.parent / "clip.mp4.tmp").write_bytes(written(request))
        return answer


class FetchesOnce(GoodClient):
    """A fetch that fails is the end."""

    served = "kkiai"
    fails = frozenset(
        {
            "result-cut",
            "result-cut-no-ranges",
            "result-cut-ranges-refused",
            "result-html-page",
            "result-server-error",
            "result-wrong-length",
            "result-zero-bytes",
        }
    )

    async def _send_patiently(self, request: ApiRequest, **more: Any) -> ApiReply:
        if request.magic:
            return await self._send(request)
        return await super()._send_patiently(request, **more)


class StaysAtHome(GoodClient):
    """It follows no redirect."""

    served = "aimlapi"
    fails = frozenset({"result-redirect"})

    def media(self) -> httpx.AsyncClient:
        media = super().media()
        media.follow_redirects = False
        return media


class InsistsOnTheStill(GoodClient):
    """Without the thumbnail it wants no clip either."""

    fails = frozenset({"result-thumbnail-missing", "result-thumbnail-no-link"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        await super()._collect(job_id, output, thumbnail)
        if thumbnail and not Path(thumbnail).exists():
            output.unlink()
            raise BadResult("no thumbnail", job_id)


class ForgetsTheStill(GoodClient):
    """It fetches no thumbnail, though one was asked for."""

    fails = frozenset({"result-thumbnail"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        await super()._collect(job_id, output, None)


class BelievesTheType(GoodClient):
    """It takes a file for a clip only where the content type says so."""

    served = "kkiai"
    fails = frozenset({"result-wrong-type"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        video = response.headers.get("content-type", "").startswith(
            ("video/", "application/json", "text/html")
        )
        return super()._reply(response, content if video else b"")


class OneLink(GoodClient):
    """Of two links it does not know which to take."""

    served = "kkiai"
    fails = frozenset({"poll-several-links"})

    async def _poll(self, job_id: str) -> Json:
        body = await super()._poll(job_id)
        videos = body.get("data", {}).get("task_result", {}).get("videos", [])
        if len(videos) > 1:
            raise BadResult("two clips", job_id)
        return body
