"""A limit of time for a wait, also in a coroutine that has no task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager


class _Turn:
    """A wait for nothing: whoever runs a coroutine up to its first wait goes on with it in a task."""

    def __await__(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def time_limit(seconds: float | None) -> AsyncIterator[None]:
    """As `asyncio.timeout`, which needs a task; where there is none, it waits until there is one.

    A request is begun without a task, see `web.at_once`. Raises TimeoutError.
    """
    if asyncio.current_task() is None:
        await _Turn()
    async with asyncio.timeout(seconds):
        yield
