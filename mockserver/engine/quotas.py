"""Quotas: what a tenant may use. Everything is counted in the store, on the tenant's clock.

A submit under a quota lists all of the tenant's jobs, which is enough for tests.
"""

from __future__ import annotations

from mockserver.contract.model import Contract, Model
from mockserver.engine import clip
from mockserver.engine.admission import Refusal
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.request_context import RequestContext
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.stores.base import Store


async def charge_quota(live_settings: LiveSettings, store: Store, context: RequestContext) -> None:
    """Count the request against its tenant's quota. Raises Refusal where it is used up."""
    quota = live_settings.quota(context.tenant)
    if quota is None:
        return
    if quota.requests is not None:
        window = int(context.now // (quota.window * 1000))
        if await store.increment(context.tenant, f"window/{window}") > quota.requests:
            raise _refusal(context, "limited", f"{quota.requests} requests in {quota.window:g} s are used up")
    if context.operation.role != "submit" or (quota.parallel is None and quota.credits is None):
        return
    jobs = await store.list(context.tenant, context.contract.provider, limit=None)
    running = sum(not state_at(job, latest(job, context.now)).ended for job in jobs)
    if quota.parallel is not None and running >= quota.parallel:
        raise _refusal(context, "busy", f"{running} jobs are running, {quota.parallel} are allowed at a time")
    if quota.credits is not None:
        spent = sum(cost(context.contract, job) for job in jobs)
        if spent >= quota.credits:
            raise _refusal(context, "unpaid", f"{spent:g} of {quota.credits:g} credits are used up")


def _refusal(context: RequestContext, when: str, message: str) -> Refusal:
    for name in (when, "limited"):
        if name in context.operation.answers:
            return Refusal(name, message, (message,))
    return Refusal("invalid", message, (message,))


def cost(contract: Contract, job: Job) -> float:
    """The job's cost by the contract's price table; 0 where its model has no price."""
    model: Model | None = contract.models.get(job.model)
    if model is None or model.price is None:
        return 0.0
    units = clip.seconds(contract, job) if model.price.per == "second" else 1.0
    return model.price.amount * units
