"""While another process holds the file's lock, writers wait side by side and everybody else goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver import in_process
from mockserver.errors import StoreError, StoreLocked
from mockserver.jobs.job import Job
from mockserver.stores import patience
from mockserver.stores.patience import LockWaiters, share_patience
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import KEY, client
from tests.stores.test_sqlite import JOB, POLLED

HANGS_IN_RECOVERY = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX, 3, 120)
    file.write(bytes(96))
    file.flush()
    print("held", flush=True)
    sys.stdin.read()
"""
"""Does to the log's index what one does that recovers it, see https://sqlite.org/walformat.html, 2.3."""


@pytest.fixture
def other(store: SqliteStore, path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection, which holds the lock."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of a twentieth of a second."""
    monkeypatch.setattr(patience, "PATIENCE", 0.05)


async def until_waiting(store: SqliteStore, count: int) -> None:
    async with asyncio.timeout(10):
        while store.waiting.count < count:
            await asyncio.sleep(0)


@pytest.mark.usefixtures("hasty")
def test_a_lock_that_is_held_too_long_is_named(store: SqliteStore, other: sqlite3.Connection) -> None:
    adding = (store.add(JOB), store.increment("ann"), store.append_fact("ann", "p", "one", POLLED))
    for writing in (*adding, store.put_document("ann", "rule", "a", {}), store.delete("ann", "p", "one")):
        with pytest.raises(StoreError, match=r"jobs.db has been locked by another process for "):
            asyncio.run(writing)
        assert store.waiting.count == 0
    other.execute("ROLLBACK")
    asyncio.run(store.add(JOB))

    assert asyncio.run(store.get("ann", "p", "one")) == JOB


def test_who_waits_is_served_when_the_lock_is_free(store: SqliteStore, other: sqlite3.Connection) -> None:
    async def wait() -> list[bool]:
        names = [str(number) for number in range(6)]
        writers = [asyncio.create_task(store.add(JOB._replace(id=name))) for name in names]
        await until_waiting(store, 6)
        during = [await store.get("ann", "p", name) is not None for name in names]
        other.execute("COMMIT")
        await asyncio.gather(*writers)
        return [*during, *[await store.get("ann", "p", name) is not None for name in names]]

    assert asyncio.run(wait()) == [False] * 6 + [True] * 6
    assert store.waiting.count == 0


def test_writers_wait_side_by_side(
    store: SqliteStore, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.5)

    async def write() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        writers = [store.add(JOB._replace(id=str(number))) for number in range(20)]
        errors = await asyncio.gather(*writers, return_exceptions=True)
        assert {type(error) for error in errors} == {StoreLocked}
        return loop.time() - began

    assert asyncio.run(write()) < 20 * patience.PATIENCE / 2


@pytest.mark.usefixtures("other")
def test_all_waits_of_a_request_have_one_deadline(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    async def write() -> int:
        attempts.clear()
        with pytest.raises(StoreLocked):
            await store.increment("ann")
        return len(attempts)

    async def request() -> tuple[int, int]:
        share_patience()
        return await write(), await write()

    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    store._connection.set_trace_callback(attempts.append)
    for first, second in [asyncio.run(request()) for _ in range(2)]:
        assert first > 2
        # At once, and for a last time: a lock that has gone meanwhile is in nobody's way.
        assert second == 2


@pytest.mark.usefixtures("other")
def test_nobody_waits_when_the_server_is_to_stop(store: SqliteStore) -> None:
    async def stop() -> None:
        writer = asyncio.create_task(store.add(JOB))
        await until_waiting(store, 1)
        store.waiting.give_up()
        with pytest.raises(StoreLocked):
            await writer

    asyncio.run(stop())


@pytest.mark.usefixtures("other")
def test_a_locked_file_is_opened_and_read(path: Path) -> None:
    again = SqliteStore(path)

    assert asyncio.run(again.documents()) == []
    assert again.changed() is False
    asyncio.run(again.close())


def test_readers_that_a_lock_keeps_out_wait_too(store: SqliteStore, path: Path) -> None:
    async def read(holder: subprocess.Popen[str]) -> tuple[bool, Job | None]:
        reader = asyncio.create_task(store.get("ann", "p", "one"))
        await until_waiting(store, 1)
        changed = store.changed()
        holder.communicate()
        return changed, await reader

    asyncio.run(store.add(JOB))
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_IN_RECOVERY, f"{path}-shm"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        answer = asyncio.run(read(holder))

    assert answer == (False, JOB)


def test_a_server_goes_on_beside_a_lock(path: Path) -> None:
    submit, body, _, _ = SUBMITS["gmicloud"]
    with ExitStack() as stack:
        running = stack.enter_context(in_process.serve(store=f"sqlite:///{path}"))
        web, control = stack.enter_context(client(running.url, KEY)), stack.enter_context(running.control())
        pool = stack.enter_context(ThreadPoolExecutor())
        read = f"{submit}/{web.post(submit, json=body).json()['request_id']}"
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writers = [pool.submit(web.post, submit, json=body) for _ in range(6)]
        polls = [web.get(read).status_code for _ in range(20)]
        health = control.health()["status"]
        waiting = not any(writer.done() for writer in writers)
        other.execute("COMMIT")
        other.close()
        answers = [writer.result().status_code for writer in writers]

    assert waiting
    assert polls == [200] * 20
    assert health == "ok"
    assert answers == [200] * 6


async def _tries(waiting: LockWaiters, moves: Callable[[float], None]) -> list[float]:
    """The pauses of who tries in vain until its patience ends."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(round(seconds, 6))
        moves(seconds)

    async def attempt() -> None:
        raise StoreLocked("locked")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patience, "sleep", pause)
        with pytest.raises(StoreLocked, match="locked"):
            await waiting.retry(attempt)
    return pauses


@pytest.mark.parametrize(
    ("others", "first", "longest"),
    [
        (0, [0.001, 0.002, 0.004, 0.008, 0.016, 0.032], 0.05),
        (4, [0.005, 0.005, 0.005, 0.008, 0.016, 0.032], 0.05),
        (19, [0.02, 0.02, 0.02, 0.02, 0.02, 0.032], 0.05),
        (199, [0.2] * 6, 0.2),
        (998, [0.999] * 5, 0.999),
        (999, [1.0] * 5, 1.0),
        (5000, [1.0] * 5, 1.0),
    ],
)
def test_pauses_grow_with_the_attempts_and_with_those_who_wait(
    others: int, first: list[float], longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(patience, "monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    waiting = LockWaiters()
    waiting.count = others
    pauses = asyncio.run(_tries(waiting, move))

    assert pauses[: len(first)] == first
    assert max(pauses) == longest
    assert sum(pauses) == pytest.approx(patience.PATIENCE)
    assert waiting.count == others
