"""The file of its job that an operation sends."""

from __future__ import annotations

from urllib.parse import quote

from mockserver.engine.media_links import FILES, PREFIX
from mockserver.engine.request_context import RequestContext


def has_file(context: RequestContext) -> bool:
    """Whether the job of a request has files."""
    return context.state is not None and context.state.phase == "succeeded"


def file_path(context: RequestContext) -> str:
    """The path of the media link to the file that the request names."""
    file, job = context.operation.file, context.job
    assert file is not None
    assert job is not None
    name = file.of.get(context.value_at(file.at)) or next(iter(file.of.values()))
    return f"{PREFIX}{job.provider}/{quote(job.id, safe='')}/{FILES[name]}"
