"""Usage: calls, jobs, and what they would have cost by the contract's price table."""

from __future__ import annotations

from collections import Counter, defaultdict

from fastapi import APIRouter
from pydantic import BaseModel

from mockserver.control.naming import Tenant, TheJobControl, TheServices
from mockserver.engine.quotas import cost

router = APIRouter(tags=["usage"])


class UsageRow(BaseModel):
    """What one tenant had of one provider.

    `calls` by role since this process started; `jobs` by state and `cost` of those in the store, finished or
    not. `unit` is what the price table counts in; null where no model that was used has a price.
    """

    tenant: str
    provider: str
    calls: dict[str, int]
    jobs: dict[str, int]
    cost: float
    unit: str | None


@router.get("/usage")
async def usage(
    tenant: Tenant, services: TheServices, job_control: TheJobControl, provider: str | None = None
) -> list[UsageRow]:
    """What a tenant, or everybody, has used."""
    calls: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (owner, name, role), count in services.usage.items():
        calls[owner, name][role] = count
    states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    costs: Counter[tuple[str, str]] = Counter()
    units: dict[tuple[str, str], str] = {}
    for job, _, state in await job_control.jobs(tenant, provider):
        key, contract = (job.tenant, job.provider), services.contracts[job.provider]
        states[key][state.word] += 1
        costs[key] += cost(contract, job)  # type: ignore[assignment]
        model = contract.models.get(job.model)
        if model is not None and model.price is not None:
            units[key] = model.price.unit
    return [
        UsageRow(
            tenant=who,
            provider=name,
            calls=calls.get((who, name), {}),
            jobs=dict(states.get((who, name), {})),
            cost=round(costs[who, name], 6),
            unit=units.get((who, name)),
        )
        for who, name in sorted(calls.keys() | states.keys())
        if (not tenant or who == tenant) and provider in (None, name)
    ]
