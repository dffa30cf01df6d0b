"""What counts the requests of a window goes when the next window begins, in every store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mockserver.settings import Settings, read_pace
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import GMI
from tests.serving import running_app


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    return SqliteStore(tmp_path / "jobs.sqlite3")


def test_counters_are_dropped_by_the_beginnings_of_their_names(store: Store) -> None:
    async def run() -> list[int]:
        for name in ("window/1", "window/2", "window/3", "window", "job"):
            await store.increment("ann", name)
            await store.increment("bob", name)
        await store.drop_numbers("ann", "window/", "window/3")
        after = [await store.increment("ann", name) for name in ("window/1", "window/3", "window", "job")]
        after.append(await store.increment("bob", "window/1"))
        await store.close()
        return after

    assert asyncio.run(run()) == [1, 2, 2, 2, 2]


def test_a_quota_leaves_one_counter_of_its_windows(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    settings = Settings(token="t", pace=read_pace("time"))
    with running_app(settings, store=SqliteStore(path)) as server, server.client() as client:
        limits = {"requests": 2, "window": 60}
        control = {"Authorization": "Bearer t"}
        client.put("/__mock/quotas", json=limits, headers=control).raise_for_status()
        statuses = []
        for _ in range(5):
            statuses.append([client.get(GMI).status_code for _ in range(3)])
            server.clock.advance(60)
        assert statuses == [[200, 200, 429]] * 5
        assert windows(path) == 1


def windows(path: Path) -> int:
    """How many counters of windows the file has."""
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT count(*) FROM counters WHERE name LIKE 'window/%'")
        return int(rows.fetchone()[0])
    finally:
        connection.close()
