"""Jobs through the whole pipeline: forward only, the same for every reader, counted right."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.app import Mockserver, build_app
from mockserver.engine import clip
from mockserver.engine.message import Request, Response
from mockserver.jobs.clock import ManualClock
from mockserver.jobs.job import Job, Plan
from mockserver.settings import Pace, Settings, read_pace
from mockserver.stores.memory import MemoryStore
from tests.serving import ROOT, START, running_app

IMAGE = "https://example.com/a.png"
GMI = "/api/v1/apikey/requests"
SUBMITS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "gmicloud": (
        GMI,
        {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a kite"}},
        "/request_id",
        GMI + "/{id}",
    ),
    "aimlapi": (
        "/v2/generate/video/kling/generation",
        {"model": "kling-video/v1.6/pro/image-to-video", "image_url": IMAGE, "prompt": "a kite"},
        "/id",
        "/v2/generate/video/kling/generation?generation_id={id}",
    ),
    "kkiai": (
        "/kling/v1/videos/image2video",
        {"model_name": "kling-v1", "mode": "std", "duration": "5", "image": IMAGE, "prompt": "a kite"},
        "/data/task_id",
        "/kling/v1/videos/image2video/{id}",
    ),
}  # fmt: skip
STATE_AT = {"gmicloud": "/status", "aimlapi": "/status", "kkiai": "/data/task_status"}
ORDER = {
    "gmicloud": ["queued", "processing", "success", "failed", "cancelled"],
    "aimlapi": ["queued", "generating", "completed", "error"],
    "kkiai": ["submitted", "processing", "succeed", "failed"],
}
ENDS = {"success", "failed", "cancelled", "completed", "error", "succeed"}


class Client:
    """A client that calls the engine without a socket, so that hundreds of jobs are cheap."""

    def __init__(self, pace: Pace) -> None:
        self.clock = ManualClock(START)
        self.app: Mockserver = build_app(Settings(pace=pace), clock=self.clock, store=MemoryStore())

    async def send(self, method: str, target: str, body: Any = None, key: str = "k") -> Any:
        """The answer's JSON body."""
        path, _, query = target.partition("?")
        headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
        request = Request(method, path, query, headers, orjson.dumps(body) if body else b"", "http://mock")
        answer: Response = await self.app.pipeline.handle(request)
        assert answer.status < 300, answer.body
        return orjson.loads(answer.body)

    async def submit(self, provider: str, prompt: str = "a kite") -> str:
        """The id of a new job."""
        path, body, at, _ = SUBMITS[provider]
        asked = orjson.loads(orjson.dumps(body).replace(b"a kite", prompt.encode()))
        return str(_at(await self.send("POST", path, asked), at))

    async def state(self, provider: str, job_id: str) -> str:
        """The provider's word for where the job is."""
        target = SUBMITS[provider][3].replace("{id}", quote(job_id, safe=""))
        return str(_at(await self.send("GET", target), STATE_AT[provider]))


def _at(body: Any, at: str) -> Any:
    for part in at.strip("/").split("/"):
        body = body[part]
    return body


prompts = st.sampled_from(
    ["a kite", "a kite [mock:fail]", "a kite [mock:cancel]", "a kite [mock:fail=moderation]"]
)


@settings(max_examples=200, deadline=None)
@given(
    provider=st.sampled_from(sorted(SUBMITS)),
    prompt=prompts,
    speed=st.floats(0.1, 100),
    waits=st.lists(st.floats(0, 20), min_size=1, max_size=12),
)
def test_a_job_only_goes_forward_and_what_has_ended_stays(
    provider: str, prompt: str, speed: float, waits: list[float]
) -> None:
    async def play() -> None:
        client = Client(Pace("time", speed=speed))
        job_id = await client.submit(provider, prompt)
        seen = [await client.state(provider, job_id)]
        for wait in waits:
            client.clock.advance(wait)
            first, second = await asyncio.gather(
                client.state(provider, job_id), client.state(provider, job_id)
            )
            assert first == second, "two readers at one instant disagree"
            seen.append(first)
        ranks = [ORDER[provider].index(state) for state in seen]
        assert ranks == sorted(ranks)
        ended = [state for state in seen if state in ENDS]
        assert len(set(ended)) <= 1
        assert seen[len(seen) - len(ended) :] == ended

    asyncio.run(play())


@pytest.mark.parametrize("provider", SUBMITS)
def test_a_job_is_seen_in_every_state_of_its_way(provider: str) -> None:
    async def play() -> list[str]:
        client = Client(Pace())
        job_id = await client.submit(provider)
        seen = []
        for _ in range(10):
            seen.append(await client.state(provider, job_id))
            client.clock.advance(1)
        return seen

    seen = list(dict.fromkeys(asyncio.run(play())))
    assert seen == ORDER[provider][:3]


@pytest.mark.parametrize(
    ("pace", "after_an_hour"),
    [("immediate", "success"), ("time", "success"), ("manual", "queued")],
)
def test_a_pace_decides_how_far_a_job_is_after_an_hour(pace: str, after_an_hour: str) -> None:
    async def play() -> str:
        client = Client(read_pace(pace))
        job_id = await client.submit("gmicloud")
        client.clock.advance(3600)
        return await client.state("gmicloud", job_id)

    assert asyncio.run(play()) == after_an_hour


def test_a_thousand_parallel_polls_are_counted_right() -> None:
    with running_app(Settings(pace=read_pace("polls:3"))) as server:

        async def play() -> Counter[str]:
            headers = {"Authorization": "Bearer k"}
            limits = httpx.Limits(max_connections=50)
            async with httpx.AsyncClient(
                base_url=server.url, headers=headers, limits=limits, trust_env=False, timeout=60
            ) as client:
                job_id = (await client.post(GMI, json=SUBMITS["gmicloud"][1])).json()["request_id"]
                answers = await asyncio.gather(*(client.get(f"{GMI}/{job_id}") for _ in range(1000)))
            return Counter(answer.json()["status"] for answer in answers)

        assert asyncio.run(play()) == {"queued": 1, "processing": 1, "success": 998}


def test_the_same_seed_gives_the_same_ids() -> None:
    async def ids() -> list[str]:
        clock = ManualClock(START)
        app = build_app(Settings(seed=7), clock=clock, store=MemoryStore())
        client = Client(Pace())
        client.app = app
        return [await client.submit(provider) for provider in ("gmicloud", "kkiai", "aimlapi", "gmicloud")]

    first = asyncio.run(ids())
    assert first == asyncio.run(ids())
    assert len(set(first)) == 4


def test_a_job_of_another_key_is_unknown() -> None:
    with running_app(Settings()) as server, server.client("mine") as mine, server.client("yours") as yours:
        job_id = mine.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        assert mine.get(f"{GMI}/{job_id}").status_code == 200
        assert yours.get(f"{GMI}/{job_id}").status_code == 404
        assert yours.get(GMI).json() == {"requests": [], "total": 0}


def test_a_name_that_was_given_already_is_let_pass_with_a_warning() -> None:
    body = {"prompt": "a kite", "external_task_id": "mine"}
    with running_app(Settings(profile="vendor")) as server, server.client() as client:
        first, second = (client.post("/v1/videos/text2video", json=body) for _ in range(2))
    assert "mockserver-warning" not in first.headers
    job_id = first.json()["data"]["task_id"]
    assert f"names job {job_id} already" in second.headers["mockserver-warning"]


def test_a_path_of_one_kind_finds_only_what_was_submitted_there() -> None:
    pictured, written = "/v1/videos/image2video", "/v1/videos/text2video"
    body = {"prompt": "a kite", "external_task_id": "mine"}

    with running_app(Settings(profile="vendor")) as server, server.client() as client:
        of_picture = client.post(pictured, json={**body, "image": IMAGE}).json()["data"]["task_id"]
        answer = client.post(written, json=body)
        of_text = answer.json()["data"]["task_id"]

        def found(path: str) -> str:
            read: httpx.Response = client.get(path)
            return str(read.json()["data"]["task_id"]) if read.is_success else str(read.status_code)

        def listed(path: str) -> list[str]:
            return [task["task_id"] for task in client.get(path).json()["data"]]

        assert "mockserver-warning" not in answer.headers
        assert [found(f"{pictured}/{name}") for name in (of_picture, of_text, "mine")] == [
            of_picture, "404", of_picture,
        ]  # fmt: skip
        assert [found(f"{written}/{name}") for name in (of_picture, of_text, "mine")] == [
            "404", of_text, of_text,
        ]  # fmt: skip
        assert [listed(pictured), listed(written)] == [[of_picture], [of_text]]


def test_a_contract_without_limits_on_pages_and_seconds_is_served_all_the_same(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "orbit", tmp_path / "orbit")
    for name in ("openapi.json", "schemas/ask.json"):
        path = tmp_path / "orbit" / name
        path.write_bytes(orjson.dumps(_without(orjson.loads(path.read_bytes()), {"minimum", "maximum"})))
    settings = Settings(contracts=(tmp_path,), pace=read_pace("immediate"))

    with running_app(settings) as server, server.client() as client:
        for query in ("page=0", "page=-3", "per_page=-1", "page=999999999999999&per_page=50"):
            assert client.get(f"/v3/renders?{query}").status_code == 200, query


@pytest.mark.parametrize("asked", ["0", "-5", "inf", "nan", True, 10**400, None, "long"])
def test_a_length_that_no_clip_can_have_is_the_models_own(asked: Any) -> None:
    contract = build_app(Settings(), store=MemoryStore()).services.contracts["gmicloud"]
    request = {"payload": {"duration": asked}}
    job = Job("1", "t", "gmicloud", "submit", "Kling-Text2Video-V1.6-Standard", request, 0, Plan(()))

    assert clip.seconds(contract, job) == 5


def _without(node: Any, names: set[str]) -> Any:
    if isinstance(node, list):
        return [_without(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without(value, names) for key, value in node.items() if key not in names}
