"""The files of jobs for whoever watches: no fault acts on them, and the journal does not have them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive

from mockserver.control import ROOT
from mockserver.engine.media import PlainFile
from mockserver.engine.media_links import PREFIX
from mockserver.errors import NotFoundError

router = APIRouter(prefix=ROOT, tags=["jobs"])
FindFile = Callable[[str, Receive], Awaitable[PlainFile | None]]
"""Finds the file of a media link's path; None where no job has it, or where the client has gone."""
_CHUNK: Final = 256 * 1024
_FILES: Final[dict[str, Any]] = {"content": {kind: {} for kind in ("video/mp4", "image/jpeg", "image/png")}}


@router.get(
    "/jobs/{provider}/{job_id}/files/{name}", response_class=StreamingResponse, responses={200: _FILES}
)
async def file(provider: str, job_id: str, name: str, request: Request) -> StreamingResponse:
    """A file of a finished job: `video.mp4`, `thumbnail.jpg`, or `image-0.png` of an image."""
    find_file: FindFile = request.app.state.find_file
    path = "/".join(quote(part, safe="") for part in (provider, job_id, name))
    plain_file = await find_file(PREFIX + path, request.receive)
    if plain_file is None:
        raise NotFoundError(f"{provider} {job_id} has no file {name!r}")
    size = os.fstat(plain_file.file.fileno()).st_size
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff", "content-length": f"{size}"}
    return StreamingResponse(_pieces(plain_file), media_type=plain_file.content_type, headers=headers)


def _pieces(plain_file: PlainFile) -> Iterator[bytes]:
    with plain_file.file as file:
        while piece := file.read(_CHUNK):
            yield piece
