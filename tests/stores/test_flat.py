"""What a request does in the file does not grow with the number of jobs: counted in SQLite's own steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores.base import Place
from mockserver.stores.sqlite import SqliteStore
from tests.stores.filling import fill

TENANT = "a" * 32
AT = 1_790_000_000_000
PLAN = Plan((Step("queued", "waiting", 2000), Step("success", "succeeded")))
FEW, MANY = 1000, 100_000


def job(job_id: str) -> Job:
    return Job(job_id, TENANT, "gmicloud", "submit", "m", {"prompt": "a kite"}, AT, PLAN, seconds=5.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Files with few and with many jobs of one tenant."""
    folder = tmp_path_factory.mktemp("flat")
    paths = {number: folder / f"{number}.sqlite3" for number in (FEW, MANY)}
    for number, path in paths.items():
        with _opened(path) as store:
            asyncio.run(store.add(job("first")))
        fill(path, "first", number)
    return paths


@contextmanager
def _opened(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, remembered=0)
    try:
        yield store
    finally:
        asyncio.run(store.close())


def steps(path: Path, work: Callable[[SqliteStore], Awaitable[Any]]) -> int:
    """Instructions of SQLite's machine that the work takes, some of them rounded away."""
    with _opened(path) as store:
        count = 0

        def tick() -> int:
            nonlocal count
            count += 1
            return 0

        async def run() -> None:
            store._connection.set_progress_handler(tick, 10)
            assert await work(store) is not None
            store._connection.set_progress_handler(None, 10)

        asyncio.run(run())
    return 10 * count


async def _states(store: SqliteStore) -> int:
    [group] = await store.tally.groups(TENANT, "gmicloud")
    return await store.tally.count_started(group, AT + 500)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda store: store.get(TENANT, "gmicloud", "job-500"), id="read"),
        pytest.param(lambda store: store.get_for_any_tenant("gmicloud", "job-500"), id="file"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", requests=False), id="list"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", operations=["submit"]), id="some"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", model="other"), id="model"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", operations=["other"]), id="none"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", after="job-500", limit=30), id="cursor"),
        pytest.param(lambda store: store.list(TENANT, "gmicloud", oldest_first=True, limit=30), id="oldest"),
        pytest.param(lambda store: store.count(TENANT, "gmicloud", model="m"), id="total"),
        pytest.param(lambda store: store.page(None, ["gmicloud"], before=Place(AT + 500, 600)), id="page"),
        pytest.param(lambda store: store.tenants(), id="tenants"),
        pytest.param(lambda store: store.unmeasured("gmicloud"), id="unmeasured"),
        pytest.param(lambda store: store.tally.groups(), id="usage"),
        pytest.param(_states, id="states"),
        pytest.param(
            lambda store: store.append_fact(TENANT, "gmicloud", "job-500", Fact("polled", AT + 1)), id="poll"
        ),
        pytest.param(lambda store: _added(store), id="submit"),
    ],
)
def test_it_takes_as_many_steps_with_a_hundred_times_the_jobs(
    files: dict[int, Path], work: Callable[[SqliteStore], Awaitable[Any]]
) -> None:
    few, many = (steps(files[number], work) for number in (FEW, MANY))
    assert many <= 1.1 * few + 100, (few, many)


async def _added(store: SqliteStore) -> int:
    await store.add(job("new"))
    return await store.delete(TENANT, "gmicloud", "new")
