"""The server within this process: on a real socket at once, and gone without a trace."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import explaining
from mockserver.control_client.client import AsyncControlClient, ControlClient, ControlError, Verb, Verbs
from mockserver.errors import KitError, MockserverError, SettingsError, StoreError
from mockserver.in_process import NAMES, Running, Tenant, read_settings, serve
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Pace, Settings
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from mockserver.web.thread import ServerThread

BODY = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A kite over the dunes"}}
SCENARIO = """
title = "One submit too many"
pace = "polls:2"
[[rules]]
id = "busy"
fault = "too-many"
when = { role = "submit" }
times = 1
"""


def submit(tenant: Tenant, **body: Any) -> httpx.Response:
    """One submit to the first provider."""
    url = f"{tenant.base('gmicloud')}/requests"
    return httpx.post(url, json={**BODY, **body}, headers=tenant.headers("gmicloud"), trust_env=False)


def test_it_accepts_connections_while_the_block_lasts() -> None:
    before = set(threading.enumerate())
    with serve() as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{running.url}/__mock/health", trust_env=False).json()["status"] == "ok"
    with pytest.raises(httpx.ConnectError):
        httpx.get(running.url, trust_env=False)
    assert "mockserver" not in {thread.name for thread in set(threading.enumerate()) - before}


def test_it_starts_and_stops_within_a_loop_too() -> None:
    async def run() -> str:
        async with serve(pace="immediate") as running, running.async_control() as mock:
            return str((await mock.health())["status"])

    assert asyncio.run(run()) == "ok"


def test_stopping_twice_is_stopping() -> None:
    running = serve().start()
    running.stop()
    running.stop()


def test_servers_side_by_side_share_nothing() -> None:
    with serve() as one, serve() as other, one.tenant("same-key") as here, other.tenant("same-key") as there:
        submit(here)
        assert (len(here.jobs()), len(there.jobs())) == (1, 0)
        assert one.token != other.token


def test_a_client_is_given_its_providers_base_url_and_header() -> None:
    with serve() as running:
        assert running.bases.keys() == {"gmicloud", "aimlapi", "kkiai"}
        for provider, base in running.bases.items():
            assert running.base(provider) == base
            assert base.startswith(running.url)
            assert running.headers("sk-1", provider) == running.headers("sk-1")
        with pytest.raises(SettingsError, match="no provider 'acme'; providers: "):
            running.base("acme")
        with pytest.raises(SettingsError, match="acme"):
            running.headers("sk-1", "acme")


def test_settings_are_given_whole_by_name_or_both(tmp_path: Path) -> None:
    whole = Settings(strict=True, host="0.0.0.0", control_port=9)
    read = read_settings(whole, pace="polls:3", scenario=str(tmp_path), contracts=[str(tmp_path)], seed=1)
    assert read == Settings(
        strict=True, pace=Pace("polls", 3), scenario=tmp_path, contracts=(tmp_path,), seed=1
    ), "and it stays on loopback, on one port"
    assert read_settings(Settings(pace=Pace("manual")), speed=60).pace == Pace("manual", 0, 60)
    assert read_settings(Settings(), pace=Pace("immediate")).pace.kind == "immediate"


@pytest.mark.parametrize(
    ("named", "said"),
    [({"paces": "time"}, "paces.*pace"), ({"pace": "soon"}, "soon"), ({"host": "::"}, "host")],
)
def test_a_setting_that_makes_no_sense_is_one_line(named: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        serve(**named)
    assert "\n" not in str(caught.value)


def test_a_scenario_that_is_not_there_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(MockserverError, match=r"none\.toml"):
        serve(scenario=tmp_path / "none.toml").start()


def test_an_app_that_does_not_start_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raise RuntimeError("the disk is full")

        async def start(self) -> None:
            """There is nothing to prepare."""

        def end_waits(self) -> None:
            """Nobody waits."""

    with caplog.at_level(logging.CRITICAL, "uvicorn.error"), pytest.raises(KitError, match="did not start"):
        ServerThread(Broken()).start()


def test_a_store_that_cannot_be_read_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteStore(tmp_path / "jobs.db")
    store._connection.close()

    with pytest.raises(StoreError, match=r"jobs.db cannot be used"):
        serve(store=store).start()
    assert caplog.text == ""


def test_clock_and_store_may_be_the_tests_own() -> None:
    clock, store = ManualClock(1_790_000_000_000), MemoryStore()
    with serve(clock=clock, store=store) as running, running.tenant() as tenant:
        submit(tenant)
        clock.advance(60)
        assert [job["state"] for job in tenant.jobs()] == ["success"]


def test_a_scenario_meets_each_tenant_anew(tmp_path: Path) -> None:
    file = tmp_path / "busy.toml"
    file.write_text(SCENARIO)
    with serve(scenario=file, store="memory:") as running:
        for _ in range(2):
            with running.tenant() as tenant:
                assert [submit(tenant).status_code for _ in range(2)] == [429, 200]


def test_a_tenant_is_forgotten_with_its_rules_and_nobody_elses() -> None:
    with serve() as running, running.control() as everybody, running.tenant() as stays:
        submit(stays)
        everybody.add_rule("delay", settings={"seconds": 0}, rule_id="all")
        with running.tenant() as goes:
            goes.control.add_rule("too-many", rule_id="mine")
            goes.advance(100)
            assert submit(goes).status_code == 429
            assert submit(stays).status_code == 200
        assert [rule["id"] for rule in everybody.rules()] == ["all"]
        assert goes.id not in {row["tenant"] for row in everybody.tenants()}
        assert {one["tenant"] for one in everybody.journal()["exchanges"]} == {stays.id}
        assert len(stays.jobs()) == 2


def test_a_tenants_clock_is_its_own() -> None:
    with serve() as running, running.tenant() as moved, running.tenant() as other:
        submit(moved)
        submit(other)
        moved.advance(60)
        assert [job["state"] for job in (*moved.jobs(), *other.jobs())] == ["success", "queued"]


def test_one_submit_that_made_a_job_is_submitted_once() -> None:
    with serve() as running, running.tenant() as tenant:
        tenant.control.add_rule("too-many", when={"role": "submit"}, times=2)
        answers = [submit(tenant).status_code for _ in range(3)]
        assert answers == [429, 429, 200]
        tenant.assert_submitted_once()
        tenant.assert_submitted_once("gmicloud")
        with pytest.raises(AssertionError, match="found 0"):
            tenant.assert_submitted_once("kkiai")


def test_a_claim_that_fails_shows_what_was_asked() -> None:
    with serve() as running, running.tenant() as tenant:
        with pytest.raises(AssertionError, match="nothing was asked of the server with this key"):
            tenant.assert_submitted_once()
        tenant.assert_no_submit()
        job = submit(tenant).json()["request_id"]
        submit(tenant, payload={"prompt": 5})
        submit(tenant)
        with pytest.raises(AssertionError) as caught:
            tenant.assert_submitted_once()
        first, *lines = str(caught.value).splitlines()
        assert first == "expected one submit that made a job, found 2; exchanges were:"
        assert [line.split()[0] for line in lines] == ["#1", "#2", "#3"]
        assert all("POST /api/v1/ie/requestqueue/apikey/requests" in line for line in lines)
        assert f"200  submit, job {job}" in lines[0]
        assert "400  submit, " in lines[1]
        assert "prompt" in lines[1]
        with pytest.raises(AssertionError, match="expected no submit, found 3"):
            tenant.assert_no_submit()


def test_a_long_list_of_exchanges_is_cut() -> None:
    with serve() as running, running.tenant() as tenant:
        with httpx.Client(headers=tenant.headers(), trust_env=False) as client:
            for _ in range(31):
                client.get(f"{tenant.base('gmicloud')}/models")
        with pytest.raises(AssertionError) as caught:
            tenant.assert_submitted_once()
        assert "  ... and 1 before\n  #2 " in str(caught.value)


@pytest.fixture
def running() -> Any:
    """A server of its own."""
    with serve() as started:
        yield started


def test_both_clients_have_every_verb_and_a_docstring_for_it() -> None:
    verbs = {name for name, value in vars(Verbs).items() if isinstance(value, Verb)}
    assert len(verbs) >= 36
    for name in verbs:
        assert getattr(ControlClient, name).__doc__
        assert getattr(ControlClient, name) is getattr(AsyncControlClient, name)


def test_the_async_client_says_the_same(running: Running) -> None:
    with running.tenant() as tenant:
        submit(tenant)

        async def ask(mock: AsyncControlClient) -> list[Any]:
            await mock.advance(60)
            await mock.assert_submitted_once()
            return [await mock.jobs(), await mock.clock(), (await mock.journal(wait=1, count=1))["found"]]

        mock = running.async_control(tenant.key)
        first, again = asyncio.run(ask(mock)), asyncio.run(ask(mock))
        assert first[0][0]["state"] == "success"
        assert first[0] == tenant.jobs(), "each run had a loop of its own"
        assert again[2] == 1
        assert mock.names_somebody


def test_the_async_client_explains_what_goes_wrong(running: Running) -> None:
    async def refused() -> None:
        async with AsyncControlClient(running.url, "wrong") as mock:
            await mock.rules()

    async def nobody() -> None:
        async with AsyncControlClient("http://127.0.0.1:9", "token") as mock:
            await mock.rules()

    with pytest.raises(ControlError, match="401"):
        asyncio.run(refused())
    with pytest.raises(ControlError, match=r"no control plane at http://127\.0\.0\.1:9/__mock"):
        asyncio.run(nobody())


def test_every_setting_can_be_named() -> None:
    assert {"store", "scenario", "profile", "pace", "speed", "seed", "strict", "keys"} <= NAMES


def test_an_exception_that_leaves_a_block_says_what_the_server_saw() -> None:
    with serve() as running:
        with pytest.raises(httpx.HTTPStatusError) as caught, unwatched(), running.tenant() as tenant:
            submit(tenant, model="Kling-none").raise_for_status()
        (note,) = caught.value.__notes__
        assert note.startswith(
            f"What the mock server saw:\nThe mock server at {running.url} got 1 request:\n"
        )
        assert "model 'Kling-none' is not served" in note
        with pytest.raises(KeyboardInterrupt) as interrupt, unwatched(), running.tenant():
            raise KeyboardInterrupt
        assert not hasattr(interrupt.value, "__notes__")


def test_a_note_is_made_once_by_the_tenant_or_by_the_server() -> None:
    with pytest.raises(ZeroDivisionError) as caught, unwatched(), serve() as running, running.tenant():
        raise ZeroDivisionError
    assert len(caught.value.__notes__) == 1
    with pytest.raises(httpx.HTTPStatusError) as refused, unwatched(), serve() as running:
        httpx.get(f"{running.url}/nowhere", trust_env=False).raise_for_status()
    (note,) = refused.value.__notes__
    assert "GET /nowhere is not documented" in note


def test_what_a_tenant_explains_is_its_own() -> None:
    with serve() as running, running.tenant() as here, running.tenant() as there:
        submit(here)
        submit(there, model="Kling-none")
        assert "accepted, job" in here.explain()
        assert "Kling-none" not in here.explain()
        assert "got 2 requests" in running.explain()
        assert here.key not in here.explain() + running.explain()


@pytest.mark.parametrize(("past", "asks"), [("", True), ("localhost,127.0.0.1", False)])
def test_a_proxy_that_may_have_taken_the_requests_is_named(
    monkeypatch: pytest.MonkeyPatch, past: str, asks: bool
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://me:secret@192.0.2.1:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, past)
    with serve() as running:
        text = running.explain()
        assert ("a client that heeds them asks the proxy" in text) == asks
        assert "secret" not in text
        httpx.get(f"{running.url}/nowhere", trust_env=False)
        assert "proxy" not in running.explain()


@contextmanager
def unwatched() -> Iterator[None]:
    """As without pytest's plugin, which watches this test as well."""
    watches = explaining._watches[:]
    explaining._watches.clear()
    try:
        yield
    finally:
        explaining._watches[:] = watches
