"""Whatever goes wrong under /__mock is said as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mockserver.errors import Conflict, DuplicateJob, MockserverError, NotFoundError, StoreError

KIND = "application/problem+json"
_TITLES = (
    (NotFoundError, 404, "Not Found"),
    (Conflict, 409, "Too late"),
    (DuplicateJob, 409, "That job is there already"),
    (StoreError, 507, "The store failed"),
)
_log = logging.getLogger("mockserver")


def problem_response(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem as a response."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type=KIND)


def add_handlers(app: FastAPI) -> None:
    """Make `app` say every error as a problem."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(MockserverError, _ours)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, title = error.detail, HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.NOT_FOUND and detail == title:
        detail = f"{request.url.path} is no noun of the control plane; see /__mock"
    response = problem_response(error.status_code, title, detail)
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return problem_response(422, "The request makes no sense", "; ".join(said), violations=said)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    for kind, status, title in _TITLES:
        if isinstance(error, kind):
            return problem_response(status, title, str(error))
    return problem_response(422, "The request makes no sense", str(error))


async def _failed(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(500, "The mock server failed", "its log says more; please report it")
