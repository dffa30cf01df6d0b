"""Dependencies of the routes: the tenant that a request names, and the parts of the server.

They are coroutines that await nothing: FastAPI runs a plain function in another thread, on each request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request

from mockserver.engine.admin.job_list import JobList
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.services import Services


async def _tenant(
    request: Request,
    key: Annotated[str | None, Query(description="An API key; its tenant is meant.", min_length=1)] = None,
    tenant: Annotated[
        str | None, Query(description="A tenant: 32 hexadecimal digits.", pattern="^[0-9a-f]{32}$")
    ] = None,
) -> str:
    if key is not None and tenant is not None:
        raise HTTPException(422, "key and tenant name the same thing; give one")
    if key is None:
        return tenant or ""
    return (await _services(request)).callers.tenant(key)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _callbacks(request: Request) -> CallbackSender:
    callbacks: CallbackSender = request.app.state.callbacks
    return callbacks


async def _job_control(request: Request) -> JobControl:
    job_control: JobControl = request.app.state.job_control
    return job_control


async def _job_list(request: Request) -> JobList:
    job_list: JobList = request.app.state.job_list
    return job_list


Tenant = Annotated[str, Depends(_tenant)]
"""The tenant that `key=` or `tenant=` names; "" is everybody."""
TheServices = Annotated[Services, Depends(_services)]
TheCallbacks = Annotated[CallbackSender, Depends(_callbacks)]
TheJobControl = Annotated[JobControl, Depends(_job_control)]
TheJobList = Annotated[JobList, Depends(_job_list)]


def iso(moment: int) -> str:
    """A moment (Unix milliseconds) as people read it: 2030-01-31T10:00:00.000Z."""
    shown = datetime.fromtimestamp(moment / 1000, UTC)
    return shown.isoformat(timespec="milliseconds").replace("+00:00", "Z")
