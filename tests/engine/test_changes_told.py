"""A request that may let something fall due is told of where somebody could wait for that, and else not."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
import pytest

from mockserver.app import build_app
from mockserver.engine.message import Request
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings, read_pace
from mockserver.stores.memory import MemoryStore
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, START

HEADERS: Final = [
    (b"authorization", f"Bearer {KEY}".encode()),
    (b"content-type", b"application/json"),
]
REPLICATE: Final = (
    "replicate",
    "/v1/predictions",
    {"version": "google/veo-2", "input": {"prompt": "a kite"}},
)
OPENAI: Final = ("openai", "/v1/videos", {"model": "sora-2", "prompt": "a kite"})
GMICLOUD: Final = ("gmicloud", GMI, SUBMITS["gmicloud"][1])


@pytest.mark.parametrize(
    ("server", "pace", "deeds", "told"),
    [
        (REPLICATE, "manual", ["GET "], [1, 0]),
        (REPLICATE, "polls:2", ["GET ", "GET "], [1, 1, 1]),
        (REPLICATE, "manual", ["POST /cancel"], [1, 1]),
        (GMICLOUD, "polls:2", ["GET "], [0, 0]),
        (OPENAI, "immediate", ["GET ", "DELETE ", "DELETE "], [0, 0, 1, 0]),
    ],
)
def test_what_moves_or_deletes_a_job_that_may_owe_callbacks_is_told_of(
    server: tuple[str, str, Any], pace: str, deeds: list[str], told: list[int]
) -> None:
    provider, path, body = server

    async def play() -> list[int]:
        settings = Settings(providers=(provider,), pace=read_pace(pace))
        app = build_app(settings, clock=ManualClock(START), store=MemoryStore())
        numbers, news = list[int](), list[None]()
        app.services.changes.subscribe(lambda: news.append(None))
        job = ""
        for deed in ["POST", *deeds]:
            method, _, within = deed.partition(" ")
            content = b"" if job else orjson.dumps(body)
            place = f"{path}/{job}{within}" if job else path
            news.clear()
            request = Request(method, place, "", HEADERS, content, "http://mock")
            answer = await app.pipeline.handle(request)
            numbers.append(len(news))
            if not job:
                document = orjson.loads(answer.body)
                job = document.get("id") or document["request_id"]
        return numbers

    assert asyncio.run(play()) == told
