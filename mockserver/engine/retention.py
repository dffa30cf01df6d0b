"""Deletes jobs that are too old or too many: one at a time, with room for requests between two.

It is housekeeping, so that a server that runs for months has a file of bounded size. Nothing depends on when
it comes to a job.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import sleep
from collections import deque
from collections.abc import AsyncIterator, Sequence
from heapq import heappop, heappush
from typing import Final

from mockserver.engine.services import Services
from mockserver.errors import StoreError
from mockserver.jobs.job import Job
from mockserver.real_time import monotonic

PAUSE: Final = 10.0
"""Seconds from one sweep to the next."""
_AT_ONCE: Final = 20
"""Jobs of an owner that are looked up at once."""
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
            while line := [job for job in await self._oldest(owner) if job.created_at < limit]:
                for job in line:
                    deleted += await self._delete(owner, job.id)
            await sleep(0)
        return deleted

    async def _drop_surplus(self, most: int) -> int:
        groups = await self._store.tally.groups()
        surplus = sum(group.number for group in groups) - most
        deleted = 0
        if surplus > 0:
            async for owner, job_id in self._oldest_of_all(await self._owners()):
                deleted += await self._delete(owner, job_id)
                if deleted >= surplus:
                    break
        return deleted

    async def _owners(self) -> Sequence[_Owner]:
        groups = await self._store.tally.groups()
        return sorted({(group.tenant, group.provider) for group in groups if group.number})

    async def _oldest_of_all(self, owners: Sequence[_Owner]) -> AsyncIterator[tuple[_Owner, str]]:
        """The jobs of all owners, the oldest first; whoever takes one deletes it before the next."""
        lines: dict[_Owner, _Line] = {}
        heads: list[tuple[int, _Owner]] = []
        for owner in owners:
            await self._line_up(owner, lines, heads)
        while heads:
            _, owner = heappop(heads)
            yield owner, lines[owner].popleft()[1]
            await self._line_up(owner, lines, heads)

    async def _line_up(
        self, owner: _Owner, lines: dict[_Owner, _Line], heads: list[tuple[int, _Owner]]
    ) -> None:
        """Let the owner's oldest job stand among the heads, if there is one."""
        if not lines.get(owner):
            lines[owner] = deque((job.created_at, job.id) for job in await self._oldest(owner))
            await sleep(0)
        if lines[owner]:
            heappush(heads, (lines[owner][0][0], owner))

    async def _oldest(self, owner: _Owner) -> Sequence[Job]:
        return await self._store.list(*owner, limit=_AT_ONCE, requests=False, oldest_first=True)

    async def _delete(self, owner: _Owner, job_id: str) -> bool:
        """Delete a job, and rest for as long as that took: requests have at least half of the time."""
        began = monotonic()
        was_there = await self._store.delete(*owner, job_id)
        self._services.answering.forget_job(owner[1], job_id)
        await sleep(monotonic() - began)
        return was_there
