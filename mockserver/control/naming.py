"""How a request names whom it is about: by an API key, by a tenant, or nobody for everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request

from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.pipeline import Engine
from mockserver.jobs.ids import tenant_of


def _tenant(
    key: Annotated[str | None, Query(description="An API key; its tenant is meant.", min_length=1)] = None,
    tenant: Annotated[
        str | None, Query(description="A tenant: 32 hexadecimal digits.", pattern="^[0-9a-f]{32}$")
    ] = None,
) -> str:
    if key is not None and tenant is not None:
        raise HTTPException(422, "key and tenant name the same thing; give one")
    return tenant_of(key) if key is not None else tenant or ""


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def _steer(request: Request) -> JobControl:
    steer: JobControl = request.app.state.steer
    return steer


Tenant = Annotated[str, Depends(_tenant)]
"""The tenant that `key=` or `tenant=` names; "" is everybody."""
TheEngine = Annotated[Engine, Depends(_engine)]
TheSteer = Annotated[JobControl, Depends(_steer)]


def iso(moment: int) -> str:
    """A moment (Unix milliseconds) as people read it: 2030-01-31T10:00:00.000Z."""
    shown = datetime.fromtimestamp(moment / 1000, UTC)
    return shown.isoformat(timespec="milliseconds").replace("+00:00", "Z")
