"""Jobs that are submitted together come into the file together; what is wrong with one is not the others'."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import DuplicateJob, StoreError, StoreLocked
from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores import sqlite_batches
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore

PLAN = Plan((Step("queued", "waiting"),))


def job(name: str, prompt: str = "a fox") -> Job:
    return Job(name, "ann", "p", "submit", "m", {"prompt": prompt}, 1000, PLAN)


def add_together(store: SqliteStore, jobs: Sequence[Job]) -> list[BaseException | None]:
    """What `add` came to for each of the jobs, all added in one turn of the loop."""

    async def add_all() -> list[BaseException | None]:
        return await asyncio.gather(*map(store.add, jobs), return_exceptions=True)

    return asyncio.run(add_all())


def commits(store: SqliteStore) -> list[str]:
    """The commits that the store makes from now on."""
    statements: list[str] = []

    def note(statement: str) -> None:
        if statement == "COMMIT":
            statements.append(statement)

    store._connection.set_trace_callback(note)
    return statements


def carried(store: SqliteStore) -> bool:
    """Whether a thread has begun to carry the log over; it has ended then."""
    if store._carrying is None:
        return False
    store._carrying.result(timeout=30)
    return True


def ids(store: SqliteStore) -> list[str]:
    """The ids of all jobs, the last added first."""
    return [job.id for job in asyncio.run(store.list("ann", "p", limit=None))]


def test_jobs_that_are_deleted_together_share_a_commit(store: SqliteStore) -> None:
    assert add_together(store, [job("a"), job("b", "long " * 2000), job("c")]) == [None, None, None]
    made = commits(store)
    assert asyncio.run(store.delete("ann", "p", "a", "b")) == 2
    assert made == ["COMMIT"]
    assert ids(store) == ["c"]


def test_jobs_of_one_turn_share_a_commit_and_keep_their_order(store: SqliteStore) -> None:
    asyncio.run(store.add(job("first")))
    made = commits(store)
    assert add_together(store, [job("a"), job("b", "long " * 2000), job("c")]) == [None, None, None]
    assert made == ["COMMIT"]
    assert ids(store) == ["c", "b", "a", "first"]


def test_more_than_fit_one_transaction_are_written_in_the_turns_after(store: SqliteStore) -> None:
    asyncio.run(store.add(job("first")))
    made = commits(store)
    many = sqlite_batches._MOST + 1
    assert add_together(store, [job(str(number)) for number in range(many)]) == [None] * many
    assert len(made) == 2
    large = "x" * sqlite_batches._LONGEST
    assert add_together(store, [job("large", large), job("larger", large)]) == [None, None]
    assert len(made) == 4


@given(names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8))
def test_a_duplicate_among_them_is_refused_alone(names: list[str]) -> None:
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "jobs.db")
        outcomes = add_together(store, [job(name) for name in names])
        left = ids(store)
        asyncio.run(store.close())
    for number, (name, outcome) in enumerate(zip(names, outcomes, strict=True)):
        assert isinstance(outcome, DuplicateJob) == (name in names[:number])
    assert left == list(reversed(dict.fromkeys(names)))


def test_what_cannot_be_written_is_told_to_its_submitter_alone(store: SqliteStore) -> None:
    beyond = job("beyond")._replace(created_at=1 << 70)
    fine, refused, last = add_together(store, [job("fine"), beyond, job("last")])
    assert (fine, last) == (None, None)
    assert isinstance(refused, Exception)
    assert ids(store) == ["last", "fine"]


def test_nobody_who_has_gone_before_the_write_has_a_job(store: SqliteStore) -> None:
    async def leave() -> None:
        gone, here = asyncio.create_task(store.add(job("gone"))), asyncio.create_task(store.add(job("here")))
        await asyncio.sleep(0)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        await here

    asyncio.run(leave())
    assert ids(store) == ["here"]


def test_where_another_process_holds_the_file_all_are_told(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.end_waits()
    outcomes = add_together(store, [job("a"), job("b")])
    assert [type(outcome) for outcome in outcomes] == [StoreLocked, StoreLocked]
    other.execute("ROLLBACK")
    other.close()
    assert add_together(store, [job("a"), job("b")]) == [None, None]


def add_soon(
    store: SqliteStore | MemoryStore, jobs: Sequence[Job], broken: str = ""
) -> list[tuple[str, bool]]:
    """Which jobs were stored, as those who wait are told; to tell the one named `broken` fails."""
    outcomes: list[tuple[str, bool]] = []
    reported: list[dict[str, Any]] = []

    def tell(name: str, stored: bool) -> None:
        outcomes.append((name, stored))
        if name == broken:
            raise ValueError(name)

    async def add_all() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        for job in jobs:
            assert store.add_soon(job, b'{"prompt": "a fox"}', partial(tell, job.id))
        while len(outcomes) < len(jobs):
            await asyncio.sleep(0)

    asyncio.run(add_all())
    # What went wrong is not lost: the loop logs it.
    assert [str(context["exception"]) for context in reported] == [broken] * bool(broken)
    return outcomes


def test_who_need_not_wait_is_told_whether_the_job_is_stored(store: SqliteStore) -> None:
    asyncio.run(store.add(job("first")))
    made = commits(store)
    assert add_soon(store, [job("a"), job("b")]) == [("a", True), ("b", True)]
    assert made == ["COMMIT"]
    assert add_soon(store, [job("c"), job("a"), job("d")]) == [("c", True), ("a", False), ("d", True)]
    assert ids(store) == ["d", "c", "b", "a", "first"]
    store._records.put(0, job("dropped"), 64 << 20)
    assert asyncio.run(store.get("ann", "p", "c")) == job("c")
    memory = MemoryStore()
    assert add_soon(memory, [job("c"), job("c")]) == [("c", True), ("c", False)]


def test_an_answer_that_fails_is_not_for_the_next_to_suffer(store: SqliteStore) -> None:
    assert add_soon(store, [job("a"), job("b")], broken="a") == [("a", True), ("b", True)]
    assert ids(store) == ["b", "a"]


def test_a_new_job_in_the_answer_to_another_comes_into_the_next_turn(store: SqliteStore) -> None:
    asyncio.run(store.add(job("first")))
    made = commits(store)
    done: list[bool] = []

    def follow(stored: bool) -> None:
        done.append(stored)
        store.add_soon(job("b"), b"{}", done.append)
        store.add_soon(job("c"), b"{}", done.append)

    async def add() -> None:
        store.add_soon(job("a"), b"{}", follow)
        for _ in range(4):
            await asyncio.sleep(0)

    asyncio.run(add())
    assert (done, made) == ([True] * 3, ["COMMIT"] * 2)


def test_after_some_jobs_a_thread_carries_the_log_into_the_file(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_batches, "_CARRIED", 4)
    assert add_together(store, [job(f"early-{number}") for number in range(3)]) == [None] * 3
    assert not carried(store)
    assert add_together(store, [job("fourth")]) == [None]
    assert carried(store)
    there = path.read_bytes()
    assert all(name in there for name in (b"early-0", b"early-2", b"fourth"))
    assert add_together(store, [job("fifth")]) == [None]
    assert b"fifth" not in path.read_bytes()
    # SQLite itself would do so at 1,000 pages, and whoever submits then would wait.
    assert store._run("PRAGMA wal_autocheckpoint", ()) == [(8000,)]


def test_a_log_that_cannot_be_carried_over_is_no_trouble_for_who_submits(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_batches, "_CARRIED", 1)
    monkeypatch.setattr(SqliteStore, "_sibling", lambda _: (_ for _ in ()).throw(StoreError("gone")))
    assert add_together(store, [job("a"), job("b")]) == [None, None]
    assert carried(store)
    assert ids(store) == ["b", "a"]


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([10] * 64, [64]),
        ([10] * 65, [64, 1]),
        ([262_143, 1, 1], [2, 1]),
        ([262_144, 1], [1, 1]),
        ([262_142, 1, 1], [3]),
        ([10**9, 10**9], [1, 1]),
    ],
)
def test_one_transaction_adds_some_jobs_and_no_more_after_a_quarter_of_a_mebibyte(
    sizes: list[int], batches: list[int]
) -> None:
    class Record(bytes):
        size = 0

        def __len__(self) -> int:
            return self.size

    def new(size: int, given_up: bool) -> sqlite_batches._NewJob:
        record = Record()
        record.size = size
        stored = cast(Any, SimpleNamespace(done=lambda: given_up))
        return sqlite_batches._NewJob(cast(Any, None), (), record, stored)

    store = SqliteStore.__new__(SqliteStore)
    # Those that have been given up count for nothing.
    store._new = deque(
        new(each, given_up) for size in sizes for each, given_up in ((10**9, True), (size, False))
    )
    taken = []
    while store._new:
        taken.append(len(store._next_batch()))

    assert [number for number in taken if number] == batches
