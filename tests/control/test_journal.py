"""The journal over a real socket: query, wait, watch, assert, export."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import jsonschema_rs
import pytest

from mockserver.engine.journal import journal as journals
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings
from tests.control.conftest import Bench
from tests.serving import KEY, PATIENCE, ROOT, Running, client, running_app

TOKEN: Final = "journal-token"
GMI: Final = "/api/v1/ie/requestqueue/apikey/requests"
BODY: Final = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a red kite"}}
HAR: Final = jsonschema_rs.validator_for(
    json.loads((ROOT / "tests" / "engine" / "journal" / "har-1.2.schema.json").read_text())
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_app(Settings(cache_dir=tmp_path, token=TOKEN)) as running:
        yield running


@pytest.fixture
def control(server: Running) -> Iterator[httpx.Client]:
    with client(server.url, TOKEN) as opened:
        yield opened


@pytest.fixture
def provider(server: Running) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


def submit(provider: httpx.Client, **headers: str) -> str:
    answer = provider.post(GMI, json=BODY, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["request_id"])


def asked(control: httpx.Client, path: str = "", **query: Any) -> dict[str, Any]:
    answer = control.get(f"/__mock/journal{path}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def numbers(page: dict[str, Any]) -> list[int]:
    return [noted["number"] for noted in page["exchanges"]]


class Told(list[Any]):
    """Listeners of a journal, that tell when one comes or goes."""

    def __init__(self) -> None:
        self.come = threading.Event()
        self.gone = threading.Event()

    def append(self, listener: Any) -> None:
        super().append(listener)
        self.come.set()

    def remove(self, listener: Any) -> None:
        super().remove(listener)
        self.gone.set()


@pytest.fixture
def told(server: Running, monkeypatch: pytest.MonkeyPatch) -> Told:
    listeners = Told()
    monkeypatch.setattr(server.app.services.journal, "_listeners", listeners)
    return listeners


def test_an_exchange_is_shown_whole(server: Running, provider: httpx.Client, control: httpx.Client) -> None:
    job = submit(provider)
    page = asked(control)
    noted = page["exchanges"][0]
    assert (page["ok"], page["found"], page["last"], page["dropped"]) == (True, 1, 1, 0)
    assert (noted["provider"], noted["role"], noted["job"]) == ("gmicloud", "submit", job)
    assert (noted["method"], noted["path"], noted["status"]) == ("POST", GMI, 200)
    assert (noted["tenant"], noted["model"]) == (tenant_of(KEY), BODY["model"])
    assert (noted["at"], noted["took"]) == (server.clock(), 0)
    assert json.loads(noted["request"]["text"]) == BODY
    assert json.loads(noted["response"]["text"])["request_id"] == job
    assert ["authorization", "[redacted]"] in noted["request"]["headers"]
    assert KEY not in control.get("/__mock/journal").text


def test_filters_and_pages(provider: httpx.Client, control: httpx.Client) -> None:
    first, second = submit(provider), submit(provider, Authorization="Bearer other-key")
    provider.get(f"{GMI}/{first}")
    provider.get(f"{GMI}/nowhere")
    provider.get("/no/such/path")
    operation = asked(control, job=second)["exchanges"][0]["operation"]
    assert numbers(asked(control, provider="gmicloud")) == [1, 2, 3, 4]
    assert numbers(asked(control, operation=operation)) == [1, 2]
    assert numbers(asked(control, role="read")) == [3, 4]
    assert (
        numbers(asked(control, key="other-key"))
        == numbers(asked(control, tenant=tenant_of("other-key")))
        == [2]
    )
    assert numbers(asked(control, key=KEY, status="4xx")) == [4, 5]
    assert numbers(asked(control, job=first)) == [1, 3]
    assert numbers(asked(control, fault="slow")) == []
    assert numbers(asked(control, limit=2)) == [4, 5]
    assert numbers(asked(control, limit=2, since=0)) == [1, 2]
    assert asked(control, limit=2)["found"] == 5
    assert asked(control, bodies=False)["exchanges"][0]["request"]["text"] is None


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("", {"colour": "red"}, "colour"),
        ("", {"provider": "gmi"}, "gmicloud"),
        ("", {"operation": "submitt"}, "operations: "),
        ("", {"role": "remove"}, "role"),
        ("", {"status": "2"}, "status"),
        ("", {"key": "a", "tenant": "0" * 32}, "key and tenant"),
        ("", {"wait": 601}, "wait"),
        ("/assert", {}, "claim one thing"),
        ("/assert", {"count": 1, "none": True}, "claim one thing"),
        ("/events", {"provider": "gmi"}, "gmicloud"),
        (".har", {"limit": 1}, "limit"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    control: httpx.Client, path: str, query: dict[str, Any], says: str
) -> None:
    answer = control.get(f"/__mock/journal{path}", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert says in answer.json()["detail"]


def test_waiting_ends_with_the_match(provider: httpx.Client, control: httpx.Client, told: Told) -> None:
    submit(provider)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, control, role="submit", count=3, wait=PATIENCE * 10)
        assert told.come.wait(PATIENCE)
        submit(provider)
        provider.get(f"{GMI}/nowhere")
        submit(provider)
        page = waiting.result(PATIENCE)
    assert (page["ok"], numbers(page)) == (True, [1, 2, 4])
    assert not told


def test_waiting_for_what_is_there_takes_no_time(provider: httpx.Client, control: httpx.Client) -> None:
    submit(provider)
    assert asked(control, wait=PATIENCE * 10)["ok"]


def test_waiting_in_vain_is_no_error(provider: httpx.Client, control: httpx.Client) -> None:
    submit(provider)
    page = asked(control, role="cancel", wait=0.01)
    assert (page["ok"], page["exchanges"]) == (False, [])
    assert not asked(control, count=2)["ok"]


def test_a_waiting_client_that_goes_is_noticed(server: Running, told: Told) -> None:
    with client(server.url, TOKEN) as short, pytest.raises(httpx.ReadTimeout):
        short.get("/__mock/journal", params={"wait": 600}, timeout=0.2)
    assert told.gone.wait(PATIENCE)
    assert not told


def read_events(lines: Iterator[str], count: int) -> list[dict[str, str]]:
    events: list[dict[str, str]] = [{}]
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            events[-1][name] = value
        elif "event" in events[-1]:
            if len(events) == count:
                break
            events.append({})
        else:
            events[-1].clear()
    return events


def test_watching_shows_exchanges_as_they_come_until_the_watcher_goes(
    provider: httpx.Client, control: httpx.Client, told: Told
) -> None:
    submit(provider)
    with control.stream("GET", "/__mock/journal/events", params={"role": "submit"}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == ": watching"
        second = submit(provider)
        provider.get(f"{GMI}/{second}")
        third = submit(provider)
        events = read_events(lines, 2)
        assert len(told) == 1
    assert told.gone.wait(PATIENCE)
    assert not told
    assert [(one["event"], one["id"]) for one in events] == [("exchange", "2"), ("exchange", "4")]
    assert [json.loads(one["data"])["job"] for one in events] == [second, third]
    assert KEY not in events[0]["data"]


def test_watching_goes_on_where_it_was_left(provider: httpx.Client, control: httpx.Client) -> None:
    for _ in range(3):
        submit(provider)
    watch = "/__mock/journal/events"
    with control.stream("GET", watch, headers={"Last-Event-ID": "1"}) as stream:
        assert [one["id"] for one in read_events(stream.iter_lines(), 2)] == ["2", "3"]
    with control.stream("GET", watch, params={"since": 0, "bodies": False}) as stream:
        events = read_events(stream.iter_lines(), 3)
        assert [one["id"] for one in events] == ["1", "2", "3"]
        assert json.loads(events[0]["data"])["request"]["text"] is None


def test_watching_tells_what_fell_out(
    server: Running, provider: httpx.Client, control: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.app.services.journal, "_max_entries", 2)
    for _ in range(5):
        submit(provider)
    with control.stream("GET", "/__mock/journal/events", params={"since": 1}) as stream:
        dropped, fourth, fifth = read_events(stream.iter_lines(), 3)
    assert (dropped["event"], json.loads(dropped["data"])) == ("dropped", {"dropped": 3})
    assert (fourth["id"], fifth["id"]) == ("4", "5")
    page = asked(control)
    assert (page["dropped"], page["last"], page["found"]) == (3, 5, 2)
    assert asked(control, "/assert", count=2)["dropped"] == 3
    assert asked(control, ".har")["log"]["comment"].startswith("3 older")


def test_more_than_one_page_is_watched_in_order(
    server: Running, control: httpx.Client, provider: httpx.Client
) -> None:
    for _ in range(230):
        provider.get("/nowhere")
    with control.stream("GET", "/__mock/journal/events", params={"since": 0}) as stream:
        assert [int(one["id"]) for one in read_events(stream.iter_lines(), 230)] == list(range(1, 231))


def test_a_server_that_stops_lets_its_watchers_go(server: Running, control: httpx.Client, told: Told) -> None:
    with control.stream("GET", "/__mock/journal/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": watching"
        server.app.services.journal.close()
        assert list(lines) == [""]
    assert told.gone.wait(PATIENCE)


def test_claims(provider: httpx.Client, control: httpx.Client) -> None:
    def claim(**query: Any) -> tuple[bool, int, str]:
        verdict = asked(control, "/assert", **query)
        return verdict["ok"], verdict["count"], verdict["said"]

    assert claim(none=True) == (True, 0, "0 exchanges, expected 0")
    assert not claim(submitted_once=True)[0]
    submit(provider)
    provider.post(GMI, json={})
    assert claim(submitted_once=True)[:2] == (True, 1)
    assert claim(count=2, role="submit")[:2] == (True, 2)
    ok, count, said = claim(none=True, status="4xx")
    assert (ok, count) == (False, 1)
    assert said == f"1 exchange, expected 0: #2 POST {GMI} 400"
    submit(provider)
    assert claim(submitted_once=True)[:2] == (False, 2)
    assert claim(submitted_once=True, since=1)[:2] == (True, 1)


def test_a_refused_submit_shows_its_violations(provider: httpx.Client, control: httpx.Client) -> None:
    submit(provider)
    provider.post(GMI, json={**BODY, "payload": {"prompt": 1}})
    page = asked(control, violations=True)
    assert numbers(page) == [2]
    assert "payload.prompt" in page["exchanges"][0]["violations"][0]


def test_the_archive_is_har(provider: httpx.Client, control: httpx.Client) -> None:
    job = submit(provider)
    provider.get(f"{GMI}/{job}", params={"colour": "red"})
    answer = control.get("/__mock/journal.har", params={"key": KEY})
    assert answer.headers["content-disposition"] == 'attachment; filename="mockserver.har"'
    assert not [error.message for error in HAR.iter_errors(answer.json())]
    entries = answer.json()["log"]["entries"]
    assert [entry["_mockserver"]["job"] for entry in entries] == [job, job]
    assert entries[1]["_mockserver"]["warnings"]
    assert KEY not in answer.text


def test_clearing(provider: httpx.Client, control: httpx.Client) -> None:
    submit(provider)
    submit(provider, Authorization="Bearer other-key")
    assert control.delete("/__mock/journal", params={"key": "other-key"}).json() == {"cleared": 1}
    assert numbers(asked(control)) == [1]
    assert control.delete("/__mock/journal").json() == {"cleared": 1}
    page = asked(control)
    assert (page["exchanges"], page["last"], page["dropped"]) == ([], 2, 0)


def test_two_runs_with_a_seed_have_the_same_journal(tmp_path: Path) -> None:
    def run() -> list[journals.JournalEntry]:
        settings = Settings(cache_dir=tmp_path, token=TOKEN, seed=7, public_url="http://mock.example.com")
        with running_app(settings) as server, server.client() as provider:
            job = submit(provider, Host="mock.example.com")
            server.clock.advance(3)
            provider.get(f"{GMI}/{job}", headers={"Host": "mock.example.com"})
            return server.app.services.journal.entries()

    assert run() == run()


def test_what_a_failed_test_wants_to_know_is_text(bench: Bench) -> None:
    everybody, mine = bench.mock, bench.open_client(key=KEY)
    url = bench.running.url
    assert mine.explain_journal()[0].startswith(f"Nothing reached the mock server at {url}. ")
    assert f"  gmicloud  {url}/api/v1/ie/requestqueue/apikey" in mine.explain_journal()
    job = bench.submit()
    bench.submit("kkiai", key="other")
    assert mine.explain_journal()[0] == f"The mock server at {url} got 1 request:"
    assert everybody.explain_journal()[0] == f"The mock server at {url} got 2 requests:"
    assert any(line.endswith(f"200  accepted, job {job}") for line in mine.explain_journal())
    assert mine.explain_journal(provider="gmicloud", since=0) == mine.explain_journal()
    assert mine.explain_journal(role="cancel")[0].startswith("Nothing reached")
