"""To delete the many jobs of a tenant keeps nobody waiting who reads."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from mockserver.stores import sqlite_large
from mockserver.stores.sqlite import SqliteStore
from tests.stores.test_patience import until_waiting
from tests.stores.test_sqlite import JOB


@pytest.mark.parametrize(("many", "is_aside"), [(3, True), (4, False)])
@pytest.mark.parametrize(("tenant", "left"), [("ann", ["bobs"]), (None, [])])
def test_others_read_on_while_many_jobs_are_deleted(
    tenant: str | None,
    left: list[str],
    many: int,
    is_aside: bool,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, opened, clear = threading.Event(), threading.Event(), SqliteStore._clear
    threads = []

    def wait_and_clear(self: SqliteStore, tenant: str | None) -> int:
        threads.append(threading.current_thread())
        begun.set()
        assert not is_aside or opened.wait(30)
        return clear(self, tenant)

    async def work(store: SqliteStore) -> int:
        for number in range(3 if tenant else 2):
            await store.add(JOB._replace(id=f"ann{number}"))
        await store.add(JOB._replace(id="bobs", tenant="bob"))
        revisions = store.revisions
        clearing = asyncio.create_task(store.clear(tenant))
        assert await asyncio.to_thread(begun.wait, 30)
        if is_aside:
            assert await store.get("ann", "p", "ann0") is not None
            adding = asyncio.create_task(store.add(JOB._replace(id="late", tenant="bob", created_at=0)))
            await until_waiting(store, 1)
            opened.set()
            await adding
        deleted = await clearing
        assert store.revisions == revisions + 1
        assert [job.id for job in await store.list("bob", "p")] == [*left, *(["late"] if is_aside else [])]
        assert await store.count("ann", "p") == 0
        await store.close()
        return deleted

    monkeypatch.setattr(sqlite_large, "_MANY", many)
    monkeypatch.setattr(SqliteStore, "_clear", wait_and_clear)
    assert asyncio.run(work(SqliteStore(path, flushes=False))) == 3
    assert [thread is threading.current_thread() for thread in threads] == [not is_aside]
