"""What the store has that this server cannot read, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheServices
from mockserver.errors import NotFoundError

router = APIRouter(prefix=ROOT, tags=["unreadable"])


class UnreadableRow(BaseModel):
    """A document of a kind, or a job (kind `job`, name PROVIDER/ID), that was skipped, and why.

    `tenant` "" is everybody.
    """

    kind: str
    tenant: str
    name: str
    reason: str


class DroppedRecords(BaseModel):
    """How many documents and jobs are gone."""

    dropped: int


@router.get("/unreadable")
async def listing(tenant: Tenant, services: TheServices) -> list[UnreadableRow]:
    """What could not be read since the start, of a tenant or of all; a job is read when it is asked for."""
    await services.live_settings.refresh()
    return [UnreadableRow(**row._asdict()) for row in services.store.unreadable.of(tenant or None)]


@router.delete("/unreadable")
async def drop(
    tenant: Tenant,
    services: TheServices,
    kind: Annotated[str | None, Query(description="Only those of this kind.")] = None,
    name: Annotated[str | None, Query(description="Only the one of this name.")] = None,
) -> DroppedRecords:
    """Delete from the store what cannot be read, of a tenant or of all."""
    rows = [
        row
        for row in services.store.unreadable.of(tenant or None)
        if kind in (None, row.kind) and name in (None, row.name)
    ]
    if not rows and name is not None:
        raise NotFoundError(f"nothing unreadable is called {name!r}; GET /__mock/unreadable lists all")
    for row in rows:
        await services.store.drop_unreadable(row)
    return DroppedRecords(dropped=len(rows))
