"""Usage: calls, jobs, and what they would have cost by the contract's price table."""

from __future__ import annotations

from collections import Counter, defaultdict

from fastapi import APIRouter
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheJobList, TheServices
from mockserver.engine.counting import count_states, group_cost, measure_jobs, patiently
from mockserver.engine.services import Services

router = APIRouter(prefix=ROOT, tags=["usage"])


class UsageRow(BaseModel):
    """What one tenant had of one provider.

    `calls` by role since this process started, of the last 2,000 keys by themselves and of the rest as tenant
    `others`; `jobs` by state and `cost` of those in the store, finished or
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
    tenant: Tenant, services: TheServices, job_list: TheJobList, provider: str | None = None
) -> list[UsageRow]:
    """What a tenant, or everybody, has used."""
    calls = _calls_by_role(services)
    states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    costs: defaultdict[tuple[str, str], float] = defaultdict(float)
    units: dict[tuple[str, str], str] = {}
    for contract in services.contracts.values():
        if provider in (None, contract.provider):
            await measure_jobs(services.store, contract)
    await services.live_settings.refresh()
    async for group in patiently(await job_list.groups(tenant, provider)):
        key, contract = (group.tenant, group.provider), services.contracts[group.provider]
        now = services.live_settings.now(group.tenant)
        for word, number in (await count_states(services.store.tally, group, now)).items():
            states[key][word.state] += number
        costs[key] += group_cost(contract, group)
        model = contract.models.get(group.model)
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
    for tenant, counts in services.usage.by_tenant():
        for (provider, role), count in counts.items():
            calls[tenant, provider][role] = count
    return calls
