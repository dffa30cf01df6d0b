"""One suite for every store."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores.base import Store
from mockserver.stores.open import open_store

T = TypeVar("T")

PLAN = Plan((Step("queued", "waiting", 2000), Step("success", "succeeded")), "polls", 3, "too dark")
POLLED = Fact("polled", 1000)
CANCELLED = Fact("cancelled", 2000, "cancelled", "cancelled", "by its owner")


def make_job(
    job_id: str = "one",
    *,
    tenant: str = "ann",
    provider: str = "p",
    model: str = "m",
    alias: str | None = None,
    at: int = 1000,
) -> Job:
    request = {"prompt": f"a fox called {job_id}", "n": [1, 2.5, None]}
    return Job(job_id, tenant, provider, "submit", model, request, at, PLAN, alias)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def add_all(store: Store, *jobs: Job) -> None:
    for job in jobs:
        await store.add(job)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/jobs.db")
    yield opened
    run(opened.close())


def test_a_job_comes_back_as_it_was_added(store: Store) -> None:
    job = replace(make_job(alias="mine"), facts=(POLLED, CANCELLED))
    run(store.add(job))

    assert run(store.get("ann", "p", "one")) == job
    assert run(store.find("ann", "p", "mine")) == job
    assert run(store.unlock("p", "one")) == job
    assert run(store.list("ann", "p")) == [job]


def test_what_was_never_added_is_not_there(store: Store) -> None:
    assert run(store.get("ann", "p", "one")) is None
    assert run(store.find("ann", "p", "mine")) is None
    assert run(store.unlock("p", "one")) is None
    assert run(store.note("ann", "p", "one", POLLED)) is None
    assert run(store.list("ann", "p")) == []
    assert run(store.count("ann", "p")) == 0


def test_another_tenant_or_provider_sees_nothing(store: Store) -> None:
    job = make_job(alias="mine")
    run(store.add(job))

    for tenant, provider in (("bob", "p"), ("ann", "q")):
        assert run(store.get(tenant, provider, "one")) is None
        assert run(store.find(tenant, provider, "mine")) is None
        assert run(store.note(tenant, provider, "one", POLLED)) is None
        assert run(store.note(tenant, provider, "one", POLLED, most=1)) is None
        assert run(store.list(tenant, provider)) == []
        assert run(store.count(tenant, provider)) == 0
    assert run(store.unlock("q", "one")) is None
    assert run(store.get("ann", "p", "one")) == job


@pytest.mark.parametrize("tenant", ["ann", "bob"])
def test_an_id_is_given_once_whoevers_it_is(store: Store, tenant: str) -> None:
    run(store.add(make_job()))

    with pytest.raises(DuplicateJob, match="p already has a job one"):
        run(store.add(make_job(tenant=tenant)))
    assert run(store.count("bob", "p")) == 0


def test_providers_give_their_ids_without_each_other(store: Store) -> None:
    run(add_all(store, make_job(), make_job(provider="q", at=7)))

    found = run(store.get("ann", "q", "one"))

    assert found is not None
    assert found.created_at == 7


def test_an_alias_stands_for_the_newest_job_of_that_name(store: Store) -> None:
    jobs = (make_job("a", alias="x", at=5), make_job("b", alias="x", at=9), make_job("c", alias="x", at=7))
    run(add_all(store, *jobs, make_job("d", at=11), make_job("e", tenant="bob", alias="x", at=12)))

    assert run(store.find("ann", "p", "x")) == jobs[1]


def test_the_list_has_the_newest_first_and_of_one_moment_the_last_added(store: Store) -> None:
    run(add_all(store, make_job("a", at=5), make_job("z", at=9), make_job("b", at=9), make_job("c", at=7)))

    assert [job.id for job in run(store.list("ann", "p"))] == ["b", "z", "c", "a"]


@pytest.mark.parametrize(
    ("offset", "limit", "ids"),
    [(0, 2, "ed"), (2, 2, "cb"), (4, 2, "a"), (5, 2, ""), (0, 0, ""), (1, 100, "dcba")],
)
def test_the_list_comes_in_pages(store: Store, offset: int, limit: int, ids: str) -> None:
    run(add_all(store, *(make_job(name, at=at) for at, name in enumerate("abcde"))))

    assert "".join(job.id for job in run(store.list("ann", "p", offset=offset, limit=limit))) == ids


def test_list_and_count_may_ask_for_one_model(store: Store) -> None:
    run(
        add_all(
            store, *(make_job(name, model=name.upper()[0], at=at) for at, name in enumerate(["a", "b", "a2"]))
        )
    )

    assert [job.id for job in run(store.list("ann", "p", model="A"))] == ["a2", "a"]
    assert [job.id for job in run(store.list("ann", "p", model="A", offset=1))] == ["a"]
    assert run(store.list("ann", "p", model="")) == []
    assert [run(store.count("ann", "p", model=model)) for model in (None, "A", "C")] == [3, 2, 0]


def test_facts_are_kept_in_the_order_in_which_they_were_noted(store: Store) -> None:
    run(store.add(make_job()))

    first = run(store.note("ann", "p", "one", CANCELLED))
    second = run(store.note("ann", "p", "one", POLLED))

    assert first == replace(make_job(), facts=(CANCELLED,))
    assert second == replace(make_job(), facts=(CANCELLED, POLLED)) == run(store.get("ann", "p", "one"))


def test_of_a_kind_no_more_facts_are_noted_than_asked(store: Store) -> None:
    run(add_all(store, make_job(), make_job("other")))
    run(store.note("ann", "p", "one", CANCELLED, most=1))

    for _ in range(5):
        job = run(store.note("ann", "p", "one", POLLED, most=3))
    again = run(store.note("ann", "p", "one", replace(CANCELLED, at=9999), most=1))

    assert job == again == replace(make_job(), facts=(CANCELLED, POLLED, POLLED, POLLED))
    assert run(store.note("ann", "p", "other", POLLED, most=0)) == make_job("other")


def test_polls_at_once_are_all_counted_and_no_two_are_the_same_one(store: Store) -> None:
    run(store.add(make_job()))

    async def poll() -> int:
        job = await store.note("ann", "p", "one", POLLED, most=3)
        return len(job.facts) if job else 0

    async def poll_all() -> list[int]:
        return await asyncio.gather(*(poll() for _ in range(1000)))

    assert sorted(run(poll_all())) == [1, 2] + [3] * 998


def test_numbers_count_up_for_each_tenant(store: Store) -> None:
    assert [run(store.number(tenant)) for tenant in ("ann", "ann", "bob", "ann")] == [1, 2, 1, 3]


def test_a_name_that_is_no_unicode_text_is_nobodys(store: Store) -> None:
    run(store.add(make_job()))

    assert run(store.get("ann", "p", "\udc80")) is None
    assert run(store.find("ann", "p", "\udc80")) is None
    assert run(store.unlock("p", "\udc80")) is None
    assert run(store.note("ann", "p", "\udc80", POLLED, most=1)) is None
    assert run(store.list("ann", "p", model="\udc80")) == []
    assert run(store.count("ann", "p", model="\udc80")) == 0


@given(name=st.text(), text=st.text())
@settings(max_examples=30, deadline=None)
def test_any_text_will_do_for_names_and_reasons(name: str, text: str) -> None:
    job = Job(name, name, name, text, text, {text: text}, 0, PLAN, text)
    fact = Fact("forced", 1, text, "failed", text)

    def keep(url: str) -> Job | None:
        store = open_store(url)
        run(store.add(job))
        run(store.note(name, name, name, fact, most=1))
        found = run(store.find(name, name, text))
        run(store.close())
        return found

    with tempfile.TemporaryDirectory() as folder:
        assert keep("memory:") == keep(f"sqlite:///{folder}/jobs.db") == replace(job, facts=(fact,))


few = st.sampled_from
names = st.tuples(few(["ann", "bob"]), few(["p", "q"]))
ids = few(["1", "2", "3", "4"])
aliases = few(["x", "y"])
models = few(["m", "n"])
notes = st.builds(Fact, few(["polled", "forced"]), st.integers(0, 9), st.none() | few(["success"]))
calls = st.one_of(
    st.tuples(st.just("add"), names, ids, models, st.none() | aliases, st.integers(0, 3)),
    st.tuples(st.just("get"), names, ids),
    st.tuples(st.just("find"), names, aliases),
    st.tuples(st.just("unlock"), names, ids),
    st.tuples(st.just("list"), names, st.none() | models, st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("count"), names, st.none() | models),
    st.tuples(st.just("note"), names, ids, notes, st.none() | st.integers(0, 3)),
    st.tuples(st.just("number"), names),
)


async def call(store: Store, verb: str, name: tuple[str, str], *rest: Any) -> Any:
    if verb == "add":
        job_id, model, alias, at = rest
        try:
            return await store.add(
                make_job(job_id, tenant=name[0], provider=name[1], model=model, alias=alias, at=at)
            )
        except DuplicateJob as error:
            return str(error)
    if verb == "list":
        return await store.list(*name, model=rest[0], offset=rest[1], limit=rest[2])
    if verb == "count":
        return await store.count(*name, model=rest[0])
    if verb == "note":
        return await store.note(*name, *rest[:2], most=rest[2])
    where = {"unlock": name[1:], "number": name[:1]}.get(verb, name)
    return await getattr(store, verb)(*where, *rest)


async def call_all(url: str, wanted: list[tuple[Any, ...]]) -> list[Any]:
    store = open_store(url)
    answers = [await call(store, *what) for what in wanted]
    await store.close()
    return answers


@given(st.lists(calls, max_size=40))
@settings(deadline=None)
def test_all_stores_answer_alike(wanted: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert run(call_all(f"sqlite:///{folder}/jobs.db", wanted)) == run(call_all("memory:", wanted))
