"""Clients that are careless with files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from mockserver.kit.reference_client import LOST, ApiReply, BadResult, Json
from tests.kit.clients.base import Good


class KeyToMedia(Good):
    """It fetches files as it asks the API: with the key."""

    fails = frozenset({"request-plain", "result-redirect", "result-thumbnail", "secrets-media"})

    def media(self) -> httpx.AsyncClient:
        media = super().media()
        media.headers["authorization"] = f"Bearer {self.key}"
        return media


class StaleLink(Good):
    """It tries a link that has expired again and again, and never asks for a fresh one."""

    served = "aimlapi"
    fails = frozenset({"money-fresh-link"})

    async def _ask(self, *what: Any, again: Any = None, **more: Any) -> ApiReply:
        if len(what) > 2 and what[0] == "GET":
            again = {401, 403, 404, 410, 429, 500, LOST, -1}
        return await super()._ask(*what, **({} if again is None else {"again": again}), **more)


class KeepsTheHalf(Good):
    """A file that stops in the middle is whole to it."""

    served = "kkiai"
    fails = frozenset(
        {
            "money-many-hiccups",
            "result-cut",
            "result-cut-for-good",
            "result-cut-no-ranges",
            "result-cut-ranges-refused",
            "result-html-page",
            "result-html-page-for-good",
        }
    )

    async def _send(self, *what: Any) -> ApiReply:
        answer = await super()._send(*what)
        broken = len(what) == 5 and answer.status == LOST and what[3].exists() and what[3].stat().st_size
        return ApiReply(200, {"whole": True}) if broken else answer


class KeepsAnything(Good):
    """Whatever came with status 200 is the clip to it."""

    fails = frozenset({"result-html-page", "result-html-page-for-good", "result-zero-bytes"})

    async def _send(self, *what: Any) -> ApiReply:
        return await super()._send(*what[:4])


class WritesInPlace(Good):
    """It writes the output under its own name from the first byte on, and leaves it when it fails."""

    served = "aimlapi"
    fails = frozenset({"money-links-expired-for-good", "result-cut-for-good", "result-html-page-for-good"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        self.output = output
        await super()._collect(job_id, output, thumbnail)

    async def _send(self, *what: Any) -> ApiReply:
        answer = await super()._send(*what)
        if len(what) == 5:
            self.output.write_bytes(what[3].read_bytes() if what[3].exists() else b"")
        return answer


class LeavesItsHalf(Good):
    """What it could not finish lies beside the output."""

    served = "kkiai"
    fails = frozenset({"result-cut-for-good"})

    async def _send(self, *what: Any) -> ApiReply:
        answer = await super()._send(*what)
        if len(what) == 5 and answer.status == LOST and what[3].exists():
            (what[3].parent / "clip.mp4.tmp").write_bytes(what[3].read_bytes())
        return answer


class FetchesOnce(Good):
    """A fetch that fails is the end."""

    served = "kkiai"
    fails = frozenset(
        {
            "money-many-hiccups",
            "result-cut",
            "result-cut-no-ranges",
            "result-cut-ranges-refused",
            "result-html-page",
            "result-server-error",
            "result-wrong-length",
            "result-zero-bytes",
        }
    )

    async def _ask(self, *what: Any, **more: Any) -> ApiReply:
        return await (self._send(*what) if len(what) == 5 else super()._ask(*what, **more))


class StaysAtHome(Good):
    """It follows no redirect."""

    served = "aimlapi"
    fails = frozenset({"result-redirect"})

    def media(self) -> httpx.AsyncClient:
        media = super().media()
        media.follow_redirects = False
        return media


class InsistsOnTheStill(Good):
    """Without the thumbnail it wants no clip either."""

    fails = frozenset({"result-thumbnail-missing", "result-thumbnail-no-link"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        await super()._collect(job_id, output, thumbnail)
        if thumbnail and not Path(thumbnail).exists():
            output.unlink()
            raise BadResult("no thumbnail", job_id)


class ForgetsTheStill(Good):
    """It fetches no thumbnail, though one was asked for."""

    fails = frozenset({"result-thumbnail"})

    async def _collect(self, job_id: str, output: Path, thumbnail: Any) -> None:
        await super()._collect(job_id, output, None)


class BelievesTheType(Good):
    """It takes a file for a clip only where the content type says so."""

    served = "kkiai"
    fails = frozenset({"result-wrong-type"})

    def _answer(self, got: httpx.Response, content: bytes) -> ApiReply:
        video = got.headers.get("content-type", "").startswith(("video/", "application/json", "text/html"))
        return super()._answer(got, content if video else b"")


class OneLink(Good):
    """Of two links it does not know which to take."""

    served = "kkiai"
    fails = frozenset({"poll-several-links"})

    async def _watch(self, job_id: str) -> Json:
        body = await super()._watch(job_id)
        found = body.get("data", {}).get("task_result", {}).get("videos", [])
        if len(found) > 1:
            raise BadResult("two clips", job_id)
        return body
