"""Quotas: how much a tenant may ask for. They are counted on its clock and refused as the provider would."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control.naming import Tenant, TheEngine
from mockserver.engine.live_settings import Quota

router = APIRouter(tags=["quotas"])


class QuotaLimits(BaseModel):
    """Requests in a window of seconds, unfinished jobs at a time, credits in all; null is no limit.

    `parallel` and `credits` count for each provider by itself.
    """

    model_config = ConfigDict(extra="forbid")
    requests: int | None = Field(None, ge=0)
    window: float = Field(60.0, gt=0, le=31_622_400)
    parallel: int | None = Field(None, ge=0)
    credits: float | None = Field(None, ge=0)


class QuotaShown(BaseModel):
    """The quota in force for a tenant, or everybody; null is none."""

    tenant: str | None
    quota: QuotaLimits | None


@router.get("/quotas")
async def show(tenant: Tenant, engine: TheEngine) -> QuotaShown:
    """What limits a tenant; without its own, everybody's."""
    await engine.board.refresh()
    quota = engine.board.quota(tenant)
    limits = QuotaLimits(**quota._asdict()) if quota is not None else None
    return QuotaShown(tenant=tenant or None, quota=limits)


@router.put("/quotas")
async def limit(what: QuotaLimits, tenant: Tenant, engine: TheEngine) -> QuotaShown:
    """Limit a tenant, or everybody."""
    await engine.board.refresh()
    await engine.board.set_quota(tenant, Quota(**what.model_dump()))
    return QuotaShown(tenant=tenant or None, quota=what)


@router.delete("/quotas")
async def lift(tenant: Tenant, engine: TheEngine) -> QuotaShown:
    """Lift a tenant's own limit, or everybody's."""
    await engine.board.refresh()
    await engine.board.set_quota(tenant, None)
    return await show(tenant, engine)
