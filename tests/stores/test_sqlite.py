"""What only a file can do: outlive a process, be shared, be damaged, be full."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mockserver.errors import StoreError
from mockserver.jobs.course import planned_course
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores import sqlite_pages, sqlite_tally, tally_statements
from mockserver.stores import statements as sql
from mockserver.stores.base import PlacedJob, StoredDocument
from mockserver.stores.sqlite import SqliteStore
from tests.stores.snapshots import dump, restore

T = TypeVar("T")

JOB = Job(
    "one", "ann", "p", "submit", "m", {"prompt": "a fox"}, 1000, Plan((Step("queued", "waiting"),)), "mine"
)
POLLED = Fact("polled", 1000)
ROOT = Path(__file__).parents[2]

CHILD = """
import asyncio, sys
from pathlib import Path
from mockserver.jobs.course import planned_course
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores.sqlite import SqliteStore

PLAN = Plan((Step("queued", "waiting"),))

def make_job(name):
    return Job(name, "ann", "p", "submit", "m", {"prompt": name * 50}, 1000, PLAN)

store = SqliteStore(Path(sys.argv[1]))
"""

ADDS = """
async def work():
    for number in range(1_000_000):
        name = f"{sys.argv[2]}-{number}"
        await store.add(make_job(name))
        print(name, flush=True)
asyncio.run(work())
"""

SHARES = """
async def work():
    sys.stdin.readline()
    for number in range(200):
        await store.add(make_job(f"{sys.argv[2]}-{number}"))
        await store.append_fact("ann", "p", "one", Fact("polled", number), most=50)
        await store.append_fact("ann", "p", "one", Fact("forced", number, "failed", "failed"))
        print(await store.increment("ann"))
        await store.put_document("ann", "rule", f"{sys.argv[2]}-{number % 10}", {"number": number})
asyncio.run(work())
"""


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def start(path: Path, work: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD + work, str(path), name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)


def test_jobs_facts_and_numbers_outlive_the_store(path: Path) -> None:
    before = SqliteStore(path)
    run(before.add(JOB))
    run(before.append_fact("ann", "p", "one", POLLED))
    run(before.increment("ann"))
    run(before.close())

    after = SqliteStore(path)

    assert run(after.get("ann", "p", "one")) == JOB._replace(facts=(POLLED,))
    assert run(after.increment("ann")) == 2
    run(after.close())


def test_what_one_connection_answered_another_sees(store: SqliteStore, path: Path) -> None:
    other = SqliteStore(path)
    run(store.add(JOB))
    seen = run(other.get("ann", "p", "one"))
    run(other.append_fact("ann", "p", "one", POLLED, most=1))

    assert seen == JOB
    assert run(store.append_fact("ann", "p", "one", POLLED, most=1)) == JOB._replace(facts=(POLLED,))
    assert run(store.get("ann", "p", "one")) == JOB._replace(facts=(POLLED,))
    assert (run(store.increment("ann")), run(other.increment("ann"))) == (1, 2)
    run(other.close())


def test_documents_outlive_the_store(path: Path) -> None:
    before = SqliteStore(path)
    run(before.put_document("ann", "rule", "a", {"n": 1}))
    run(before.close())

    after = SqliteStore(path)

    assert run(after.documents()) == [StoredDocument("ann", "rule", "a", {"n": 1})]
    assert after.changed() is False
    run(after.close())


def test_what_another_connection_changes_is_told_once(store: SqliteStore, path: Path) -> None:
    other = SqliteStore(path)
    run(other.put_document("ann", "rule", "a", {"n": 1}))

    told = (store.changed(), store.changed(), other.changed())
    seen = run(store.documents())
    run(store.put_document("ann", "rule", "a", None))

    assert told == (True, False, False)
    assert seen == [StoredDocument("ann", "rule", "a", {"n": 1})]
    assert (store.changed(), other.changed(), other.changed()) == (False, True, False)
    assert run(other.documents()) == []
    run(other.close())


def test_a_job_that_another_connection_restored_is_seen_anew(store: SqliteStore, path: Path) -> None:
    other = SqliteStore(path)
    run(store.add(JOB))
    snapshot = run(dump(store, "ann"))
    snapshot["jobs"][0]["request"] = {"prompt": "a hare"}

    run(restore(other, "ann", snapshot))

    assert run(store.get("ann", "p", "one")) == JOB._replace(request={"prompt": "a hare"})
    run(other.close())


def test_a_restore_that_finds_no_room_changes_nothing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store.add(JOB))
    snapshot = run(dump(store, "ann"))
    large = {**snapshot["jobs"][0], "request": {"image": "A" * 2_000_000}}
    open_sibling = store._sibling

    def open_small_sibling(other: Path | None = None) -> SqliteStore:
        sibling = open_sibling(other)
        if other is not None:
            return sibling
        pages = sibling._connection.execute("PRAGMA page_count").fetchone()[0]
        sibling._connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        return sibling

    monkeypatch.setattr(store, "_sibling", open_small_sibling)

    with pytest.raises(StoreError, match=r"jobs.db cannot grow because the disk is full"):
        run(restore(store, "ann", {**snapshot, "jobs": [large]}))

    monkeypatch.undo()
    assert run(dump(store, "ann")) == snapshot
    assert run(store.get("ann", "p", "one")) == JOB


@pytest.mark.parametrize("prompt", ["short", "long " * 2000])
def test_what_is_deleted_leaves_the_file(store: SqliteStore, prompt: str) -> None:
    def rows() -> list[int]:
        asked = "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM records)"
        return [*store._connection.execute(asked).fetchone()]

    for away in (store.delete("ann", "p", "one"), store.clear("ann"), store.clear(None)):
        run(store.add(JOB._replace(request={"prompt": prompt})))
        run(away)

        assert rows() == [0, 0]


@pytest.mark.parametrize("text", ["{", "[]", "1", ""])
def test_a_damaged_document_is_left_out_and_named_once(
    store: SqliteStore, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    run(store.put_document("ann", "rule", "a", {}))
    run(store.put_document("ann", "rule", "b", {}))
    store._connection.execute("UPDATE documents SET document = ? WHERE name = 'a'", (text,))

    for _ in range(3):
        assert [stored.name for stored in run(store.documents())] == ["b"]

    assert [entry[:3] for entry in store.unreadable.of("ann")] == [("rule", "ann", "a")]
    assert [record.getMessage()[:40] for record in caplog.records] == [
        "skipped 'rule' 'a' of tenant 'ann': " + caplog.records[0].getMessage()[36:40]
    ]
    run(store.put_document("ann", "rule", "a", None))
    assert not store.unreadable.of(None)


def test_no_read_is_left_open(store: SqliteStore, path: Path) -> None:
    run(store.add(JOB))
    for reading in (
        store.get("ann", "p", "one"),
        store.find("ann", "p", "mine"),
        store.get_for_any_tenant("p", "one"),
    ):
        run(reading)
    run(store.list("ann", "p", limit=1))
    run(store.documents())
    run(dump(store, "ann"))
    store.changed()

    other = sqlite3.connect(path, isolation_level=None)
    busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    other.close()

    assert busy == 0


def test_processes_share_a_file_and_lose_nothing(store: SqliteStore, path: Path) -> None:
    run(store.add(JOB))
    children = [start(path, SHARES, str(number)) for number in range(3)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()

    said = [child.communicate(timeout=60) for child in children]
    job = run(store.get("ann", "p", "one"))

    assert [errors for _, errors in said] == ["", "", ""]
    assert sorted(int(number) for numbers, _ in said for number in numbers.split()) == list(range(1, 601))
    assert run(store.count("ann", "p")) == 601
    assert sorted(kept.document["number"] for kept in run(store.documents())) == sorted(
        [*range(190, 200)] * 3
    )
    assert job is not None
    assert sorted(fact.kind for fact in job.facts) == ["forced"] * 600 + ["polled"] * 50


def test_processes_may_make_the_file_at_once(path: Path) -> None:
    children = [start(path, "print('open', flush=True)", str(number)) for number in range(4)]

    assert [child.communicate(timeout=60) for child in children] == [("open\n", "")] * 4


def test_a_killed_process_has_kept_every_job_it_answered(path: Path) -> None:
    with ExitStack() as stack:
        for child in [stack.enter_context(start(path, ADDS, str(number))) for number in range(3)]:
            names = kill_after(child, 100)

            store = SqliteStore(path)
            found = [run(store.get("ann", "p", name)) for name in names]
            run(store.close())

            assert [job and job.request for job in found] == [{"prompt": name * 50} for name in names]


def kill_after(child: subprocess.Popen[str], answers: int) -> list[str]:
    """Every name that the child has said in full before it was killed, `answers` at least."""
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(answers)]
    child.send_signal(signal.SIGKILL)
    said += child.stdout.readlines()
    names = [line.removesuffix("\n") for line in said if line.endswith("\n")]
    assert len(names) >= answers
    return names


def test_a_note_does_not_write_a_large_request_again(store: SqliteStore, path: Path) -> None:
    run(store.add(JOB._replace(request={"image": "A" * 2_000_000})))
    log = path.with_name("jobs.db-wal")
    before = log.stat().st_size

    run(store.append_fact("ann", "p", "one", POLLED))

    assert log.stat().st_size - before < 50_000


def test_a_record_is_read_and_decoded_once(store: SqliteStore) -> None:
    run(store.add(JOB))

    one, other = run(store.get("ann", "p", "one")), run(store.append_fact("ann", "p", "one", POLLED))

    assert one is not None
    assert other is not None
    assert one.request is other.request


def test_only_jobs_that_are_not_remembered_as_they_are_now_are_read_for_a_list(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("known", "noted", "measured", "new"):
        run(SqliteStore(path).add(JOB._replace(id=name)))
    for name in ("known", "noted", "measured"):
        run(store.get("ann", "p", name))
    run(store.append_fact("ann", "p", "noted", POLLED))
    run(store.set_seconds({("p", "measured"): 5.0}))
    reads: list[str] = []
    read = store._without_requests

    def noted(serials: Sequence[int]) -> list[PlacedJob]:
        placed = read(serials)
        reads.extend(each.job.id for each in placed)
        return placed

    monkeypatch.setattr(store, "_without_requests", noted)
    jobs = run(store.list("ann", "p", requests=False))

    assert sorted(reads) == ["measured", "new", "noted"]
    assert [(job.id, job.request, job.facts, job.seconds) for job in jobs] == [
        ("new", {}, (), None), ("measured", {}, (), 5.0),
        ("noted", {}, (POLLED,), None), ("known", {}, (), None),
    ]  # fmt: skip


@pytest.mark.parametrize("remembered", [0, 5000, 100_000])
def test_remembered_records_stay_within_their_bound(path: Path, remembered: int) -> None:
    store = SqliteStore(path, remembered=remembered)
    jobs = [JOB._replace(id=f"{number}", request={"image": "A" * number * 100}) for number in range(100)]
    for job in jobs:
        run(store.add(job))

    for _ in range(2):
        assert [run(store.get("ann", "p", job.id)) for job in jobs] == jobs
        kept = store._records._jobs
        assert (
            sum(len(entry.request["image"]) for entry, _ in kept.values())
            <= store._records._size
            <= remembered
        )
    run(store.close())


@pytest.mark.parametrize("size", [1, 100_000])
def test_new_jobs_are_remembered_whatever_their_size(path: Path, size: int) -> None:
    store = SqliteStore(path)
    jobs = [JOB._replace(id=name, request={"image": "A" * size}) for name in "ab"]
    for job in jobs:
        run(store.add(job))

    remembered = [store._records.find(job.provider, job.id) for job in jobs]
    assert [entry and entry[1] for entry in remembered] == jobs
    run(store.close())


def test_the_last_used_record_is_remembered_longest(path: Path) -> None:
    store = SqliteStore(path, remembered=8000)
    for name in "abcd":
        run(store.add(JOB._replace(id=name)))

    def read(name: str) -> Job | None:
        return run(store.get("ann", "p", name))

    first = read("a")
    read("b"), read("c"), read("a"), read("d")

    assert read("a") is first
    assert len(store._records._jobs) == 3
    run(store.close())


def test_a_request_that_is_no_json_is_refused_in_one_line(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match=r"^job 'one' cannot be kept: .*surrogates"):
        run(store.add(JOB._replace(request={"prompt": "\ud800"})))
    with pytest.raises(StoreError, match=r"^a fact about job 'one' cannot be kept: "):
        run(store.append_fact("ann", "p", "one", Fact("forced", 1, "failed", "failed", "\ud800")))
    assert run(store.count("ann", "p")) == 0


def test_a_full_disk_refuses_a_job_and_keeps_the_others(store: SqliteStore) -> None:
    run(store.add(JOB))
    store._connection.execute("PRAGMA max_page_count = 20")

    with pytest.raises(StoreError, match=r"jobs.db cannot grow because the disk is full; make room"):
        run(store.add(JOB._replace(id="large", request={"image": "A" * 200_000})))

    assert run(store.get("ann", "p", "large")) is None
    assert run(store.list("ann", "p")) == [JOB]
    run(store.add(JOB._replace(id="small")))


def test_a_plan_whose_first_job_found_no_room_is_noted_with_the_next(store: SqliteStore) -> None:
    plan = Plan((Step("queued", "waiting", 5000), Step("success", "succeeded")))
    run(store.add(JOB))
    store._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(StoreError):
        run(store.add(JOB._replace(id="large", plan=plan, request={"image": "A" * 200_000})))
    run(store.add(JOB._replace(id="small", plan=plan)))

    courses = {group.course: group.number for group in run(store.tally.groups("ann"))}

    assert courses == {planned_course(JOB.plan): 1, planned_course(plan): 1}


@pytest.mark.parametrize("prompt", ["short", "long " * 2000])
def test_a_damaged_record_is_named(path: Path, prompt: str) -> None:
    store = SqliteStore(path)
    run(store.add(JOB._replace(request={"prompt": prompt})))
    run(store.add(JOB._replace(id="two", alias=None)))
    run(store.close())
    store = SqliteStore(path)
    table = "jobs" if prompt == "short" else "records"
    store._connection.execute(f"UPDATE {table} SET record = x'7b7d' WHERE serial = 1")

    with pytest.raises(StoreError, match=r"^job one of p is in the store, but cannot be read: .* is missing"):
        run(store.get("ann", "p", "one"))
    store._connection.execute(
        f"UPDATE {table} SET record = NULL WHERE serial = 1" if table == "jobs" else "DELETE FROM records"
    )
    with pytest.raises(StoreError, match=r"cannot be read: its record is missing"):
        run(store.get("ann", "p", "one"))
    assert run(store.list("ann", "p")) == [JOB._replace(id="two", alias=None)]
    assert [entry[:3] for entry in store.unreadable.of("ann")] == [("job", "ann", "p/one")]
    assert run(store.delete("ann", "p", "one"))
    assert not store.unreadable.of(None)
    run(store.close())


class FailingConnection:
    """A connection whose statements fail, each with the next error."""

    def __init__(self, *errors: str) -> None:
        self._errors = iter(errors)
        self.text_factory: type = str

    def execute(self, statement: str, values: object) -> Any:
        raise sqlite3.OperationalError(next(self._errors))


def test_a_read_that_fails_again_without_decoding_texts_is_told_in_a_line(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = ("Could not decode to UTF-8 column 'id'", "disk I/O error")
    monkeypatch.setattr(store, "_connection", FailingConnection(*errors))

    with pytest.raises(StoreError, match=r"jobs\.db .*disk I/O error"):
        store._run("SELECT id FROM jobs", ())
    assert store._connection.text_factory is str


def test_a_closed_store_says_so(path: Path) -> None:
    store = SqliteStore(path)
    run(store.close())

    with pytest.raises(StoreError, match=r"jobs.db cannot be used: .*closed"):
        run(store.get("ann", "p", "one"))
    with pytest.raises(StoreError, match=r"jobs.db cannot be used: .*closed"):
        run(store.add(JOB))
    with pytest.raises(StoreError, match=r"jobs.db cannot be used: .*closed"):
        store.changed()
    with pytest.raises(StoreError, match=r"jobs.db cannot be used: .*closed"):
        run(store.clear(None))


def test_every_lookup_has_its_index(store: SqliteStore) -> None:
    asked = {
        sql.GET: ("p", "one", "ann"),
        sql.GET_FOR_ANY_TENANT: ("p", "one"),
        sql.FIND: ("ann", "p", "mine", None, None),
        sql.list_statement(after=False, oldest_first=False): ("ann", "p", "m", None, None, 10, 0),
        sql.COUNT: ("ann", "p", None, '["submit"]'),
    }
    for statement, values in asked.items():
        steps = [row[3] for row in store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        about_jobs = [step for step in steps if "json_each" not in step and "SUBQUERY" not in step]
        assert "SCAN jobs" not in " ".join(steps)
        assert statement == sql.COUNT or len(about_jobs) == 1, steps
        assert about_jobs[0].startswith("SEARCH ")


def test_a_page_behind_a_job_is_found_by_the_index(store: SqliteStore) -> None:
    for oldest_first in (False, True):
        statement = sql.list_statement(after=True, oldest_first=oldest_first)
        values = ("ann", "p", None, None, None, "p", "one", "ann", 10, 0)
        steps = [row[3] for row in store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert "SCAN jobs" not in " ".join(steps)
        assert steps[0].startswith("SEARCH jobs USING INDEX jobs_newest"), steps
        assert "TEMP B-TREE" not in " ".join(steps)


def test_what_is_new_is_counted_some_at_a_time_before_anybody_asks(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_tally, "_EVERY", 3)
    counted: list[Any] = []
    for number in range(7):
        run(store.add(JOB._replace(id=f"{number}", alias=None)))
        counted += store._run(tally_statements.LAST, ())

    assert counted == [(0,), (0,), (3,), (3,), (3,), (6,), (6,)]


def test_jobs_without_a_length_are_read_some_at_a_time_by_the_size_of_their_requests(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        run(store.add(JOB._replace(id=name, alias=None, request={"prompt": "a kite " * 100}, seconds=None)))
    assert [job.id for job in run(store.unmeasured("p"))] == ["one", "two", "three"]

    monkeypatch.setattr(sqlite_pages, "_AT_ONCE", 1000)
    assert [job.id for job in run(store.unmeasured("p"))] == ["one"]


def test_a_snapshot_is_read_some_at_a_time(store: SqliteStore) -> None:
    large = JOB._replace(tenant="cid", request={"image": "A" * 400_000})
    for number in range(5):
        run(store.add(large._replace(id=f"large-{number}", alias=None)))
    for number in range(201):
        run(store.put_document("dan", "rule", f"{number}", {}))

    assert [len(batch) for batch in map(tuple, store._batches("cid"))] == [2, 2, 1]
    store._connection.rollback()
    assert [len(batch) for batch in map(tuple, store._batches("dan"))] == [100, 100, 1]


def test_a_snapshot_that_cannot_be_read_names_its_file(store: SqliteStore, path: Path) -> None:
    run(store.add(JOB))
    store._connection.execute("ALTER TABLE counters RENAME TO gone")

    with pytest.raises(StoreError, match=r"jobs\.db"):
        run(dump(store, JOB.tenant))
