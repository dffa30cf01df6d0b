"""Every error under /__mock is answered as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mockserver.errors import Conflict, DuplicateJob, MediaError, MockserverError, NotFoundError, StoreError

KIND = "application/problem+json"
_TITLES = (
    (NotFoundError, 404, "Not Found"),
    (Conflict, 409, "Too late"),
    (DuplicateJob, 409, "That job is there already"),
    (StoreError, 507, "The store failed"),
    (MediaError, 503, "The clip could not be made"),
)
_log = logging.getLogger("mockserver")


class Problem(BaseModel):
    """What is wrong, as RFC 9457 has it; `violations` are what is wrong with each part of the request."""

    type: str
    title: str
    status: int
    detail: str
    violations: list[str] = []


def problem_response(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem as a response."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type=KIND)


def add_handlers(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(MockserverError, _known_error)
    app.add_exception_handler(Exception, _unexpected_error)


async def _http_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, title = error.detail, HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.NOT_FOUND and detail == title:
        detail = f"{request.url.path} is no noun of the control plane; see /__mock"
    response = problem_response(error.status_code, title, detail)
    response.headers.update(error.headers or {})
    return response


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    violations = [
        f"{'.'.join(map(str, violation['loc']))}: {violation['msg']}" for violation in error.errors()
    ]
    return problem_response(422, "The request makes no sense", "; ".join(violations), violations=violations)


async def _known_error(request: Request, error: Exception) -> JSONResponse:
    for kind, status, title in _TITLES:
        if isinstance(error, kind):
            return problem_response(status, title, str(error))
    return problem_response(422, "The request makes no sense", str(error))


async def _unexpected_error(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(500, "The mock server failed", "its log says more; please report it")
