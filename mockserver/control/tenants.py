"""Tenants: who has jobs here; reset, snapshot and restore."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from tempfile import TemporaryFile, gettempdir
from typing import Any, BinaryIO, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheJobControl, TheJobList, TheServices
from mockserver.engine.admin.job_list import JobFilter
from mockserver.engine.admin.snapshots import restore_snapshot, write_snapshot
from mockserver.errors import StoreError
from mockserver.settings import MIB

router = APIRouter(prefix=ROOT, tags=["tenants"])
_JSON: Final = {"content": {"application/json": {"schema": {"type": "object"}}}}
_SNAPSHOT: Final[dict[int | str, dict[str, Any]]] = {200: _JSON}
_SNAPSHOT_BODY: Final = {"requestBody": {"required": True, **_JSON}}


class TenantRow(BaseModel):
    """A tenant (the hash of its key), its jobs by provider, and its clock in Unix milliseconds."""

    tenant: str
    jobs: dict[str, int]
    now: int


class ClearedTenant(BaseModel):
    """How many jobs were deleted; `tenant` null: everybody's."""

    tenant: str | None
    jobs: int


class RestoredTenant(BaseModel):
    """How many jobs the tenant has now."""

    tenant: str
    jobs: int


@router.get("/tenants")
async def tenants(services: TheServices, job_list: TheJobList) -> list[TenantRow]:
    """Every tenant that has anything in the store."""
    await services.live_settings.refresh()
    numbers: Counter[tuple[str, str]] = Counter()
    for group in await job_list.groups():
        numbers[group.tenant, group.provider] += group.number
    return [
        TenantRow(
            tenant=tenant,
            jobs={name: numbers[tenant, name] for name in services.contracts},
            now=services.live_settings.now(tenant),
        )
        for tenant in await services.store.tenants()
    ]


@router.post("/tenants/reset")
async def reset(tenant: Tenant, services: TheServices, job_control: TheJobControl) -> ClearedTenant:
    """Delete a tenant's jobs, clock, quota and counts, or everybody's and the rules."""
    jobs = await job_control.reset(tenant)
    return ClearedTenant(tenant=tenant or None, jobs=jobs)


@router.get("/tenants/snapshot", response_class=StreamingResponse, responses=_SNAPSHOT)
async def snapshot(tenant: Tenant, services: TheServices) -> StreamingResponse:
    """Everything of a tenant as one JSON document for `restore`; what cannot be read is left out."""
    pieces = write_snapshot(services, _require_tenant(tenant))
    # What goes wrong before the first piece is still a problem of its own.
    first = await anext(pieces)
    headers = {"content-disposition": f'attachment; filename="mockserver-{tenant}.json"'}
    return StreamingResponse(_after(first, pieces), headers=headers, media_type="application/json")


async def _after(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece


@router.put("/tenants/snapshot", openapi_extra=_SNAPSHOT_BODY)
async def restore(
    request: Request, tenant: Tenant, services: TheServices, job_list: TheJobList
) -> RestoredTenant:
    """Replace everything of the tenant by a snapshot, of this tenant or another, or change nothing."""
    _require_tenant(tenant)
    try:
        with TemporaryFile(prefix="mockserver-snapshot-") as file:
            await _receive(request, file)
            await restore_snapshot(services, tenant, file)
    except OSError as error:
        raise StoreError(f"the snapshot finds no room in {gettempdir()}: {error.strerror}") from None
    return RestoredTenant(tenant=tenant, jobs=await job_list.count(JobFilter(tenant)))


async def _receive(request: Request, file: BinaryIO) -> None:
    """Write the body to a file, in a thread, as the disk may be slow."""
    waiting: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        waiting.append(chunk)
        size += len(chunk)
        if size >= MIB:
            await asyncio.to_thread(file.writelines, waiting)
            waiting, size = [], 0
    file.writelines(waiting)
    file.seek(0)


def _require_tenant(tenant: str) -> str:
    if not tenant:
        raise HTTPException(422, "name a tenant: key=API_KEY or tenant=HASH")
    return tenant
