"""Pauses on purpose, as faults ask for them. They end when the server is to stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Pauses:
    """The pauses of one server, in its event loop."""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until all pauses are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    def end(self) -> None:
        """End all pauses, now and from now on."""
        self._over.set()
