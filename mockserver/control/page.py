"""The page at /, and its files. They say nothing of this server: what the page shows it asks for by token."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from mockserver.control import ROOT
from mockserver.errors import NotFoundError

router = APIRouter(prefix=ROOT, tags=["page"])
home = APIRouter(tags=["page"])
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing runs or is loaded but the page's own files; clips are blobs, as their request needs the token.

Nothing can become markup: a browser that knows trusted types refuses what would make some of a text.
"""
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}
_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
_START: Final = "page.html"


@home.get("/", response_class=Response)
def page() -> Response:
    """The page for people; it asks for the token, or has it behind the # of its link."""
    return _answer(_START)


@router.get("/page/{name}", response_class=Response)
def page_file(name: str) -> Response:
    """A script, a style or the icon of the page."""
    return _answer(name)


def _answer(name: str) -> Response:
    content = _contents().get(name)
    if content is None:
        raise NotFoundError(f"the page has no file {name!r}")
    return Response(content, media_type=_KINDS[name.rpartition(".")[2]], headers=_HEADERS)


@cache
def _contents() -> dict[str, bytes]:
    """The files by their names."""
    folder = files("mockserver.control") / "page_files"
    entries = [entry for entry in folder.iterdir() if entry.name.rpartition(".")[2] in _KINDS]
    return {entry.name: entry.read_bytes() for entry in entries}
