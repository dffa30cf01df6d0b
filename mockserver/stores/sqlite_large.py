"""What takes SQLite long is done beside the other requests, in a thread with a connection of its own.

It may take a second to write a job with a large request: polls go on, and other submits wait for the lock as
for that of another process. To carry what the log has into the file takes it 20 to 50 ms, for which nobody
waits. To delete what a tenant with 100,000 jobs has takes a second or two.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import sleep
from typing import Final

from mockserver.errors import StoreError
from mockserver.jobs.job import Job
from mockserver.stores import statements as sql
from mockserver.stores.patience import LONGEST, patient
from mockserver.stores.sqlite_snapshots import SqliteSnapshots

_MANY: Final = 500
"""Jobs from which on they are deleted beside other requests: so many take some ten milliseconds."""


class SqliteLargeJobs(SqliteSnapshots):
    """The part of a store in SQLite that adds large jobs, one after the other, as there is one lock."""

    def __init__(self, path: Path, *, flushes: bool) -> None:
        super().__init__(path, flushes=flushes)
        self._thread = ThreadPoolExecutor(1, "large-job")
        self._carrying: Future[None] | None = None

    @abstractmethod
    def _added(self, serial: int, job: Job, size: int) -> None:
        """Remember and count a new job whose record has `size` bytes."""

    async def add_large(self, job: Job, request: bytes | bytearray) -> None:
        self._file.check()
        run, work = asyncio.get_running_loop().run_in_executor, partial(self._add_aside, job, request)
        serial, size = await self.waiting.patiently(lambda: run(self._thread, work))
        self._added(serial, job, size)

    async def clear(self, tenant: str | None) -> int:
        statement, owner = (sql.HAVE_JOBS, ()) if tenant is None else (sql.HAS_JOBS, (tenant,))
        if self._run(statement, (*owner, _MANY)) == [(_MANY,)]:
            deleted = await asyncio.to_thread(self._clear_aside, tenant)
        else:
            deleted = await self._clear_here(tenant)
        self.revisions += 1
        self.unreadable.forget_tenant(tenant)
        return deleted

    @patient
    def _clear_here(self, tenant: str | None) -> int:
        with self._transaction():
            return self._clear(tenant)

    def _clear_aside(self, tenant: str | None) -> int:
        with self._aside() as sibling, sibling._transaction():
            return sibling._clear(tenant)

    async def close(self) -> None:
        # A job whose submitter has been given up may be on its way.
        self._thread.shutdown()
        await super().close()

    def _carry_over(self) -> None:
        """Begin to carry what the log has into the file, if that is not under way."""
        if self._carrying is None or self._carrying.done():
            self._carrying = self._thread.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        # What is wrong with the file is for the next to hear who writes to it.
        with suppress(StoreError):
            sibling = self._sibling()
            try:
                sibling._run(sql.CHECKPOINT, ())
            finally:
                sibling._connection.close()

    def _add_aside(self, job: Job, request: bytes | bytearray) -> tuple[int, int]:
        sibling = self._sibling()
        try:
            with sibling._transaction():
                added = sibling._put(job, request)
        finally:
            sibling._connection.close()
        if self.waiting.count:
            # Who waited for this lock has it before the next large job.
            sleep(LONGEST)
        return added
