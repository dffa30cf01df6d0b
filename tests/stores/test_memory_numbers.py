"""Counters of tenants that only look have a bound; those of tenants with jobs stay."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores import memory_numbers
from mockserver.stores.memory import MemoryStore


def test_counters_without_jobs_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_numbers, "MAX_TENANTS", 10)

    async def run() -> tuple[int, int]:
        store = MemoryStore()
        plan = Plan((Step("queued", "waiting"),))
        await store.add(Job("1", "owner", "kkiai", "submit", "model", {}, 0, plan))
        await store.increment("owner")
        for number in range(100):
            await store.increment(f"looker {number}", "seen/kkiai/read")
        return len(await store.tenants()), await store.increment("owner")

    assert asyncio.run(run()) == (10, 2)
