"""Who waits for news is woken by them once, from any thread."""

from __future__ import annotations

import asyncio

from mockserver.engine.listener import Listener
from tests.serving import PATIENCE


def test_news_are_told_once_and_without_any_nobody_waits_for_longer_than_is_said() -> None:
    async def work() -> list[bool]:
        listener = Listener()
        told = [await listener.wait(0)]
        listener.wake()
        listener.wake()
        await asyncio.sleep(0)
        told += [await listener.wait(0), await listener.wait(0)]
        await asyncio.to_thread(listener.wake)
        return [*told, await listener.wait(PATIENCE), await listener.wait(0)]

    assert asyncio.run(work()) == [False, True, False, True, False]
