"""Lists of jobs with large requests are sent as they are read, and say the same."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.engine import list_pages, long_lists
from mockserver.engine.list_pages import ListPages
from mockserver.jobs.job import Job, Plan, Step
from mockserver.settings import Pace, Settings
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.abuse.pictures import before_pixels, chunk, png
from tests.serving import Running, running_app

FIXTURES = Path(__file__).parents[2] / "fixtures"
GMI, KKIAI = "/api/v1/apikey/requests", "/kling/v1/videos/image2video"
PICTURE = base64.b64encode(before_pixels(png(), chunk(b"teXt", bytes(600_000)))).decode()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "jobs.sqlite3")


def submit_some(server: Running) -> None:
    with server.client() as client:
        for number in range(5):
            payload = {"prompt": f"kite {number}", "image": PICTURE}
            body: dict[str, Any] = {"model": "Kling-Image2Video-V1.6-Pro", "payload": payload}
            client.post(GMI, json=body).raise_for_status()
            watermark = {"watermark_info": {"enabled": number == 3}}
            body = {
                "model_name": "kling-v1-6",
                "image": PICTURE,
                "duration": "10",
                "mode": "pro",
                **watermark,
            }
            client.post(KKIAI, json=body).raise_for_status()


@pytest.mark.parametrize(("path", "at"), [(GMI, "requests"), (KKIAI, "data")])
def test_a_streamed_list_is_the_same_as_a_whole_one(
    store: Store, path: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(Settings(pace=Pace("immediate")), store=store) as server, server.client() as client:
        submit_some(server)
        streamed = client.get(path)
        monkeypatch.setattr(long_lists, "AT_ONCE", 10**9)
        whole = client.get(path)
        entry = server.app.services.journal.entries()[-2]

    assert "content-length" not in streamed.headers
    assert int(whole.headers["content-length"]) == len(whole.content)
    assert len(streamed.json()[at]) == 5
    assert without_request_id(streamed.json()) == without_request_id(whole.json())
    assert len(streamed.content) == len(whole.content)
    assert (entry.response_size, entry.response_cut) == (-1, True)
    assert streamed.content.startswith(entry.response_body[:60])


def without_request_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "request_id"}


def test_a_job_that_goes_while_a_list_is_sent_is_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(Settings(), store=store) as server, server.client() as client:
        submit_some(server)
        gone = client.get(GMI).json()["requests"][3]["request_id"]
        get = store.get

        async def get_others(tenant: str, provider: str, job_id: str) -> Job | None:
            return None if job_id == gone else await get(tenant, provider, job_id)

        monkeypatch.setattr(store, "get", get_others)
        left = [job["request_id"] for job in client.get(GMI).json()["requests"]]

    assert len(left) == 4
    assert gone not in left


def test_a_list_whose_answer_shows_no_requests_reads_none(store: Store) -> None:
    with running_app(Settings(contracts=(FIXTURES / "orbit",)), store=store) as server:
        contracts = server.app.services.contracts.values()
        operations = [operation for contract in contracts for operation in contract.operations.values()]
        shown = {
            operation.id: operation.answers["default"].shows_requests
            for operation in operations
            if operation.role == "list"
        }

    assert shown["listRenders"] is False
    assert shown["listImage2Video"] is True


def test_a_store_lists_jobs_without_their_requests(store: Store) -> None:
    plan = Plan((Step("queued", "waiting", 3), Step("success", "succeeded")))

    async def listed() -> list[Job]:
        for number in range(3):
            await store.add(Job(f"{number}", "t", "p", "submit", "m", {"prompt": "a" * 5000}, number, plan))
        return await store.list("t", "p", offset=1, limit=2, requests=False)

    jobs = asyncio.run(listed())

    assert [(job.id, job.request, job.plan) for job in jobs] == [("1", {}, plan), ("0", {}, plan)]


def test_entries_are_forgotten_once_they_take_more_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pages, "_MOST", 2 * (5 + list_pages._OVERHEAD))
    monkeypatch.setattr(list_pages, "_keeps", lambda *_: True)
    pages = ListPages()
    keys = iter("abcde")
    monkeypatch.setattr(pages, "_key", lambda *_: next(keys))
    view: Any = SimpleNamespace(context=None, jobs=[], do=lambda _: "job")
    listed: Any = (None, None)
    answer: Any = None

    remembered = []
    for _ in range(5):
        assert pages._entry(answer, listed, view, None) == b'"job"'
        remembered.append("".join(pages._entries))
    assert remembered == ["a", "ab", "abc", "d", "de"]
