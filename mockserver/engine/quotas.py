"""Whether a tenant may do what it asks, by its quota; everything is counted in the store, on its clock."""

from __future__ import annotations

from mockserver.contract.model import Contract, Model
from mockserver.engine import clip
from mockserver.engine.admission import Refusal
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.request_context import RequestContext
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.stores.base import Store


async def spend(board: LiveSettings, store: Store, call: RequestContext) -> None:
    """Count the call against its tenant's quota. Raises Refusal where it is used up."""
    quota = board.quota(call.tenant)
    if quota is None:
        return
    if quota.requests is not None:
        window = int(call.now // (quota.window * 1000))
        if await store.number(call.tenant, f"window/{window}") > quota.requests:
            raise _refuse(call, "limited", f"{quota.requests} requests in {quota.window:g} s are used up")
    if call.operation.role != "submit" or (quota.parallel is None and quota.credits is None):
        return
    jobs = await store.list(call.tenant, call.contract.provider, limit=None)
    running = sum(not state_at(job, latest(job, call.now)).ended for job in jobs)
    if quota.parallel is not None and running >= quota.parallel:
        raise _refuse(call, "busy", f"{running} jobs are running, {quota.parallel} are allowed at a time")
    if quota.credits is not None:
        spent = sum(cost(call.contract, job) for job in jobs)
        if spent >= quota.credits:
            raise _refuse(call, "unpaid", f"{spent:g} of {quota.credits:g} credits are used up")


def _refuse(call: RequestContext, when: str, message: str) -> Refusal:
    for name in (when, "limited"):
        if name in call.operation.answers:
            return Refusal(name, message, (message,))
    return Refusal("invalid", message, (message,))


def cost(contract: Contract, job: Job) -> float:
    """What the job would have cost by the contract's price table; 0 where it has no price."""
    model: Model | None = contract.models.get(job.model)
    if model is None or model.price is None:
        return 0.0
    units = clip.seconds(contract, job) if model.price.per == "second" else 1.0
    return model.price.amount * units
