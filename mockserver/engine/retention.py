"""Deletes jobs that are too old or too many: a few at a time, with room for requests after each few.

It is housekeeping, so that a server that runs for months has a file of bounded size. Nothing depends on when
it comes to a job.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import sleep
from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final

from mockserver.engine.services import Services
from mockserver.errors import StoreError
from mockserver.jobs.reading import LATEST
from mockserver.real_time import monotonic

PAUSE: Final = 10.0
"""Seconds from one sweep to the next."""
MOST_AT_ONCE: Final = 20
"""Jobs that are deleted at once, which takes some two milliseconds."""
_LONGEST: Final = 0.005
"""Seconds; where deleting takes longer, fewer jobs are deleted at once."""
_log = logging.getLogger("mockserver")

_Owner = tuple[str, str]
"""A tenant, and the provider of some of its jobs."""
_Line = deque[tuple[int, str]]
"""Creation and id of an owner's oldest jobs."""


class Retention:
    """Keeps what the settings `keep` and `max_jobs` allow. Jobs that cannot be read stay."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._keep = services.settings.keep
        self._most = services.settings.max_jobs
        self._size = 1
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to sweep, in the running event loop, if there is something to keep to."""
        if self._keep is not None or self._most is not None:
            self._task = asyncio.create_task(self._go_on())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> int:
        """Delete what is too old on its tenant's clock, then the oldest of what is too many; how many it was.

        Raises StoreError.
        """
        await self._services.live_settings.refresh()
        deleted = 0
        try:
            if self._keep is not None:
                deleted += await self._drop_old(self._keep)
            if self._most is not None:
                deleted += await self._drop_surplus(self._most)
        finally:
            # A job with a seed's id may come again, and lists are made from what was shown before.
            if deleted:
                self._services.answering.forget()
        return deleted

    async def _go_on(self) -> None:
        trouble = ""
        while True:
            try:
                await self.sweep()
                trouble = ""
            except StoreError as error:
                if trouble != (trouble := str(error)):
                    _log.warning("jobs that are too old or too many stay: %s", error)
            except Exception:
                _log.exception("deleting jobs that are too old or too many failed")
            await sleep(PAUSE)

    async def _drop_old(self, keep: int) -> int:
        deleted = 0
        for owner in await self._owners():
            limit = self._services.live_settings.now(owner[0]) - 1000 * keep
            while old := [job_id for created_at, job_id in await self._oldest(owner) if created_at < limit]:
                deleted += await self._delete(owner, old[: self._size])
            await sleep(0)
        return deleted

    async def _drop_surplus(self, most: int) -> int:
        surplus = sum(group.number for group in await self._store.tally.groups()) - most
        if surplus <= 0:
            return 0
        heads: list[tuple[int, _Owner]] = []
        lines: dict[_Owner, _Line] = {}
        for owner in await self._owners():
            await self._line_up(owner, lines, heads)
        deleted = 0
        while heads and deleted < surplus:
            _, owner = heappop(heads)
            next_head = heads[0][0] if heads else LATEST
            oldest = _take(lines[owner], next_head, min(self._size, surplus - deleted))
            deleted += await self._delete(owner, oldest)
            await self._line_up(owner, lines, heads)
        return deleted

    async def _owners(self) -> Sequence[_Owner]:
        groups = await self._store.tally.groups()
        return sorted({(group.tenant, group.provider) for group in groups if group.number})

    async def _line_up(
        self, owner: _Owner, lines: dict[_Owner, _Line], heads: list[tuple[int, _Owner]]
    ) -> None:
        """Let the owner's oldest job stand among the heads, if there is one."""
        if not lines.get(owner):
            lines[owner] = deque(await self._oldest(owner))
            await sleep(0)
        if lines[owner]:
            heappush(heads, (lines[owner][0][0], owner))

    async def _oldest(self, owner: _Owner) -> Sequence[tuple[int, str]]:
        jobs = await self._store.list(*owner, limit=MOST_AT_ONCE, requests=False, oldest_first=True)
        return [(job.created_at, job.id) for job in jobs]

    async def _delete(self, owner: _Owner, job_ids: Sequence[str]) -> int:
        """Delete jobs, and rest for three times as long as that took."""
        began = monotonic()
        deleted = await self._store.delete(*owner, *job_ids)
        self._services.answering.forget_jobs(owner[1], job_ids)
        took = monotonic() - began
        # Large requests take long to delete. Together, small ones write some pages of the file once.
        self._size = max(1, self._size // 2) if took > _LONGEST else min(MOST_AT_ONCE, self._size + 1)
        await sleep(3 * took)
        return deleted


def _take(line: _Line, until: int, most: int) -> list[str]:
    """The first of a line, as far as they were created until then; at least one."""
    taken = [line.popleft()[1]]
    while line and len(taken) < most and line[0][0] <= until:
        taken.append(line.popleft()[1])
    return taken
