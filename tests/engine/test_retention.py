"""What `--keep` and `--max-jobs` delete, and that nobody waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import build_app
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.retention import MOST_AT_ONCE, Retention, _take
from mockserver.engine.services import Services
from mockserver.errors import SettingsError, StoreError
from mockserver.jobs.clock import ClockSetting, ManualClock
from mockserver.jobs.job import Job, Plan, Step
from mockserver.settings import Settings, read_keep
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import START, Running

DAY = 86_400
PLAN = Plan((Step("queued", "waiting", 2000), Step("success", "succeeded")))


@cache
def services() -> Services:
    return build_app(Settings(token="t"), store=MemoryStore()).services


@dataclass(frozen=True)
class Kept:
    """The services of a server that does not run, over some jobs."""

    services: Services
    store: Store

    def sweep(self) -> int:
        return asyncio.run(Retention(self.services).sweep())

    def jobs(self) -> list[str]:
        placed = asyncio.run(self.store.page(None, ["gmicloud", "kkiai"], limit=1000))
        return [item.job.id for item in placed]


def job(job_id: str, created_at: int, tenant: str = "ann", provider: str = "gmicloud") -> Job:
    return Job(job_id, tenant, provider, "submit", "m", {}, created_at, PLAN, seconds=5.0)


def over(store: Store, *jobs: Job, **settings: Any) -> Kept:
    async def add() -> None:
        for item in jobs:
            await store.add(item)

    asyncio.run(add())
    live_settings = LiveSettings(store, ManualClock(START))
    chosen = Settings(**settings)
    return Kept(services()._replace(store=store, settings=chosen, live_settings=live_settings), store)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    opened: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "jobs.db")
    yield opened
    asyncio.run(opened.close())


owned = st.tuples(st.sampled_from(["ann", "ben"]), st.sampled_from(["gmicloud", "kkiai"]))


@given(st.lists(st.tuples(owned, st.integers(0, 50)), max_size=60), st.integers(0, 70))
def test_the_newest_jobs_of_all_stay(jobs: list[tuple[tuple[str, str], int]], most: int) -> None:
    added = [job(f"{n}", START - age, *owner) for n, (owner, age) in enumerate(jobs)]
    kept = over(MemoryStore(), *added, max_jobs=most)
    assert kept.sweep() == max(0, len(jobs) - most)
    ages = [age for _, age in jobs]
    assert sorted(ages[int(name)] for name in kept.jobs()) == sorted(ages)[:most]


def test_jobs_go_at_their_age(store: Store) -> None:
    ages = {"new": 0, "young": DAY, "old": DAY + 1, "ancient": 400 * DAY}
    kept = over(store, *(job(name, START - 1000 * age) for name, age in ages.items()), keep=DAY)
    assert kept.sweep() == 2
    assert kept.jobs() == ["new", "young"]


def test_a_job_ages_on_its_tenants_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = over(store, job("here", START), job("ahead", START, "ben"), keep=DAY)
    ahead = {"ben": START + 2000 * DAY}
    monkeypatch.setattr(LiveSettings, "now", lambda self, tenant="": ahead.get(tenant, START))
    kept.sweep()
    assert kept.jobs() == ["here"]


def test_a_job_ages_on_the_clock_that_another_server_has_set(store: Store) -> None:
    kept = over(store, job("here", START), job("ahead", START, "ben"), keep=DAY)
    ahead = ClockSetting("frozen", 0.0, START, START + 2000 * DAY)
    asyncio.run(LiveSettings(store, ManualClock(START)).set_clock("ben", ahead))
    kept.sweep()
    assert kept.jobs() == ["here"]


def test_more_jobs_than_are_looked_up_at_once_go_as_well(store: Store) -> None:
    jobs = [job(f"{number:03}", START - DAY * 2000 - number) for number in range(90)]
    assert over(store, *jobs, keep=DAY).sweep() == 90


def test_without_a_limit_nothing_goes_and_nothing_runs() -> None:
    kept = over(MemoryStore(), job("one", 0))
    retention = Retention(kept.services)
    retention.start()
    assert retention._task is None
    assert kept.sweep() == 0


def test_a_server_sweeps_until_it_stops() -> None:
    async def serve(kept: Kept) -> None:
        retention = Retention(kept.services)
        retention.start()
        while len(await kept.store.list("ann", "gmicloud")) > 1:
            await asyncio.sleep(0)
        await retention.close()

    asyncio.run(serve(over(MemoryStore(), job("old", 1), job("new", 2), max_jobs=1)))


def test_others_have_a_turn_after_some_jobs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = over(store, *(job(f"{number}", number) for number in range(500)), max_jobs=0)
    deleted, most = 0, 0
    delete: Callable[..., Awaitable[int]] = type(store).delete

    async def counted(self: Store, *key: str) -> int:
        nonlocal deleted
        deleted += len(key) - 2
        return await delete(self, *key)

    async def others() -> None:
        nonlocal deleted, most
        while True:
            most, deleted = max(most, deleted), 0
            await asyncio.sleep(0)

    async def both() -> None:
        beside = asyncio.create_task(others())
        await Retention(kept.services).sweep()
        beside.cancel()

    monkeypatch.setattr(type(store), "delete", counted)
    asyncio.run(both())
    assert kept.jobs() == []
    assert 1 < most <= MOST_AT_ONCE


def test_a_store_that_cannot_be_written_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = over(MemoryStore(), job("one", 1), max_jobs=0)
    tries = 0

    async def fail(*key: str) -> int:
        nonlocal tries
        tries += 1
        raise StoreError("the disk is full")

    async def serve() -> None:
        retention = Retention(kept.services)
        retention.start()
        while tries < 3:
            await asyncio.sleep(0)
        await retention.close()

    monkeypatch.setattr("mockserver.engine.retention.PAUSE", 0)
    monkeypatch.setattr(kept.store, "delete", fail)
    asyncio.run(serve())
    assert [record.getMessage() for record in caplog.records] == [
        "jobs that are too old or too many stay: the disk is full"
    ]


def test_a_job_that_went_is_read_no_more(running: Callable[..., Running]) -> None:
    server = running(max_jobs=1)
    with server.client() as client:
        old, new = (client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"] for _ in range(2))
        server.clock.advance(60_000)
        for _ in range(3):
            assert client.get(f"{GMI}/{old}").status_code == 200
        assert asyncio.run(Retention(server.app.services).sweep()) == 1
        assert [client.get(f"{GMI}/{name}").status_code for name in (old, new)] == [404, 200]


def test_jobs_that_take_long_go_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = over(MemoryStore(), *(job(f"{number}", number) for number in range(50)), max_jobs=0)
    moments = (number / 100 for number in count())
    monkeypatch.setattr("mockserver.engine.retention.monotonic", lambda: next(moments))
    sizes = []

    delete = kept.store.delete

    async def noted(*key: str) -> int:
        sizes.append(len(key) - 2)
        return await delete(*key)

    monkeypatch.setattr(kept.store, "delete", noted)
    assert kept.sweep() == 50
    assert sizes == [1] * 50


def test_more_are_deleted_at_once_as_long_as_that_is_quick_and_it_rests_thrice_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    took, rests, sizes = iter([0.001] * 22 + [0.0049, 0.0051, 0.006, 0.001] + [0.006] * 5), [], []
    now = [0.0]

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    async def delete(*key: str) -> int:
        now[0] += next(took)
        return len(key) - 2

    kept = over(MemoryStore())
    retention = Retention(kept.services)
    monkeypatch.setattr("mockserver.engine.retention.monotonic", lambda: now[0])
    monkeypatch.setattr("mockserver.engine.retention.sleep", rest)
    monkeypatch.setattr(kept.store, "delete", delete)
    for _ in range(31):
        assert asyncio.run(retention._delete(("ann", "gmicloud"), ["a", "b"])) == 2
        sizes.append(retention._size)

    assert sizes == [*range(2, 21), 20, 20, 20, 20, 10, 5, 6, 3, 1, 1, 1, 1]
    assert rests == pytest.approx([0.003] * 22 + [0.0147, 0.0153, 0.018, 0.003] + [0.018] * 5)


@pytest.mark.parametrize(
    ("until", "most", "taken"),
    [
        (0, 9, "a"),
        (1, 9, "a"),
        (2, 9, "ab"),
        (3, 9, "abcd"),
        (9, 9, "abcde"),
        (9, 1, "a"),
        (9, 2, "ab"),
        (9, 0, "a"),
    ],
)
def test_of_a_line_those_are_taken_that_are_older_than_the_next_one_of_others(
    until: int, most: int, taken: str
) -> None:
    line = deque(zip([1, 2, 3, 3, 5], "abcde", strict=True))

    assert "".join(_take(line, until, most)) == taken
    assert "".join(job_id for _, job_id in line) == "abcde".removeprefix(taken)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 30 * DAY), ("12h", DAY // 2), ("90m", 5400), ("45s", 45)]
)
def test_an_age_is_a_number_with_its_unit(text: str, seconds: int) -> None:
    assert read_keep(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "0d", "-1d", "1.5d", "30 d", "30D", "123456789d", "d"])
def test_another_age_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="30d, 12h, 90m, 45s"):
        read_keep(text)
