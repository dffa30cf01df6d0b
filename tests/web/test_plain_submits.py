"""Submits of the usual kind take a short way; one with anything special takes the pipeline's, as before."""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from mockserver.control_client import ControlClient
from mockserver.engine.journal.journal import JournalEntry
from mockserver.engine.plain_submits import PlainSubmit
from mockserver.stores.open import open_store
from tests.serving import KEY, Running
from tests.web.test_known_heads import Wire

Serve = Callable[..., Running]
TOKEN = "plain"


@pytest.fixture(params=["memory", "file"])
def server(request: pytest.FixtureRequest, running: Serve, tmp_path: Path) -> Running:
    store = open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    return running(store=store, token=TOKEN)


@pytest.fixture
def wire(server: Running) -> Iterator[Wire]:
    """A connection that has sent a submit, so that those with its head may be plain."""
    wire = Wire(server)
    with closing(wire.socket):
        assert send(wire, "a kite")[0] == 200
        yield wire


def send(wire: Wire, prompt: str) -> tuple[int, Any]:
    wire.socket.sendall(wire.submit_text(prompt))
    return wire.answer()


def refuse_all(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no submit be plain any more."""
    monkeypatch.setattr(server.app.pipeline.plain_submits, "begin", lambda request: None)


def without_ids(entry: JournalEntry) -> JournalEntry:
    """An exchange without what differs from submit to submit."""
    answer = json.loads(entry.response_body)
    changing = {name: "" for name in answer if name.endswith(("_id", "_at"))}
    return entry._replace(
        number=0,
        at=0,
        took=0,
        job_id=None,
        response_body=json.dumps({**answer, **changing}).encode(),
    )


def test_the_pipeline_does_not_see_it(server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.app.pipeline, "handle", None)
    assert send(wire, "a boat")[0] == 200


def test_its_answer_job_exchange_and_count_are_those_of_the_pipeline(
    server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, short = send(wire, "a boat")
    refuse_all(server, monkeypatch)
    _, long = send(wire, "a boat")
    *_, first, second = server.app.services.journal.match(role="submit")
    assert without_ids(first) == without_ids(second)
    assert (first.job_id, second.job_id) == (short["request_id"], long["request_id"])
    store = server.app.services.store
    jobs = [
        asyncio.run(store.get_for_any_tenant("gmicloud", answer["request_id"])) for answer in (short, long)
    ]
    assert all(job is not None for job in jobs)
    assert len({job and job._replace(id="", created_at=0) for job in map(hashable, jobs)}) == 1
    counts = dict(server.app.services.usage.by_tenant())
    assert [calls["gmicloud", "submit"] for calls in counts.values()] == [3]


def hashable(job: Any) -> Any:
    return job._replace(request=json.dumps(job.request), places=tuple(job.places.items()))


@pytest.mark.parametrize(
    ("prompt", "status"),
    [("[mock:too-many]", 429), ("\\u005bmock:too-many]", 429), ("a \\u00e9 boat", 200)],
)
def test_a_marker_acts_however_it_is_written(wire: Wire, prompt: str, status: int) -> None:
    text = wire.submit_text("P" * 40).replace(b"P" * 40, prompt.ljust(40).encode())
    wire.socket.sendall(text)
    assert wire.answer()[0] == status
    assert send(wire, "a boat")[0] == 200


def test_a_rule_that_was_added_acts(server: Running, wire: Wire) -> None:
    with ControlClient(server.url, TOKEN, key=KEY) as control:
        control.add_rule("too-many", times=1)
        assert [send(wire, "a boat")[0] for _ in range(3)] == [429, 200, 200]


def test_a_quota_is_kept(server: Running, wire: Wire) -> None:
    with ControlClient(server.url, TOKEN, key=KEY) as control:
        control.set_quota(parallel=2)
        assert [send(wire, "a boat")[0] for _ in range(3)] == [200, 429, 429]


def test_the_tenants_clock_is_used(server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    send(wire, "a boat")
    with ControlClient(server.url, TOKEN, key=KEY) as control:
        control.freeze()
        control.advance(500)
    send(wire, "a boat")
    monkeypatch.setattr(server.app.pipeline, "handle", None)
    _, answer = send(wire, "a boat")
    job = asyncio.run(server.app.services.store.get_for_any_tenant("gmicloud", answer["request_id"]))
    assert job is not None
    assert job.created_at == server.app.services.live_settings.now(job.tenant)


def test_with_a_seed_the_ids_are_those_of_the_seed(running: Serve) -> None:
    def ids() -> list[str]:
        wire = Wire(running(seed=7))
        with closing(wire.socket):
            return [str(send(wire, "a boat")[1]["request_id"]) for _ in range(3)]

    assert ids() == ids()


def test_one_that_is_refused_changes_nothing_for_the_next(wire: Wire) -> None:
    wire.socket.sendall(wire.submit_text("a cat").replace(b'"model"', b'"mod_l"'))
    assert wire.answer()[0] == 400
    assert [send(wire, "a boat")[0] for _ in range(3)] == [200] * 3


def test_where_the_file_is_locked_it_waits_as_any_other(running: Serve, tmp_path: Path) -> None:
    file = tmp_path / "jobs.sqlite3"
    wire = Wire(running(store=open_store(f"sqlite:///{file}")))
    with closing(wire.socket), closing(sqlite3.connect(file, isolation_level=None)) as other:
        assert [send(wire, "a boat")[0] for _ in range(2)] == [200, 200]
        other.execute("BEGIN IMMEDIATE")
        wire.socket.sendall(wire.submit_text("a patient cat"))
        wire.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.answer()
        other.execute("ROLLBACK")
        wire.socket.settimeout(10)
        assert wire.answer()[0] == 200
        assert other.execute("SELECT count(*) FROM jobs").fetchone() == (3,)


def refused(wire: Wire, prompt: str) -> tuple[int, Any]:
    """A submit that its contract refuses: its duration is none that there is."""
    wire.socket.sendall(refused_text(wire, prompt))
    return wire.answer()


def refused_text(wire: Wire, prompt: str) -> bytes:
    return wire.submit_text(prompt).replace(b" " * 15 + b'"}}', b'","duration":"8"}}')


def test_a_refusal_is_that_of_the_pipeline(
    server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = refused(wire, "a boat")
    refuse_all(server, monkeypatch)
    long = refused(wire, "a kite")
    assert short == long
    assert short[0] == 400
    *_, first, second = server.app.services.journal.match(role="submit")
    assert first.violations
    assert without_moment(first, b"a kite") == without_moment(second, b"a kite")
    counts = dict(server.app.services.usage.by_tenant())
    assert [calls["gmicloud", "submit"] for calls in counts.values()] == [3]


def without_moment(entry: JournalEntry, body: bytes) -> JournalEntry:
    return entry._replace(number=0, at=0, took=0, request_body=entry.request_body.replace(b"a boat", body))


def test_the_pipeline_does_not_see_a_refusal(
    server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.app.pipeline, "handle", None)
    assert [refused(wire, prompt)[0] for prompt in ("a boat", "a kite")] == [400, 400]
    assert send(wire, "a boat")[0] == 200


def test_a_client_that_is_always_refused_takes_the_short_way_too(
    wire: Wire, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A head that no submit had which was taken.
    other = refused_text(wire, "a boat").replace(b"Host:", b"X-Other: 1\r\nHost:")
    wire.socket.sendall(other)
    assert wire.answer()[0] == 400
    monkeypatch.setattr(server.app.pipeline, "handle", None)
    wire.socket.sendall(other.replace(b"a boat", b"a kite"))
    assert wire.answer()[0] == 400


def test_a_refusal_that_comes_again_is_remembered_until_a_rule_may_act(
    server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = refused(wire, "a boat"), refused(wire, "a kite")
    assert not server.app.pipeline.repeats._responses
    assert [refused(wire, "a kite"), refused(wire, "a kite")] == [other, other]
    assert len(server.app.pipeline.repeats._responses) == 1
    monkeypatch.setattr(server.app.pipeline.plain_submits, "begin", None)
    assert refused(wire, "a kite") == other
    assert [entry.status for entry in server.app.services.journal.match()] == [200, *[400] * 5]
    assert len({entry.violations for entry in server.app.services.journal.match(status=400)}) == 1
    monkeypatch.undo()
    with ControlClient(server.url, TOKEN, key=KEY) as control:
        control.add_rule("too-many", times=1)
        assert refused(wire, "a kite") == other
        assert [send(wire, "a boat")[0] for _ in range(2)] == [429, 200]
    assert refused(wire, "a boat") == first


def test_a_job_that_was_made_meanwhile_changes_no_refusal(server: Running, wire: Wire) -> None:
    answers = [refused(wire, "a boat") for _ in range(3)]
    assert send(wire, "a boat")[0] == 200
    assert [*answers, refused(wire, "a boat")] == [answers[0]] * 4


class Waiter:
    """Who waits for a submit, and holds it meanwhile."""

    def __init__(self, submit: PlainSubmit) -> None:
        self.submit = submit
        self.calls = 0

    def go_on(self) -> None:
        self.calls += 1


@pytest.mark.parametrize("stored", [True, False])
def test_what_has_ended_leaves_no_cycle(stored: bool) -> None:
    gc.disable()
    try:
        submit = PlainSubmit(cast(Any, None), lambda submit: None)
        waiter = Waiter(submit)
        submit.when_stored(waiter.go_on)
        submit.end(stored)
        assert (waiter.calls, submit.is_refused) == (1, not stored)
        gone = weakref.ref(waiter)
        del submit, waiter
        assert gone() is None
    finally:
        gc.enable()
