"""The FastAPI application that the nouns join: every module here that has a `router`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from fastapi import APIRouter, FastAPI

from mockserver import __version__, control
from mockserver.control.access import AccessControl
from mockserver.control.problems import add_handlers
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.pipeline import Engine

PREFIX = "/__mock"


def control_app(engine: Engine) -> FastAPI:
    """Every noun's routes under /__mock. The pages FastAPI would add are left out: they need the network."""
    app = FastAPI(
        title="mockserver control plane",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.engine = engine
    app.state.steer = JobControl(engine)
    for router in _routers():
        app.include_router(router, prefix=PREFIX)
    add_handlers(app)
    app.add_middleware(AccessControl, settings=engine.settings)
    return app


def _routers() -> list[APIRouter]:
    names = [found.name for found in pkgutil.iter_modules(control.__path__) if found.name != "app"]
    modules = [import_module(f"{control.__name__}.{name}") for name in names]
    return [module.router for module in modules if hasattr(module, "router")]
