"""Tenants: who has jobs here; reset, snapshot and restore."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from mockserver.control.naming import Tenant, TheEngine, TheSteer
from mockserver.engine.admin.jobs import wake

router = APIRouter(tags=["tenants"])


class TenantRow(BaseModel):
    """A tenant (the hash of its key), its jobs by provider, and its clock in Unix milliseconds."""

    tenant: str
    jobs: dict[str, int]
    now: int


class ClearedTenant(BaseModel):
    """How many jobs were forgotten; `tenant` null: everybody's."""

    tenant: str | None
    jobs: int


class RestoredTenant(BaseModel):
    """How many jobs the tenant has now."""

    tenant: str
    jobs: int


@router.get("/tenants")
async def tenants(engine: TheEngine) -> list[TenantRow]:
    """Every tenant that has left anything in the store."""
    await engine.board.refresh()
    return [
        TenantRow(
            tenant=tenant,
            jobs={name: await engine.store.count(tenant, name) for name in engine.contracts},
            now=engine.board.now(tenant),
        )
        for tenant in await engine.store.tenants()
    ]


@router.post("/tenants/reset")
async def reset(tenant: Tenant, engine: TheEngine, steer: TheSteer) -> ClearedTenant:
    """Forget a tenant's jobs, clock, quota and counts, or everybody's and the rules with them."""
    jobs = await steer.reset(tenant)
    return ClearedTenant(tenant=tenant or None, jobs=jobs)


@router.get("/tenants/snapshot")
async def snapshot(tenant: Tenant, engine: TheEngine) -> JSONResponse:
    """Everything the store has of a tenant, as one JSON document for `restore`."""
    document = await engine.store.dump(_one(tenant))
    headers = {"content-disposition": f'attachment; filename="mockserver-{tenant}.json"'}
    return JSONResponse(document, headers=headers)


@router.put("/tenants/snapshot")
async def restore(
    document: dict[str, Any], tenant: Tenant, engine: TheEngine, steer: TheSteer
) -> RestoredTenant:
    """Put a snapshot in place of everything the tenant had; another tenant's snapshot will do."""
    try:
        await engine.store.restore(_one(tenant), document)
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(422, f"this is no snapshot: {error}") from None
    await engine.board.load()
    engine.forget()
    wake(engine.wake)
    return RestoredTenant(tenant=tenant, jobs=len(await steer.jobs(tenant)))


def _one(tenant: str) -> str:
    if not tenant:
        raise HTTPException(422, "name a tenant: key=API_KEY or tenant=HASH")
    return tenant
