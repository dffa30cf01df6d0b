"""Usage: calls, jobs, and what they would have cost by the contract's price table."""

from __future__ import annotations

from collections import Counter, defaultdict

from fastapi import APIRouter
from pydantic import BaseModel

from mockserver.control.dependencies import Tenant, TheJobControl, TheServices
from mockserver.engine.quotas import cost
from mockserver.engine.services import Services

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
    calls = _calls_by_role(services)
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
            tenant=owner,
            provider=name,
            calls=calls.get((owner, name), {}),
            jobs=dict(states.get((owner, name), {})),
            cost=round(costs[owner, name], 6),
            unit=units.get((owner, name)),
        )
        for owner, name in sorted(calls.keys() | states.keys())
        if (not tenant or owner == tenant) and provider in (None, name)
    ]


def _calls_by_role(services: Services) -> dict[tuple[str, str], dict[str, int]]:
    """Calls by role, of each tenant and provider."""
    calls: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (tenant, provider, role), count in services.usage.items():
        calls[tenant, provider][role] = count
    return calls
