"""The tally says what counting the jobs one by one would, whatever happened to them."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.engine.counting import count_states, next_change
from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.jobs.timeline import latest, next_event, state_at
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.stores.snapshots import dump, restore

few = st.sampled_from
WORDS = (("queued", "waiting"), ("running", "running"), ("success", "succeeded"), ("failed", "failed"))
MOMENTS = st.integers(0, 20) | st.integers(0, 10**6) | st.just(2**47)
steps = st.builds(
    lambda word, lasts: Step(word[0], word[1], lasts), few(WORDS), st.integers(0, 10) | st.integers(0, 10**6)
)
plans = st.builds(
    Plan,
    st.lists(steps, min_size=1, max_size=4).map(tuple),
    few(["time", "time", "time", "polls", "manual"]),
    st.integers(0, 3),
    st.none() | st.text(max_size=3),
)
facts = (
    MOMENTS.map(lambda at: Fact("polled", at))
    | st.builds(
        lambda kind, at, word: Fact(kind, at, *word), few(["cancelled", "forced"]), MOMENTS, few(WORDS)
    )
    | st.builds(lambda at, plan: Fact("paced", at, plan=plan), MOMENTS, plans)
)
names = st.tuples(few(["ann", "bob"]), few(["p", "q"]))
ids = few(["1", "2", "3", "4", "5"])
jobs = st.builds(
    lambda name, job_id, model, at, plan, noted, seconds: Job(
        job_id, name[0], name[1], "submit", model, {"prompt": job_id}, at, plan, None, tuple(noted), seconds
    ),
    names, ids, few(["m", "n"]), MOMENTS, plans, st.lists(facts, max_size=2), st.none() | st.integers(0, 9),
)  # fmt: skip
deeds = st.one_of(
    st.tuples(st.just("add"), jobs),
    st.tuples(st.just("add"), jobs),
    st.tuples(st.just("fact"), names, ids, facts),
    st.tuples(st.just("delete"), names, ids),
    st.tuples(st.just("clear"), st.none() | few(["ann", "bob"])),
    st.tuples(st.just("restore"), few(["ann", "bob"])),
    st.tuples(st.just("measure"), few(["p", "q"])),
    st.tuples(st.just("look")),
)


async def do(store: Store, deed: tuple[Any, ...]) -> None:
    match deed:
        case "add", job:
            with suppress(DuplicateJob):
                await store.add(job)
        case "fact", (tenant, provider), job_id, fact:
            await store.append_fact(tenant, provider, job_id, fact)
        case "delete", (tenant, provider), job_id:
            await store.delete(tenant, provider, job_id)
        case "clear", tenant:
            await store.clear(tenant)
        case "restore", tenant:
            await restore(store, tenant, await dump(store, tenant))
        case "measure", provider:
            unmeasured = await store.unmeasured(provider)
            await store.set_seconds({(provider, job.id): int(job.id) for job in unmeasured})
        case _:
            await store.tally.groups()


async def all_jobs(store: Store) -> list[Job]:
    """Every job, read whole."""
    listed = [
        await store.list(tenant, provider, limit=None) for tenant in ("ann", "bob") for provider in ("p", "q")
    ]
    return [job for some in listed for job in some]


async def check(store: Store, moments: Sequence[int]) -> None:
    jobs, groups = await all_jobs(store), await store.tally.groups()
    kinds = Counter((job.tenant, job.provider, job.operation, job.model) for job in jobs)
    counted: Counter[tuple[str, ...]] = Counter()
    lengths: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        assert group.number > 0
        counted[group[1:5]] += group.number
        lengths[group[1:5]] += int(group.seconds)
    assert counted == kinds
    for placed in await store.page(None, ["p", "q"]):
        lengths[placed.job.tenant, placed.job.provider, placed.job.operation, placed.job.model] -= int(
            placed.job.seconds or 0
        )
    assert not any(lengths.values())
    for now in moments:
        states: Counter[Any] = Counter()
        for group in groups:
            for word, number in (await count_states(store.tally, group, now)).items():
                states[group.tenant, group.model, *word] += number
        expected = [(job, state_at(job, latest(job, now))) for job in jobs]
        assert states == Counter((job.tenant, job.model, state.word, state.phase) for job, state in expected)
        await check_next(store, jobs, now)


async def check_next(store: Store, jobs: Sequence[Job], now: int) -> None:
    changes = [await next_change(store.tally, group, now) for group in await store.tally.groups()]
    first = min((change for change in changes if change), key=lambda change: change.at, default=None)
    # A job of the future enters the state that it begins with when its clock has come that far.
    events = [at for job in jobs if (at := next_event(job, latest(job, now))) is not None]
    assert (first and first.at) == min(events, default=None)
    if first is not None:
        job = await store.tally.find_started(first.group, first.start)
        assert job is not None
        assert job.request == {}
        assert next_event(job, latest(job, first.at - 1)) == first.at


async def live(store: Store, others: Sequence[Store], course: Sequence[Any], moments: Sequence[int]) -> None:
    stores = [store, *others]
    for number, deed in enumerate(course):
        await do(stores[number % len(stores)], deed)
    for each in stores:
        await check(each, moments)
    for each in stores:
        await each.close()


histories = st.lists(deeds, max_size=20)
UNMEASURED = Job("3", "ann", "p", "submit", "m", {}, 0, Plan((Step("queued", "waiting"),)))
MEASURED = [("add", UNMEASURED), ("look",), ("look",), ("measure", "p"), ("measure", "p")]
WAY = Plan((Step("queued", "waiting", 5), Step("running", "running", 9), Step("success", "succeeded")))
JOBS = [
    UNMEASURED._replace(id=str(number), created_at=3 * number, plan=WAY, seconds=2.0)
    for number in range(1, 5)
]
MADE: list[tuple[Any, ...]] = [("add", job) for job in JOBS]
COUNTED = [*MADE, ("look",), ("look",)]
HELD = ("fact", ("ann", "p"), "2", Fact("forced", 9, "running", "running"))
COURSES: list[list[tuple[Any, ...]]] = [
    [*COUNTED, ("delete", ("ann", "p"), "1")],
    [*COUNTED, ("delete", ("ann", "p"), "4"), ("look",), ("delete", ("ann", "p"), "2")],
    [*COUNTED, *(("delete", ("ann", "p"), job.id) for job in JOBS), MADE[0]],
    [*COUNTED, HELD, ("delete", ("ann", "p"), "2")],
    [*COUNTED, HELD, ("look",), ("look",), ("delete", ("ann", "p"), "2")],
    [*COUNTED, HELD, ("look",), ("clear", "ann"), MADE[1]],
    [*COUNTED, HELD, ("clear", "bob"), ("delete", ("ann", "p"), "3")],
    [*COUNTED, HELD, ("restore", "ann"), ("delete", ("ann", "p"), "2")],
]
"""Jobs that were counted and then go or change; drawn at random they seldom are."""


@pytest.mark.parametrize("course", COURSES)
def test_what_was_counted_and_goes_is_counted_no_more(course: list[Any], path: Path) -> None:
    moments = [0, 4, 9, 12, 20, 60]
    asyncio.run(live(MemoryStore(), (), course, moments))
    asyncio.run(live(SqliteStore(path), [SqliteStore(path)], course, moments))


several = st.lists(MOMENTS, min_size=1, max_size=4)


@given(histories, several)
@example(MEASURED, [0])
@settings(deadline=None)
def test_the_tally_in_memory_counts_what_is_there(course: list[Any], moments: list[int]) -> None:
    asyncio.run(live(MemoryStore(), (), course, moments))


@given(histories, several)
@example(MEASURED, [0])
@settings(deadline=None, max_examples=40)
def test_the_tally_in_a_file_counts_what_two_servers_did(course: list[Any], moments: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        asyncio.run(live(SqliteStore(path), [SqliteStore(path)], course, moments))


PLAN = Plan((Step("queued", "waiting", 2000), Step("running", "running", 6000), Step("success", "succeeded")))


def make_job(number: int) -> Job:
    """A job of ann's; they are submitted a tenth of a second after each other."""
    request = {"prompt": "a fox " * 2000}
    return Job(f"{number}", "ann", "p", "submit", "m", request, number * 100, PLAN, seconds=5.0)


async def fill(store: Store, count: int) -> None:
    for number in range(count):
        await store.add(make_job(number))
    await store.tally.groups()


async def ask_all(store: Store) -> list[Any]:
    """What the control plane asks of a store for a page, for usage, a quota and a jump."""
    groups = await store.tally.groups("ann", "p")
    now = 30_000
    return [
        await store.page(None, ["p"], limit=1),
        await store.count("ann", "p"),
        await store.tenants(),
        [await count_states(store.tally, group, now) for group in groups],
        [await next_change(store.tally, group, now) for group in groups],
    ]


def test_questions_about_many_jobs_take_about_as_many_steps_as_about_few(tmp_path: Path) -> None:
    async def count_steps(count: int) -> int:
        store, steps = SqliteStore(tmp_path / f"{count}.db"), 0
        await fill(store, count)

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        store._connection.set_progress_handler(step, 10)
        await ask_all(store)
        await store.close()
        return steps

    fewer, more = asyncio.run(count_steps(300)), asyncio.run(count_steps(3000))
    assert more < 2 * fewer


def test_a_page_or_count_reads_no_request(tmp_path: Path) -> None:
    async def ask() -> tuple[list[Any], list[Any]]:
        store = SqliteStore(tmp_path / "jobs.db")
        await fill(store, 3)
        before = await ask_all(store)
        store._connection.execute("DELETE FROM records")
        after = await ask_all(store)
        await store.close()
        return before, after

    before, after = asyncio.run(ask())
    assert before == after
    assert before[0][0].job == make_job(2)._replace(request={})


def test_pages_go_on_from_a_place(tmp_path: Path) -> None:
    async def pages(store: Store) -> list[list[str]]:
        for number in (1, 2, 3, 4):
            job = make_job(number)._replace(model="mn"[number % 2], created_at=number // 2)
            await store.add(job._replace(tenant="bob") if number == 3 else job)
        first = await store.page(None, ["p", "q"], limit=2)
        following = await store.page(None, ["p"], before=first[-1].place)
        others = [
            await store.page("ann", ["p"], skip=1, limit=1),
            await store.page(None, ["p"], model="m", skip=1),
            await store.page(None, ["q"]),
        ]
        await store.close()
        return [[placed.job.id for placed in page] for page in (first, following, *others)]

    expected = [["4", "3"], ["2", "1"], ["2"], ["2"], []]
    assert asyncio.run(pages(MemoryStore())) == expected
    assert asyncio.run(pages(SqliteStore(tmp_path / "jobs.db"))) == expected


def test_only_a_job_that_starts_at_the_very_moment_is_found_there(tmp_path: Path) -> None:
    async def ask(store: Store) -> list[str]:
        for number, at in ((1, 10), (2, 30)):
            await store.add(make_job(number)._replace(created_at=at))
        (group,) = await store.tally.groups("ann", "p")
        jobs = [await store.tally.find_started(group, at) for at in (0, 9, 10, 11, 29, 30, 31)]
        await store.close()
        return [job.id if job else "" for job in jobs]

    for store in (MemoryStore(), SqliteStore(tmp_path / "jobs.db")):
        assert asyncio.run(ask(store)) == ["", "", "1", "", "", "2", ""]
