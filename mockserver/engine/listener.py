"""Waits within the event loop until somebody says that something has happened."""

from __future__ import annotations

import asyncio

from mockserver.time_limit import time_limit


class Listener:
    """Waits for news. It belongs to the event loop in which it was made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Wake whoever waits; from any thread."""
        if not self._event.is_set():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for news since the last time; False when `seconds` have passed without any."""
        try:
            async with time_limit(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
