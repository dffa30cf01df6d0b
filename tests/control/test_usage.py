"""Usage, row by row: whose it is, in which states its jobs are now, and what they cost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mockserver.app import make_services
from mockserver.contract.model import Price
from mockserver.control.usage import UsageRow, usage
from mockserver.engine.admin.job_list import JobList
from mockserver.engine.services import Services
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings
from mockserver.stores.memory import MemoryStore
from tests.engine.callbacks.test_sender import Scene, contract, job_of
from tests.serving import START

ROWS = {("ann", "kkiai"), ("ann", "gmicloud"), ("bob", "kkiai")}


async def rows(services: Services, tenant: str = "", provider: str | None = None) -> list[UsageRow]:
    """The usage of a tenant, or of everybody."""
    return await usage(tenant, services, JobList(services), provider)


def row_of_a_job(price: Price | None, model: str = "kling-v1", provider: str | None = None) -> UsageRow:
    """The usage that one new job is, where kling-v1 has that price."""
    known = contract().models["kling-v1"]._replace(price=price)
    priced = replace(contract(), models={"kling-v1": known})
    store = MemoryStore()

    async def run() -> list[UsageRow]:
        await store.add(job_of(None)._replace(model=model))
        services = make_services([priced], store, Settings(), ManualClock(START))
        return await rows(services, provider=provider)

    (row,) = asyncio.run(run())
    return row


@pytest.mark.parametrize("price", [Price(0.25, "USD", "job"), None])
@pytest.mark.parametrize("model", ["kling-v1", "of no contract"])
def test_jobs_count_whatever_is_known_of_their_models_price(price: Price | None, model: str) -> None:
    row = row_of_a_job(price, model)
    assert row.jobs == {"submitted": 1}
    has_price = price is not None and model == "kling-v1"
    assert (row.cost, row.unit) == ((0.25, "USD") if has_price else (0, None))


@pytest.mark.parametrize("provider", [None, "kkiai"])
def test_clips_that_nobody_has_measured_count_by_their_seconds(provider: str | None) -> None:
    assert row_of_a_job(Price(0.25, "USD", "second"), provider=provider).cost == 1.25


@pytest.mark.parametrize("tenant", ["", "ann", "bob", "nobody"])
@pytest.mark.parametrize("provider", [None, "kkiai", "gmicloud", "none"])
def test_rows_are_those_of_the_tenant_and_the_provider(tenant: str, provider: str | None) -> None:
    scene = Scene()
    for owner, name in ROWS:
        scene.services.usage.count(owner, name, "read")

    shown = asyncio.run(rows(scene.services, tenant, provider))

    wanted = {row for row in ROWS if tenant in ("", row[0]) and provider in (None, row[1])}
    assert [(row.tenant, row.provider) for row in shown] == sorted(wanted)
    assert all((row.calls, row.jobs, row.cost, row.unit) == ({"read": 1}, {}, 0, None) for row in shown)
