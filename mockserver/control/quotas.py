"""Quotas: how much a tenant may ask for. They are counted on its clock and refused as the provider would."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheServices
from mockserver.engine.documents.live import LONGEST_WINDOW, SHORTEST_WINDOW, Quota
from mockserver.numerals import MOST

router = APIRouter(prefix=ROOT, tags=["quotas"])


class QuotaLimits(BaseModel):
    """Requests in a window of seconds, unfinished jobs at a time, credits in all; null is no limit.

    `parallel` and `credits` count for each provider by itself, `parallel` for each model where the contract
    says so.
    """

    model_config = ConfigDict(extra="forbid")
    requests: int | None = Field(None, ge=0, le=MOST)
    window: float = Field(60.0, ge=SHORTEST_WINDOW, le=LONGEST_WINDOW)
    parallel: int | None = Field(None, ge=0, le=MOST)
    credits: float | None = Field(None, ge=0, le=MOST)


class QuotaShown(BaseModel):
    """The quota in force for a tenant, or everybody; null is none."""

    tenant: str | None
    quota: QuotaLimits | None


@router.get("/quotas")
async def show(tenant: Tenant, services: TheServices) -> QuotaShown:
    """The quota of a tenant; without its own, everybody's."""
    await services.live_settings.refresh()
    quota = services.live_settings.quota(tenant)
    limits = None if quota is None else QuotaLimits(**quota._asdict())
    return QuotaShown(tenant=tenant or None, quota=limits)


@router.put("/quotas")
async def limit(limits: QuotaLimits, tenant: Tenant, services: TheServices) -> QuotaShown:
    """Limit a tenant, or everybody."""
    await services.live_settings.refresh()
    await services.live_settings.set_quota(tenant, Quota(**limits.model_dump()))
    return QuotaShown(tenant=tenant or None, quota=limits)


@router.delete("/quotas")
async def lift(tenant: Tenant, services: TheServices) -> QuotaShown:
    """Lift a tenant's own limit, or everybody's."""
    await services.live_settings.set_quota(tenant, None)
    return await show(tenant, services)
