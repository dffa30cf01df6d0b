"""This API as a page that needs no network."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from mockserver.control import ROOT
from mockserver.control.docs_page import page

router = APIRouter(prefix=ROOT, tags=["docs"])
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """The documentation of this API as a page. A browser asks for the token as a password."""
    headers = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}
    return HTMLResponse(page(request.app.openapi(), str(request.base_url).rstrip("/")), headers=headers)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The OpenAPI document. FastAPI's own route makes it in the event loop, which takes a second."""
    return JSONResponse(request.app.openapi())
