"""The FastAPI application that the nouns join."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.requests import Request

from mockserver import __version__
from mockserver.control import contracts, health, index
from mockserver.engine.pipeline import Engine

PREFIX = "/__mock"


def control_app(engine: Engine) -> FastAPI:
    """Every noun's routes under /__mock. Its interactive pages are left out: they need the network."""
    app = FastAPI(
        title="mockserver control plane",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.engine = engine
    for noun in (index, health, contracts):
        app.include_router(noun.router, prefix=PREFIX)
    app.add_exception_handler(404, _unknown)
    return app


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    detail = getattr(error, "detail", "")
    said = detail if detail != "Not Found" else f"{request.url.path} is no noun of the control plane"
    body = {"type": "about:blank", "title": "Not found", "status": 404, "detail": f"{said}; see {PREFIX}"}
    return JSONResponse(body, 404, media_type="application/problem+json")
