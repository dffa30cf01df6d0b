"""A limit of time holds in a task, and where a request was begun without one."""

from __future__ import annotations

import asyncio
import re

import pytest

from mockserver.time_limit import time_limit
from mockserver.web.at_once import Started, start
from tests.serving import ROOT


async def _wait(event: asyncio.Event, seconds: float | None) -> str:
    try:
        async with time_limit(seconds):
            await event.wait()
    except TimeoutError:
        return "too late"
    return "in time"


async def _without_task(event: asyncio.Event, seconds: float | None) -> str:
    """Begin it in a callback of the loop, which is no task, and go on with it in one."""
    loop = asyncio.get_running_loop()
    begun: asyncio.Future[Started[str] | str] = loop.create_future()
    loop.call_soon(lambda: begun.set_result(start(_wait(event, seconds))))
    started = await begun
    assert isinstance(started, Started)
    if seconds != 0:
        loop.call_soon(event.set)
    result: str = await started
    return result


@pytest.mark.parametrize(("seconds", "end"), [(None, "in time"), (60, "in time"), (0, "too late")])
def test_it_waits_for_a_task(seconds: float | None, end: str) -> None:
    async def both() -> list[str]:
        event = asyncio.Event()
        if seconds != 0:
            event.set()
        return [await _wait(event, seconds), await _without_task(asyncio.Event(), seconds)]

    assert asyncio.run(both()) == [end, end]


def test_what_a_request_may_reach_has_no_limit_that_needs_a_task() -> None:
    needs_task = re.compile(r"asyncio\.(timeout|wait_for)\b")
    files = [path for room in ("stores", "engine") for path in (ROOT / "mockserver" / room).rglob("*.py")]
    assert len(files) > 50
    assert not [path for path in files if needs_task.search(path.read_text())]
