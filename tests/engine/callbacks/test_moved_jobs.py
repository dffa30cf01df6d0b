"""A request that moves a job lets its callbacks be sent: a poll where polls count, and a cancel."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
import pytest

from mockserver.app import Mockserver, build_app
from mockserver.engine.message import Request
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings, read_pace
from mockserver.stores.memory import MemoryStore
from tests.listener import listening
from tests.serving import KEY, START

PATH: Final = "/v1/predictions"
HEADERS: Final = [
    (b"authorization", f"Bearer {KEY}".encode()),
    (b"content-type", b"application/json"),
]


async def _ask(app: Mockserver, method: str, path: str, body: Any = None) -> Any:
    content = b"" if body is None else orjson.dumps(body)
    response = await app.pipeline.handle(Request(method, path, "", HEADERS, content, "http://mock"))
    assert response.status < 300, response.body
    return orjson.loads(response.body)


@pytest.mark.parametrize(
    ("pace", "method", "within", "state"),
    [("polls:1", "GET", "", "succeeded"), ("manual", "POST", "/cancel", "canceled")],
)
def test_who_moves_a_job_wakes_the_sender(pace: str, method: str, within: str, state: str) -> None:
    async def play() -> list[str]:
        settings = Settings(providers=("replicate",), pace=read_pace(pace))
        app = build_app(settings, clock=ManualClock(START), store=MemoryStore())
        async with listening() as listener:
            await app.start()
            body = {"version": "google/veo-2", "input": {"prompt": "a kite"}, "webhook": listener.url}
            job = await _ask(app, "POST", PATH, body)
            await _ask(app, method, f"{PATH}/{job['id']}{within}")
            await app.callbacks.delivery_log.wait_for_news(30)
            await app.close()
            return [heard.told["status"] for heard in listener.heard]

    assert asyncio.run(play()) == [state]
