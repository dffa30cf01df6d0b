"""Large bodies are read and judged in threads, so that all other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from mockserver.engine.message import NoRoomForBody
from mockserver.time_limit import time_limit

IN_THE_LOOP: Final = 64 * 1024
"""Bytes of a body that is judged at once: that takes a few milliseconds at the most."""
_THREADS: Final = 2
_PATIENCE: Final = 30.0
"""Seconds that a body may take with its wait for a thread; one of 64 MiB takes about one."""


class BodyThreads:
    """A few threads for all large bodies, so that no number of them takes the cores from other requests."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_THREADS, "body")

    async def run(self, work: Callable[[Any], None], argument: Any) -> None:
        """Call `work` in a thread. Raises what it raises, and NoRoomForBody where that takes too long."""
        try:
            async with time_limit(_PATIENCE):
                await asyncio.get_running_loop().run_in_executor(self._executor, work, argument)
        except TimeoutError:
            raise NoRoomForBody(
                f"the body could not be read in {_PATIENCE:g} s, as other large ones came before it; "
                "send fewer at once"
            ) from None
