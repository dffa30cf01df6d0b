"""One suite for every store."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import tempfile
import textwrap
from collections.abc import Coroutine, Iterator
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import DuplicateJob, StoreError
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores import tally_statements
from mockserver.stores.base import Store, StoredDocument, Tally
from mockserver.stores.memory import MemoryStore
from mockserver.stores.open import open_store
from mockserver.stores.sqlite import SqliteStore
from mockserver.stores.unreadable import JOB
from tests.stores.snapshots import dump, restore

T = TypeVar("T")

PLAN = Plan((Step("queued", "waiting", 2000), Step("success", "succeeded")), "polls", 3, "too dark")
POLLED = Fact("polled", 1000)
PACED = Fact("paced", 1500, plan=Plan((Step("queued", "waiting", 7),), quirks=("no-link",), faults=("slow",)))
CANCELLED = Fact("cancelled", 2000, "cancelled", "cancelled", "by its owner")


def make_job(
    job_id: str = "one",
    *,
    tenant: str = "ann",
    provider: str = "p",
    model: str = "m",
    alias: str | None = None,
    at: int = 1000,
    operation: str = "submit",
) -> Job:
    request = {"prompt": f"a fox called {job_id}", "n": [1, 2.5, None]}
    return Job(job_id, tenant, provider, operation, model, request, at, PLAN, alias)


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
    job = make_job(alias="mine")._replace(facts=(POLLED, CANCELLED))
    run(store.add(job))

    assert run(store.get("ann", "p", "one")) == job
    assert run(store.find("ann", "p", "mine")) == job
    assert run(store.get_for_any_tenant("p", "one")) == job
    assert run(store.list("ann", "p")) == [job]


def test_a_length_that_is_noted_later_is_the_jobs_wherever_it_is_read(store: Store) -> None:
    job = make_job(alias="mine")
    run(add_all(store, job, make_job("two")._replace(seconds=2.0)))
    run(store.set_seconds({("p", "one"): 5.0, ("p", "two"): 7.0}))
    measured = job._replace(seconds=5.0)

    assert run(store.get("ann", "p", "one")) == measured
    assert run(store.find("ann", "p", "mine")) == measured
    assert run(store.get_for_any_tenant("p", "one")) == measured
    assert [listed.seconds for listed in run(store.list("ann", "p"))] == [2.0, 5.0]
    assert [placed.job.seconds for placed in run(store.page("ann", ["p"]))] == [2.0, 5.0]
    assert run(store.append_fact("ann", "p", "one", POLLED)) == measured._replace(facts=(POLLED,))
    run(restore(store, "ann", run(dump(store, "ann"))))
    assert run(store.get("ann", "p", "one")) == measured._replace(facts=(POLLED,))
    assert run(store.unmeasured("p")) == []


def test_what_was_never_added_is_not_there(store: Store) -> None:
    assert run(store.get("ann", "p", "one")) is None
    assert run(store.find("ann", "p", "mine")) is None
    assert run(store.get_for_any_tenant("p", "one")) is None
    assert run(store.append_fact("ann", "p", "one", POLLED)) is None
    assert run(store.list("ann", "p")) == []
    assert run(store.count("ann", "p")) == 0


def test_another_tenant_or_provider_sees_nothing(store: Store) -> None:
    job = make_job(alias="mine")
    run(store.add(job))

    for tenant, provider in (("bob", "p"), ("ann", "q")):
        assert run(store.get(tenant, provider, "one")) is None
        assert run(store.find(tenant, provider, "mine")) is None
        assert run(store.append_fact(tenant, provider, "one", POLLED)) is None
        assert run(store.append_fact(tenant, provider, "one", POLLED, most=1)) is None
        assert run(store.list(tenant, provider)) == []
        assert run(store.count(tenant, provider)) == 0
    assert run(store.get_for_any_tenant("q", "one")) is None
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
    [(0, 2, "ed"), (2, 2, "cb"), (4, 2, "a"), (5, 2, ""), (0, 0, ""), (1, 100, "dcba"), (1, None, "dcba")],
)
def test_the_list_comes_in_pages(store: Store, offset: int, limit: int | None, ids: str) -> None:
    run(add_all(store, *(make_job(name, at=at) for at, name in enumerate("abcde"))))

    assert "".join(job.id for job in run(store.list("ann", "p", offset=offset, limit=limit))) == ids


@pytest.mark.parametrize(
    ("after", "oldest_first", "ids"),
    [("d", False, "cba"), ("b", True, "cde"), ("a", False, ""), ("e", True, ""), ("nobody", False, "")],
)
def test_the_list_goes_on_behind_a_job(store: Store, after: str, oldest_first: bool, ids: str) -> None:
    run(add_all(store, *(make_job(name, at=at // 2) for at, name in enumerate("abcde"))))

    found = run(store.list("ann", "p", after=after, oldest_first=oldest_first))
    assert "".join(job.id for job in found) == ids


def test_the_job_of_somebody_else_is_no_place_to_go_on_from(store: Store) -> None:
    run(add_all(store, make_job("a"), make_job("b", tenant="bob"), make_job("c")))

    assert run(store.list("ann", "p", after="b")) == []


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


def test_list_count_and_find_may_ask_for_what_some_operations_submitted(store: Store) -> None:
    said = [("a", "image"), ("b", "text"), ("c", "image"), ("d", "shot")]
    jobs = [make_job(name, operation=what, alias="x", at=at) for at, (name, what) in enumerate(said)]
    jobs += [make_job("e", operation="image", model="n", at=4)]
    run(add_all(store, *jobs))

    def ids(*operations: str, **more: Any) -> str:
        return "".join(job.id for job in run(store.list("ann", "p", operations=operations, **more)))

    assert [ids("image"), ids("text", "shot"), ids("nobody"), ids()] == ["eca", "db", "", ""]
    assert [ids("image", model="m"), ids("image", offset=1, limit=1)] == ["ca", "c"]
    assert run(store.count("ann", "p", operations=["image"])) == 3
    assert run(store.count("ann", "p", operations=["image"], model="n")) == 1
    assert run(store.find("ann", "p", "x", operations=["image", "text"])) == jobs[2]
    assert run(store.find("ann", "p", "x", operations=["nobody"])) is None
    assert run(store.find("ann", "p", "x")) == jobs[3]


def test_facts_are_kept_in_the_order_in_which_they_were_noted(store: Store) -> None:
    run(store.add(make_job()))

    first = run(store.append_fact("ann", "p", "one", CANCELLED))
    second = run(store.append_fact("ann", "p", "one", POLLED))

    assert first == make_job()._replace(facts=(CANCELLED,))
    assert second == make_job()._replace(facts=(CANCELLED, POLLED)) == run(store.get("ann", "p", "one"))


def test_of_a_kind_no_more_facts_are_noted_than_asked(store: Store) -> None:
    run(add_all(store, make_job(), make_job("other")))
    run(store.append_fact("ann", "p", "one", CANCELLED, most=1))

    for _ in range(5):
        job = run(store.append_fact("ann", "p", "one", POLLED, most=3))
    again = run(store.append_fact("ann", "p", "one", CANCELLED._replace(at=9999), most=1))

    assert job == again == make_job()._replace(facts=(CANCELLED, POLLED, POLLED, POLLED))
    assert run(store.append_fact("ann", "p", "other", POLLED, most=0)) == make_job("other")


def test_polls_at_once_are_all_counted_and_no_two_are_the_same_one(store: Store) -> None:
    run(store.add(make_job()))

    async def poll() -> int:
        job = await store.append_fact("ann", "p", "one", POLLED, most=3)
        return len(job.facts) if job else 0

    async def poll_all() -> list[int]:
        return await asyncio.gather(*(poll() for _ in range(1000)))

    assert sorted(run(poll_all())) == [1, 2] + [3] * 998


def test_the_list_has_a_limit_unless_it_is_told_otherwise(store: Store) -> None:
    run(add_all(store, *(make_job(str(number)) for number in range(101))))

    assert len(run(store.list("ann", "p"))) == 100
    assert len(run(store.list("ann", "p", limit=None))) == 101


def test_numbers_count_up_for_each_tenant_and_name(store: Store) -> None:
    assert [run(store.increment(tenant)) for tenant in ("ann", "ann", "bob", "ann")] == [1, 2, 1, 3]
    assert [run(store.increment("ann", name)) for name in ("calls", "job", "calls")] == [1, 4, 2]


def test_a_deleted_job_is_gone_and_the_others_stay(store: Store) -> None:
    jobs = [
        make_job(name, alias="x", at=at) for name, at in (("a", 5), ("b", 7), ("c", 7), ("d", 7), ("e", 9))
    ]
    run(add_all(store, *jobs))
    run(store.append_fact("ann", "p", "c", POLLED))

    assert run(store.delete("ann", "p", "c")) == 1
    assert run(store.delete("ann", "p", "e")) == 1

    assert run(store.get("ann", "p", "c")) is run(store.get_for_any_tenant("p", "e")) is None
    assert run(store.find("ann", "p", "x")) == jobs[3]
    assert [job.id for job in run(store.list("ann", "p"))] == ["d", "b", "a"]
    assert run(store.count("ann", "p")) == 3


def test_only_its_tenant_deletes_a_job_and_only_once(store: Store) -> None:
    run(store.add(make_job()))

    told = [run(store.delete(tenant, "p", job_id)) for tenant, job_id in (("bob", "one"), ("ann", "two"))]
    told += [run(store.delete("ann", "p", "one")) for _ in range(2)]

    assert told == [0, 0, 1, 0]


def test_several_jobs_are_deleted_at_once_and_each_is_counted_once(store: Store) -> None:
    run(add_all(store, *(make_job(name) for name in "abcd"), make_job("e", tenant="bob")))
    run(store.append_fact("ann", "p", "b", POLLED))
    assert run(store.count("ann", "p")) == 4

    assert run(store.delete("ann", "p", "a", "b", "b", "e", "f", "d")) == 3
    assert run(store.delete("ann", "p")) == 0
    assert [job.id for job in run(store.list("ann", "p"))] == ["c"]
    assert [group.number for group in run(store.tally.groups("ann"))] == [1]
    assert run(store.count("bob", "p")) == 1


def test_a_deleted_jobs_id_is_free_and_brings_nothing_back(store: Store) -> None:
    large = make_job(alias="x")._replace(request={"image": "A" * 10_000})
    run(store.add(large))
    run(store.append_fact("ann", "p", "one", POLLED))
    run(store.delete("ann", "p", "one"))

    run(store.add(make_job(tenant="bob")))

    assert run(store.get_for_any_tenant("p", "one")) == make_job(tenant="bob")
    assert run(store.find("ann", "p", "x")) is None
    assert run(store.list("ann", "p")) == []


def test_documents_come_back_in_the_order_of_their_coming(store: Store) -> None:
    documents = [
        StoredDocument("ann", "rule", "b", {"n": [1, 2.5, None]}),
        StoredDocument("", "clock", "b", {}),
        StoredDocument("bob", "rule", "b", {"a": "ü"}),
        StoredDocument("ann", "rule", "a", {"a": {"b": True}}),
    ]
    for kept in documents:
        run(store.put_document(kept.tenant, kept.kind, kept.name, kept.document))

    assert run(store.documents()) == documents
    assert run(store.documents("rule")) == [documents[0], *documents[2:]]
    assert run(store.documents("quota")) == []


def test_a_document_takes_the_place_of_the_one_before(store: Store) -> None:
    for name, number in (("a", 1), ("b", 2), ("a", 3)):
        run(store.put_document("ann", "rule", name, {"n": number}))

    assert [(kept.name, kept.document["n"]) for kept in run(store.documents())] == [("a", 3), ("b", 2)]


def test_a_dropped_document_is_gone_and_comes_back_as_the_last(store: Store) -> None:
    for name, document in (("a", {"n": 1}), ("b", {"n": 2}), ("a", None), ("c", None), ("a", {"n": 3})):
        run(store.put_document("ann", "rule", name, document))

    assert [(kept.name, kept.document["n"]) for kept in run(store.documents())] == [("b", 2), ("a", 3)]


def test_nobody_holds_the_document_that_is_kept(store: Store) -> None:
    mine = {"list": [1]}
    run(store.put_document("ann", "rule", "a", mine))
    mine["list"].append(2)
    run(store.documents())[0].document["list"].append(3)

    assert run(store.documents())[0].document == {"list": [1]}


@pytest.mark.parametrize(("name", "document"), [("a", {"n": {1, 2}}), ("a", {"n": 2**70}), ("\ud800", {})])
def test_a_document_that_is_no_json_is_refused(store: Store, name: str, document: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match=r"^rule '.*' cannot be kept: "):
        run(store.put_document("ann", "rule", name, document))
    assert run(store.documents()) == []


def test_a_document_is_found_by_its_name(store: Store) -> None:
    documents = [
        StoredDocument(tenant, kind, name, {"n": number})
        for number, (tenant, kind, name) in enumerate(product(("ann", "bob"), ("rule", "clock"), ("a", "b")))
    ]
    for stored in documents:
        run(store.put_document(stored.tenant, stored.kind, stored.name, stored.document))

    for stored in documents:
        assert run(store.document(stored.kind, stored.name, stored.tenant)) == stored
    assert run(store.document("clock", "b")) in documents
    for kind, name, tenant in (("clock", "c", None), ("quota", "a", None), ("rule", "a", "cid")):
        assert run(store.document(kind, name, tenant)) is None
    assert run(store.kinds()) == ["rule", "clock"]


def test_what_this_process_changes_does_not_count_as_changed(store: Store) -> None:
    run(store.put_document("ann", "rule", "a", {}))
    run(store.add(make_job()))
    run(store.clear(None))

    assert store.changed() is False


def test_whoever_left_anything_is_a_tenant(store: Store) -> None:
    run(
        add_all(store, make_job(tenant="dan"), make_job("two", tenant="ann"), make_job("three", tenant="eve"))
    )
    run(store.put_document("bob", "rule", "a", {}))
    run(store.put_document("", "rule", "a", {}))
    run(store.increment("cid", "calls"))
    run(store.delete("eve", "p", "three"))

    assert run(store.tenants()) == ["ann", "bob", "cid", "dan"]


async def leave_all(store: Store) -> None:
    """Jobs, facts, documents and numbers of ann and of bob, and a document of everybody's."""
    large = make_job("large", alias="x", at=5)._replace(request={"image": "A" * 10_000})
    await add_all(store, make_job(alias="x", at=7), large, make_job("q", provider="q", at=7))
    await add_all(store, make_job("bobs", tenant="bob", alias="x"))
    for fact in (POLLED, PACED, CANCELLED):
        await store.append_fact("ann", "p", "large", fact)
    for tenant in ("bob", "ann", ""):
        await store.put_document(tenant, "rule", "b", {"of": tenant})
        await store.put_document(tenant, "rule", "a", {"n": [1, 2.5, None]})
        await store.increment(tenant)
        await store.increment(tenant, "calls")


def test_a_cleared_tenant_leaves_nothing_and_the_others_everything(store: Store) -> None:
    run(leave_all(store))
    before = [run(dump(store, tenant)) for tenant in ("bob", "")]

    assert run(store.clear("ann")) == 3

    assert run(store.tenants()) == ["bob"]
    assert run(dump(store, "ann")) == {"jobs": [], "documents": [], "numbers": {}}
    assert run(store.find("ann", "p", "x")) is run(store.get_for_any_tenant("p", "large")) is None
    assert (run(store.increment("ann")), run(store.count("ann", "p"))) == (1, 0)
    assert [run(dump(store, tenant)) for tenant in ("bob", "")] == before


def test_a_store_is_cleared_of_everything(store: Store) -> None:
    run(leave_all(store))

    assert run(store.clear(None)) == 4

    assert run(store.tenants()) == []
    assert run(store.documents()) == []
    assert run(store.get_for_any_tenant("p", "bobs")) is None
    assert run(store.increment("bob")) == run(store.increment("")) == 1
    assert run(store.clear(None)) == 0


UNREADABLE = [("rule", "ann", "a"), (JOB, "ann", "p/large"), ("rule", "bob", "a"), ("rule", "", "a")]


@pytest.mark.parametrize("kind", [Store, Tally])
def test_a_store_that_lacks_a_part_cannot_be_made(kind: type[Store | Tally]) -> None:
    empty = {name for name, part in vars(kind).items() if is_empty(part)}
    assert empty
    assert empty <= kind.__abstractmethods__


def is_empty(part: object) -> bool:
    """Whether it is a method that has a docstring alone."""
    if not inspect.isfunction(part):
        return False
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return len(function.body) == 1 and ast.get_docstring(function) is not None


def note_unreadable(store: Store) -> None:
    for key in UNREADABLE:
        store.unreadable.note(*key, "damaged")


@pytest.mark.parametrize(("tenant", "stay"), [("ann", 2), ("bob", 3), (None, 0)])
def test_what_could_not_be_read_is_forgotten_with_its_tenant(
    store: Store, tenant: str | None, stay: int
) -> None:
    note_unreadable(store)

    run(store.clear(tenant))

    assert len(store.unreadable.of(None)) == stay
    assert tenant is None or not store.unreadable.of(tenant)


def test_what_a_restore_replaces_is_unreadable_no_more(store: Store) -> None:
    note_unreadable(store)

    run(restore(store, "ann", run(dump(store, "ann"))))

    assert [record.tenant for record in store.unreadable.of(None)] == ["bob", ""]


@pytest.mark.parametrize("number", [at for at, key in enumerate(UNREADABLE) if key[0] != JOB])
@pytest.mark.parametrize("document", [None, {"a": 1}])
def test_a_document_that_is_replaced_or_deleted_is_unreadable_no_more(
    store: Store, document: dict[str, Any] | None, number: int
) -> None:
    note_unreadable(store)
    noted = list(store.unreadable.of(None))
    kind, tenant, name, _ = noted.pop(number)

    run(store.put_document(tenant, kind, name, document))

    assert store.unreadable.of(None) == noted


@pytest.mark.parametrize("number", range(len(UNREADABLE)))
def test_what_cannot_be_read_is_dropped_alone(store: Store, number: int) -> None:
    run(leave_all(store))
    note_unreadable(store)
    record = store.unreadable.of(None)[number]
    jobs, documents = run(store.count("ann", "p")), len(run(store.documents()))

    run(store.drop_unreadable(record))

    assert record not in store.unreadable.of(None)
    assert len(store.unreadable) == 3
    dropped_job = record.kind == JOB
    assert run(store.count("ann", "p")) == jobs - dropped_job
    assert len(run(store.documents())) == documents - (not dropped_job)


def test_a_restored_tenant_is_as_it_was(store: Store) -> None:
    run(leave_all(store))
    listed, snapshot = run(store.list("ann", "p")), run(dump(store, "ann"))
    run(add_all(store, make_job("later")))
    run(store.append_fact("ann", "p", "one", CANCELLED))
    run(store.put_document("ann", "clock", "-", {}))
    run(store.increment("ann"))
    run(store.increment("ann", "later"))
    others = [run(dump(store, tenant)) for tenant in ("bob", "")]

    run(restore(store, "ann", json.loads(json.dumps(snapshot))))

    assert run(dump(store, "ann")) == snapshot
    assert run(store.list("ann", "p")) == listed
    assert run(store.find("ann", "p", "x")) == listed[0]
    assert run(store.get("ann", "p", "later")) is None
    assert [run(store.increment("ann", name)) for name in ("job", "calls", "later")] == [2, 2, 1]
    assert [run(dump(store, tenant)) for tenant in ("bob", "")] == others


def test_a_snapshot_may_be_given_to_another_tenant(store: Store) -> None:
    run(leave_all(store))
    snapshot = run(dump(store, "ann"))
    run(store.clear("ann"))

    run(restore(store, "bob", snapshot))

    given = run(dump(store, "bob"))
    assert [job["id"] for job in given["jobs"]] == ["large", "one", "q"]
    assert (
        {job["tenant"] for job in given["jobs"]} == {kept["tenant"] for kept in given["documents"]} == {"bob"}
    )
    assert run(store.get_for_any_tenant("p", "bobs")) is None
    assert run(store.tenants()) == ["bob"]


def test_a_snapshot_with_another_tenants_job_changes_nothing(store: Store) -> None:
    run(leave_all(store))
    snapshot, before = run(dump(store, "ann")), run(dump(store, "bob"))

    with pytest.raises(DuplicateJob, match="p already has a job large"):
        run(restore(store, "bob", snapshot))
    twice = {**snapshot, "jobs": [*snapshot["jobs"], snapshot["jobs"][0]]}
    with pytest.raises(DuplicateJob, match="p already has a job large"):
        run(restore(store, "ann", twice))

    assert [run(dump(store, tenant)) for tenant in ("ann", "bob")] == [snapshot, before]
    run(store.add(make_job("next")))


def test_a_name_that_is_no_unicode_text_is_nobodys(store: Store) -> None:
    run(store.add(make_job()))

    assert run(store.get("ann", "p", "\udc80")) is None
    assert run(store.find("ann", "p", "\udc80")) is None
    assert run(store.get_for_any_tenant("p", "\udc80")) is None
    assert run(store.append_fact("ann", "p", "\udc80", POLLED, most=1)) is None
    assert run(store.list("ann", "p", model="\udc80")) == []
    assert run(store.count("ann", "p", model="\udc80")) == 0
    assert run(store.delete("ann", "p", "\udc80")) == 0
    assert run(store.clear("\udc80")) == 0
    assert run(dump(store, "\udc80"))["jobs"] == []


@given(name=st.text(), text=st.text())
@settings(max_examples=30, deadline=None)
def test_any_text_will_do_for_names_and_reasons(name: str, text: str) -> None:
    job = Job(name, name, name, text, text, {text: text}, 0, PLAN, text, places={"query.name": text})
    fact = Fact("forced", 1, text, "failed", text)

    def keep(url: str) -> Job | None:
        store = open_store(url)
        run(store.add(job))
        run(store.append_fact(name, name, name, fact, most=1))
        found = run(store.find(name, name, text))
        run(store.close())
        return found

    with tempfile.TemporaryDirectory() as folder:
        assert keep("memory:") == keep(f"sqlite:///{folder}/jobs.db") == job._replace(facts=(fact,))


few = st.sampled_from
names = st.tuples(few(["ann", "bob"]), few(["p", "q"]))
ids = few(["1", "2", "3", "4"])
aliases = few(["x", "y"])
models = few(["m", "n"])
tenants = few(["ann", "bob", ""])
kinds = few(["rule", "clock"])
moments = st.integers(0, 9)
# Hypothesis would draw the fields that are left out as well, and most facts with those could not be read.
notes = st.one_of(
    st.tuples(st.just("polled"), moments),
    st.tuples(few(["forced", "cancelled"]), moments, few(["x", "y"]), few(["succeeded", "failed"])),
).map(lambda fields: Fact(*fields))
calls = st.one_of(
    st.tuples(st.just("add"), names, ids, models, st.none() | aliases, st.integers(0, 3)),
    st.tuples(st.just("get"), names, ids),
    st.tuples(st.just("find"), names, aliases),
    st.tuples(st.just("get_for_any_tenant"), names, ids),
    st.tuples(
        st.just("list"),
        names,
        st.none() | models,
        st.integers(0, 3),
        st.none() | st.integers(0, 3),
        st.none() | ids,
        st.booleans(),
    ),
    st.tuples(st.just("count"), names, st.none() | models),
    st.tuples(st.just("append_fact"), names, ids, notes, st.none() | st.integers(0, 3)),
    st.tuples(st.just("delete"), names, ids),
    st.tuples(st.just("increment"), tenants, few(["job", "calls"])),
    st.tuples(
        st.just("put_document"), tenants, kinds, aliases, st.none() | st.dictionaries(ids, st.integers(0, 3))
    ),
    st.tuples(st.just("documents"), st.none() | kinds),
    st.tuples(st.just("tenants")),
    st.tuples(st.just("clear"), st.none() | tenants),
    st.tuples(st.just("dump"), tenants),
    st.tuples(st.just("restore"), tenants, tenants),
)


async def call(store: Store, verb: str, *rest: Any) -> Any:
    if verb in ("increment", "put_document", "documents", "tenants", "clear"):
        return await getattr(store, verb)(*rest)
    if verb == "dump":
        return await dump(store, *rest)
    if verb == "restore":
        return await copy(store, *rest)
    return await call_for(store, verb, *rest)


async def copy(store: Store, source: str, target: str) -> Any:
    try:
        return await restore(store, target, await dump(store, source))
    except DuplicateJob as error:
        return str(error)


async def call_for(store: Store, verb: str, name: tuple[str, str], *rest: Any) -> Any:
    if verb == "add":
        job_id, model, alias, at = rest
        try:
            return await store.add(
                make_job(job_id, tenant=name[0], provider=name[1], model=model, alias=alias, at=at)
            )
        except DuplicateJob as error:
            return str(error)
    if verb == "list":
        model, offset, limit, after, oldest_first = rest
        return await store.list(
            *name, model=model, offset=offset, limit=limit, after=after, oldest_first=oldest_first
        )
    if verb == "count":
        return await store.count(*name, model=rest[0])
    if verb == "append_fact":
        return await store.append_fact(*name, *rest[:2], most=rest[2])
    where = name[1:] if verb == "get_for_any_tenant" else name
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


@pytest.mark.parametrize("ids", ["12", "21"])
def test_of_several_jobs_that_others_have_the_first_is_named(ids: str, store: Store) -> None:
    for at, job_id in enumerate(ids):
        run(store.add(make_job(job_id, at=at)))
    for job_id in "12":
        run(store.add(make_job(f"bobs{job_id}", tenant="bob")))

    with pytest.raises(DuplicateJob, match=f"p already has a job {ids[0]}"):
        run(restore(store, "bob", run(dump(store, "ann"))))
    assert run(store.count("bob", "p")) == 2


@pytest.mark.parametrize("kind", [MemoryStore, SqliteStore])
def test_every_store_is_called_as_the_base_says(kind: type[Store]) -> None:
    def defaults(store: Any, name: str) -> dict[str, Any]:
        parameters = inspect.signature(getattr(store, name)).parameters
        return {parameter.name: parameter.default for parameter in parameters.values()}

    for name in Store.__abstractmethods__:
        if callable(getattr(Store, name)):
            assert defaults(kind, name) == defaults(Store, name), name


def test_a_file_is_counted_in_as_many_levels_as_it_was() -> None:
    """A moment has at most 48 bits; another number would not find what is in a file already."""
    assert (tally_statements.BITS, tally_statements.LEVELS) == (8, 6)
