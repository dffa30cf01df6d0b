"""Lists of jobs with large requests are sent as they are read, and say the same."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from mockserver.engine import list_pages, long_lists
from mockserver.engine.list_pages import ListPages
from mockserver.errors import UnreadableJob
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


class Answer(NamedTuple):
    """A list's answer that goes through the jobs so often, and may show so many at most."""

    loops: int
    most: int
    lists_steadily: bool = True

    @property
    def schema(self) -> Any:
        """The schema of the body."""
        return SimpleNamespace(is_valid=lambda body: len(body["jobs"]) <= self.most)

    def render(self, view: Any) -> dict[str, Any]:
        """The body of a list of ids."""
        return {"jobs": [view.each_job(lambda shown: shown.job.id) for _ in range(self.loops)][-1]}


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (Answer(1, 2), b'{"jobs":["a","b"]}'),
        (Answer(1, 1), None),
        (Answer(1, 0), None),
        (Answer(2, 2), None),
        (Answer(1, 2, lists_steadily=False), None),
    ],
)
def test_a_list_is_put_together_of_its_jobs_where_that_keeps_the_contract(
    answer: Any, body: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = ListPages()
    monkeypatch.setattr(pages, "_key", lambda _context, _answer, listed: listed[0].id)

    for _ in range(2):
        assert pages.body(_list_of("ab"), answer) == body


class Records:
    """A store of a list's jobs with their requests: one is gone, one is broken, one is large."""

    def __init__(self) -> None:
        self.reads = ""

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        """The job, with a request that says its id."""
        self.reads += job_id
        if job_id == "B":
            raise UnreadableJob(job_id)
        prompt = "x" * long_lists.AT_ONCE if job_id == "L" else job_id
        return None if job_id == "G" else _listed(job_id)._replace(request={"prompt": prompt})


def _listed(job_id: str) -> Job:
    return Job(job_id, "ann", "p", "submit", "m", {}, 0, Plan((Step("done", "succeeded"),)))


def _list_of(job_ids: str, *, shows: bool = True, is_steady: bool = True) -> Any:
    """The context of a list of these jobs, whose requests it may show."""
    answer = SimpleNamespace(shows_requests=shows, lists_steadily=is_steady)
    operation = SimpleNamespace(answers={"default": answer})
    jobs = [(_listed(job_id), None) for job_id in job_ids]
    return SimpleNamespace(operation=operation, jobs=jobs, later_jobs=None)


def _reads(context: Any, known: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which requests are read where it is known what to show of some jobs."""
    pages, store = ListPages(), Records()
    monkeypatch.setattr(pages, "_key", lambda _context, _answer, listed: listed[0].id)
    pages._entries = dict.fromkeys(known, b"")
    asyncio.run(pages.read_requests(cast(Any, store), context))
    return store.reads


@pytest.mark.parametrize(
    ("listed", "known", "reads", "read", "is_cut"),
    [
        ("abc", "", "abc", "abc", False),
        ("abc", "abc", "", "", False),
        ("abc", "ac", "b", "b", False),
        ("abc", "a", "bc", "bc", False),
        ("aGc", "", "aGc", "ac", False),
        ("aGc", "a", "G" + "aGc", "ac", False),
        ("aBc", "ac", "B" + "aBc", "ac", False),
        ("aLc", "", "aL", "aL", True),
        ("aLc", "a", "Lc" + "aL", "aL", True),
        ("aL", "a", "L", "L", False),
        ("aLc", "L", "ac", "ac", False),
        ("", "", "", "", False),
    ],
)
def test_only_what_is_not_known_is_read_unless_it_is_gone_or_too_much(
    listed: str, known: str, reads: str, read: str, is_cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _list_of(listed)

    assert _reads(context, known, monkeypatch) == reads
    assert "".join(job.id for job, _ in context.jobs if job.request) == read
    assert (context.later_jobs is not None) == is_cut


@pytest.mark.parametrize(
    ("shows", "is_steady", "reads"), [(False, True, ""), (True, False, "ab"), (True, True, "")]
)
def test_what_may_differ_each_time_is_read_each_time(
    shows: bool, is_steady: bool, reads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _list_of("ab", shows=shows, is_steady=is_steady)

    assert _reads(context, "ab", monkeypatch) == reads
