"""What the store in memory holds: nothing of what was deleted."""

from __future__ import annotations

import asyncio

from mockserver.stores.memory import MemoryStore
from tests.stores.test_sqlite import JOB, POLLED


def test_nothing_stays_of_deleted_jobs() -> None:
    async def work() -> MemoryStore:
        store = MemoryStore()
        for number in range(3):
            name = f"{number}"
            await store.add(JOB._replace(id=name, tenant=name, alias=name))
            await store.append_fact(name, "p", name, POLLED)
            assert len(await store.tally.groups()) == 1
            await store.delete(name, "p", name)
        return store

    store = asyncio.run(work())
    left = (store._jobs, store._place_of, store._places, store._named, store._tally._groups)
    assert [len(part) for part in left] == [0] * 5
