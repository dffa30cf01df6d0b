"""The answer about a job that has ended is known, until the job is gone or a fault wants to act on it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.app import Mockserver, build_app
from mockserver.engine.message import Request, Response
from mockserver.faults.rule import Rule
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import SUBMITS, _at
from tests.serving import START

PROVIDERS = pytest.mark.parametrize("provider", SUBMITS)


class Scene:
    """A server without a socket, and how often its store was asked for a job."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = ManualClock(START)
        self.store = store or MemoryStore()
        self.app: Mockserver = build_app(Settings(seed=1), clock=self.clock, store=self.store)
        self.asked = 0
        get = self.store.get

        async def counted(tenant: str, provider: str, job_id: str) -> Any:
            self.asked += 1
            return await get(tenant, provider, job_id)

        self.store.get = counted  # type: ignore[method-assign]

    async def send(self, method: str, target: str, body: Any = None, key: str = "k") -> Response:
        path, _, query = target.partition("?")
        headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
        content = b"" if body is None else orjson.dumps(body)
        return await self.app.pipeline.handle(Request(method, path, query, headers, content, "http://mock"))

    async def submit(self, provider: str, key: str = "k", **more: Any) -> str:
        """Where to read a new job."""
        path, body, at, read = SUBMITS[provider]
        answer = await self.send("POST", path, {**body, **more}, key)
        return read.replace("{id}", str(_at(orjson.loads(answer.body), at)).replace(":", "%3A"))


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi"])
def test_it_is_answered_without_the_store_and_noted_all_the_same(provider: str) -> None:
    async def play() -> None:
        scene = Scene()
        target = await scene.submit(provider)
        running = await scene.send("GET", target)
        scene.clock.advance(60)
        first = await scene.send("GET", target)
        assert first.body != running.body
        before = scene.asked
        again = [await scene.send("GET", target) for _ in range(3)]
        assert [(one.status, one.headers, one.body) for one in again] == [
            (first.status, first.headers, first.body)
        ] * 3
        assert scene.asked == before
        noted = scene.app.services.journal.entries()
        assert len({(one.job_id, one.model, one.tenant, one.operation) for one in noted[1:]}) == 1
        assert noted[-1].response_body == first.body

    asyncio.run(play())


def test_an_answer_with_something_new_in_it_is_made_each_time() -> None:
    async def play() -> None:
        scene = Scene()
        target = await scene.submit("kkiai")
        scene.clock.advance(60)
        assert len({(await scene.send("GET", target)).body for _ in range(3)}) == 3

    asyncio.run(play())


def test_a_job_that_runs_is_looked_up_each_time() -> None:
    async def play() -> None:
        scene = Scene()
        target = await scene.submit("gmicloud")
        for _ in range(3):
            await scene.send("GET", target)
        assert scene.asked == 3

    asyncio.run(play())


@PROVIDERS
def test_another_tenant_gets_none_of_it(provider: str) -> None:
    async def play() -> None:
        scene = Scene()
        target = await scene.submit(provider)
        scene.clock.advance(60)
        assert (await scene.send("GET", target)).status == 200
        assert (await scene.send("GET", target, key="another")).status == 404

    asyncio.run(play())


def test_a_rule_that_comes_later_acts_on_it() -> None:
    async def play() -> None:
        scene = Scene()
        target = await scene.submit("gmicloud")
        scene.clock.advance(60)
        assert (await scene.send("GET", target)).status == 200
        rule = Rule.model_validate({"fault": "not-found", "when": {"role": "read"}, "times": 1})
        await scene.app.services.live_settings.add_rule(rule.read())
        assert (await scene.send("GET", target)).status == 404
        assert (await scene.send("GET", target)).status == 200

    asyncio.run(play())


def test_a_name_of_the_submitters_own_leads_to_the_newest_job() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.submit("kkiai", external_task_id="mine")
        scene.clock.advance(60)
        target = SUBMITS["kkiai"][3].replace("{id}", "mine")
        first = orjson.loads((await scene.send("GET", target)).body)
        await scene.submit("kkiai", external_task_id="mine")
        second = orjson.loads((await scene.send("GET", target)).body)
        assert first["data"]["task_id"] != second["data"]["task_id"]

    asyncio.run(play())


def test_what_another_server_deletes_is_gone(tmp_path: Path) -> None:
    async def play() -> None:
        path = tmp_path / "jobs.sqlite3"
        scene, other = Scene(SqliteStore(path)), SqliteStore(path)
        target = await scene.submit("gmicloud")
        scene.clock.advance(60)
        assert (await scene.send("GET", target)).status == 200
        assert await other.clear(None) == 1
        scene.app.services.live_settings._checked_until = 0.0
        assert (await scene.send("GET", target)).status == 404
        await other.close()
        await scene.app.close()

    asyncio.run(play())


def test_a_job_that_would_break_the_list_is_left_out_of_it_and_the_others_are_listed() -> None:
    async def play() -> Response:
        scene = Scene()
        await scene.submit("gmicloud")
        (placed,) = await scene.store.page(None, ["gmicloud"])
        strange = placed.job._replace(id="strange", alias=None, request={"payload": "none"})
        await scene.store.add(strange)
        return await scene.send("GET", SUBMITS["gmicloud"][0])

    answer = asyncio.run(play())

    assert answer.status == 200
    assert [job["request_id"] == "strange" for job in orjson.loads(answer.body)["requests"]] == [False]
    warnings = dict(answer.headers)[b"mockserver-warning"]
    assert b"jobs that would break the contract are left out" in warnings
