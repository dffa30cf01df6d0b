"""Jobs with large requests are written beside the other requests, and mean what others mean."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
import pytest

from mockserver import in_process
from mockserver.errors import DuplicateJob, StoreError
from mockserver.jobs.job import Job
from mockserver.stores import patience
from mockserver.stores.base import LARGE, Store
from mockserver.stores.open import open_store
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import KEY, client
from tests.stores.snapshots import dump
from tests.stores.test_patience import until_waiting
from tests.stores.test_sqlite import JOB

SPELLED = b' {"n": 1.50e1,\n "prompt": "first", "prompt": "a f\\u006fx \\ud83e\\udd8a"} '
LARGE_JOB = JOB._replace(request=orjson.loads(SPELLED))


@pytest.fixture(params=["memory", "sqlite"])
def any_store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    opened = open_store("memory:" if request.param == "memory" else f"sqlite:///{path}")
    yield opened
    asyncio.run(opened.close())


class Gate(NamedTuple):
    """Whether a large job holds the lock, and whether it may be written now."""

    locked: threading.Event
    opened: threading.Event


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate, put = Gate(threading.Event(), threading.Event()), SqliteStore._put

    def wait_and_put(self: SqliteStore, *values: Any) -> tuple[int, int]:
        gate.locked.set()
        assert gate.opened.wait(30)
        return put(self, *values)

    monkeypatch.setattr(SqliteStore, "_put", wait_and_put)
    yield gate
    gate.opened.set()


def test_a_large_job_is_a_job(any_store: Store) -> None:
    asyncio.run(any_store.add(JOB._replace(id="before")))
    asyncio.run(any_store.add_large(LARGE_JOB, bytearray(SPELLED)))
    asyncio.run(any_store.add(JOB._replace(id="after")))

    assert asyncio.run(any_store.get("ann", "p", "one")) == LARGE_JOB
    assert [job.id for job in asyncio.run(any_store.list("ann", "p"))] == ["after", "one", "before"]
    assert [group.number for group in asyncio.run(any_store.tally.groups())] == [3]
    for tenant in ("ann", "bob"):
        with pytest.raises(DuplicateJob, match="p already has a job one"):
            asyncio.run(any_store.add_large(LARGE_JOB._replace(tenant=tenant), SPELLED))


def test_it_reads_the_same_from_the_file(store: SqliteStore, path: Path) -> None:
    asyncio.run(store.add_large(LARGE_JOB, SPELLED))
    other = SqliteStore(path)

    assert asyncio.run(other.get("ann", "p", "one")) == LARGE_JOB
    assert asyncio.run(dump(other, "ann")) == asyncio.run(dump(store, "ann"))
    asyncio.run(other.close())


def test_others_go_on_while_it_is_written(store: SqliteStore, gate: Gate) -> None:
    async def work() -> list[str]:
        writing = asyncio.create_task(store.add_large(LARGE_JOB, SPELLED))
        assert await asyncio.to_thread(gate.locked.wait, 10)
        adding = asyncio.create_task(store.add(JOB._replace(id="small")))
        await until_waiting(store, 1)
        assert await store.get("ann", "p", "before") is not None
        assert await store.get("ann", "p", "one") is None
        gate.opened.set()
        await asyncio.gather(writing, adding)
        return [job.id for job in await store.list("ann", "p")]

    asyncio.run(store.add(JOB._replace(id="before")))
    assert asyncio.run(work()) == ["small", "one", "before"]


def test_it_waits_for_a_foreign_lock_as_others_do(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> Job | None:
        writing = asyncio.create_task(store.add_large(LARGE_JOB, SPELLED))
        await until_waiting(store, 1)
        other.execute("COMMIT")
        await writing
        return await store.get("ann", "p", "one")

    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    assert asyncio.run(work()) == LARGE_JOB

    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"jobs.db has been locked by another process for "):
        asyncio.run(store.add_large(LARGE_JOB._replace(id="two"), SPELLED))
    other.close()


def test_a_file_that_is_gone_is_not_made_again(store: SqliteStore, path: Path) -> None:
    path.unlink()

    with pytest.raises(StoreError, match=r"jobs.db was deleted while"):
        asyncio.run(store.add_large(LARGE_JOB, SPELLED))
    assert not path.exists()


def test_a_quota_counts_it_before_the_next_is_judged(path: Path, gate: Gate) -> None:
    submit, body, _, _ = SUBMITS["gmicloud"]
    large = {**body, "more": "x" * LARGE}
    with in_process.serve(store=f"sqlite:///{path}") as running, ThreadPoolExecutor() as pool:
        with running.control(KEY) as control:
            control.set_quota(parallel=1)

        def post(content: Any) -> int:
            with client(running.url, KEY) as web:
                return web.post(submit, json=content).status_code

        sent = [pool.submit(post, content) for content in (large, large)]
        assert gate.locked.wait(10)
        sent.append(pool.submit(post, body))
        with client(running.url, KEY) as web:
            listed = web.get(submit).json()
        gate.opened.set()
        statuses = sorted(answer.result() for answer in sent)

    assert listed["total"] == 0
    assert statuses == [httpx.codes.OK, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.TOO_MANY_REQUESTS]
