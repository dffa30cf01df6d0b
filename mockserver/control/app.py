"""The FastAPI application: it includes the router of every module in this room that has one."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from fastapi import APIRouter, FastAPI

from mockserver import __version__, control
from mockserver.control import page
from mockserver.control.access import AccessControl
from mockserver.control.bounds import Bounds
from mockserver.control.document import ControlApp
from mockserver.control.files import FindFile
from mockserver.control.problems import add_handlers
from mockserver.engine.admin.job_list import JobList
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.services import Services


def control_app(services: Services, callbacks: CallbackSender, find_file: FindFile) -> FastAPI:
    """Every noun's routes under /__mock, and the page at /. FastAPI's own pages need the network."""
    app = ControlApp(
        title="mockserver control plane",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.callbacks = callbacks
    app.state.find_file = find_file
    app.state.job_control = JobControl(services)
    app.state.job_list = JobList(services)
    # Not by include_router, which would read every signature again for each server of a process.
    app.router.routes.extend(route for router in (*_routers(), page.home) for route in router.routes)
    add_handlers(app)
    app.add_middleware(Bounds)
    app.add_middleware(AccessControl, settings=services.settings)
    # Here, in the thread that makes the app, and not in the event loop at the first request.
    app.middleware_stack = app.build_middleware_stack()
    return app


def _routers() -> list[APIRouter]:
    names = [info.name for info in pkgutil.iter_modules(control.__path__) if info.name != "app"]
    modules = [import_module(f"{control.__name__}.{name}") for name in names]
    return [module.router for module in modules if hasattr(module, "router")]
