"""Tenants: who has jobs here; reset, snapshot and restore."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from mockserver.control.dependencies import Tenant, TheJobControl, TheServices

router = APIRouter(tags=["tenants"])


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
async def tenants(services: TheServices) -> list[TenantRow]:
    """Every tenant that has anything in the store."""
    await services.live_settings.refresh()
    return [
        TenantRow(
            tenant=tenant,
            jobs={name: await services.store.count(tenant, name) for name in services.contracts},
            now=services.live_settings.now(tenant),
        )
        for tenant in await services.store.tenants()
    ]


@router.post("/tenants/reset")
async def reset(tenant: Tenant, services: TheServices, job_control: TheJobControl) -> ClearedTenant:
    """Delete a tenant's jobs, clock, quota and counts, or everybody's and the rules."""
    jobs = await job_control.reset(tenant)
    return ClearedTenant(tenant=tenant or None, jobs=jobs)


@router.get("/tenants/snapshot")
async def snapshot(tenant: Tenant, services: TheServices) -> JSONResponse:
    """Everything of a tenant as one JSON document for `restore`."""
    document = await services.store.dump(_require_tenant(tenant))
    headers = {"content-disposition": f'attachment; filename="mockserver-{tenant}.json"'}
    return JSONResponse(document, headers=headers)


@router.put("/tenants/snapshot")
async def restore(
    document: dict[str, Any], tenant: Tenant, services: TheServices, job_control: TheJobControl
) -> RestoredTenant:
    """Replace everything of the tenant by a snapshot, of this tenant or another."""
    try:
        await services.store.restore(_require_tenant(tenant), document)
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(422, f"this is not a snapshot: {error}") from None
    await services.live_settings.load()
    services.answering.forget()
    services.changes.notify()
    return RestoredTenant(tenant=tenant, jobs=len(await job_control.jobs(tenant)))


def _require_tenant(tenant: str) -> str:
    if not tenant:
        raise HTTPException(422, "name a tenant: key=API_KEY or tenant=HASH")
    return tenant
