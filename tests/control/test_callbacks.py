"""The journal of callbacks over HTTP: list, filter, wait, send again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from mockserver.control import callbacks as noun
from mockserver.control.problems import add_handlers
from mockserver.engine.callbacks.delivery_log import DeliveryLog
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.services import Services
from tests.engine.callbacks.test_sender import BASE, Scene, job_of, submit
from tests.listener import Listener, listening, status


@asynccontextmanager
async def calling(services: Services, callbacks: CallbackSender) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the noun alone."""
    app = FastAPI()
    app.state.services, app.state.callbacks = services, callbacks
    app.include_router(noun.router)
    add_handlers(app)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock/__mock") as client:
        yield client


async def two_jobs(listener: Listener) -> tuple[Scene, CallbackSender]:
    """One job that has been told of to its end, and another tenant's that has not."""
    scene = Scene()
    callbacks = await submit(scene, job_of(listener.url))
    other = job_of(listener.url)._replace(id="other", tenant="0" * 32)
    await scene.store.add(other)
    await callbacks.submitted(other, BASE)
    return scene, callbacks


def test_the_journal_is_listed_and_filtered() -> None:
    async def run() -> None:
        async with listening(status(200), status(500)) as listener:
            scene, callbacks = await two_jobs(listener)
            scene.clock.advance(2)
            async with calling(scene.services, callbacks) as client:
                assert (await client.get("/callbacks")).json() == {"count": 0, "callbacks": []}
                page = (await client.get("/callbacks", params={"settle": True})).json()
                assert page["count"] == 2
                assert {one["body"]["task_status"] for one in page["callbacks"]} == {"processing"}
                for query, count in (
                    ("delivered=true", 1),
                    ("delivered=false", 1),
                    ("status=500", 1),
                    ("job=other", 1),
                    ("tenant=" + "0" * 32, 1),
                    ("key=nobody", 0),
                    ("provider=kkiai&state=processing", 2),
                    ("state=succeed", 0),
                ):
                    assert (await client.get(f"/callbacks?{query}")).json()["count"] == count, query
                assert len((await client.get("/callbacks?limit=1")).json()["callbacks"]) == 1

    asyncio.run(run())


def test_it_waits_for_as_many_as_are_wanted() -> None:
    async def run() -> None:
        async with listening() as listener:
            scene, callbacks = await two_jobs(listener)
            async with calling(scene.services, callbacks) as client:
                waiting = asyncio.create_task(client.get("/callbacks?job=other&wait=20&count=2"))
                await asyncio.sleep(0)
                scene.clock.advance(8)
                await callbacks.settle()
                assert (await waiting).json()["count"] == 2
                assert (await client.get("/callbacks?job=nobody&wait=0.01")).json()["count"] == 0

    asyncio.run(run())


def test_it_waits_for_less_than_a_second_too(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(log: DeliveryLog, seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(DeliveryLog, "wait_for_news", wait)

    async def run() -> None:
        async with listening() as listener:
            scene, callbacks = await two_jobs(listener)
            async with calling(scene.services, callbacks) as client:
                assert (await client.get("/callbacks?job=nobody&wait=0.05")).json()["count"] == 0
        assert 0 < waited[0] <= 0.05

    asyncio.run(run())


def test_it_waits_for_nothing_unless_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeliveryLog, "wait_for_news", None)

    async def run() -> None:
        async with listening() as listener:
            scene, callbacks = await two_jobs(listener)
            async with calling(scene.services, callbacks) as client:
                assert (await client.get("/callbacks?job=nobody&count=2")).json()["count"] == 0

    asyncio.run(run())


def test_a_replay_is_a_new_entry() -> None:
    async def run() -> None:
        async with listening() as listener:
            scene, callbacks = await two_jobs(listener)
            scene.clock.advance(2)
            await callbacks.settle()
            async with calling(scene.services, callbacks) as client:
                again = await client.post("/callbacks/kkiai.other.1.1/replay")
                assert (again.status_code, again.json()["replays"]) == (200, "kkiai.other.1.1")
                assert again.json()["tenant"] == "0" * 32
                assert len(listener.heard) == 3
                assert (await client.get("/callbacks?job=other")).json()["count"] == 2
                missing = await client.post("/callbacks/nothing/replay")
                assert missing.status_code >= 400
                assert "nothing" in missing.json()["detail"]

    asyncio.run(run())
