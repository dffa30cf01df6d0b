"""New jobs of one turn of the event loop come into the file together, as a commit costs more than a row.

Whoever submits alone waits for nobody: the jobs are written in the next turn, without a timer.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockserver.errors import StoreLocked
from mockserver.jobs.job import Job
from mockserver.stores.rows import job_row
from mockserver.stores.sqlite_large import SqliteLargeJobs

_MOST: Final = 64
"""Jobs that one transaction adds: more would hardly make it cheaper."""
_LONGEST: Final = 256 << 10
"""Bytes of records after which no further job is added before other requests have had a turn."""


class _NewJob(NamedTuple):
    job: Job
    columns: tuple[Any, ...]
    record: bytes
    stored: asyncio.Future[None]


class SqliteBatches(SqliteLargeJobs):
    """The part of a store in SQLite that adds small jobs."""

    def __init__(self, path: Path, *, flushes: bool) -> None:
        super().__init__(path, flushes=flushes)
        self._new: deque[_NewJob] = deque()

    @abstractmethod
    def _put_row(self, job: Job, columns: tuple[Any, ...], record: bytes) -> int:
        """Store a job in the caller's transaction; its serial. Raises `errors.StoreError`."""

    async def add(self, job: Job) -> None:
        self._file.check()
        columns, record = job_row(job)
        await self.waiting.patiently(partial(self._add_with_others, job, columns, record))

    def _add_with_others(self, job: Job, columns: tuple[Any, ...], record: bytes) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        if not self._new:
            loop.call_soon(self._write_new)
        stored: asyncio.Future[None] = loop.create_future()
        self._new.append(_NewJob(job, columns, record, stored))
        return stored

    def _write_new(self) -> None:
        self._write(self._next_batch())
        if self._new:
            asyncio.get_running_loop().call_soon(self._write_new)

    def _next_batch(self) -> Sequence[_NewJob]:
        batch: list[_NewJob] = []
        size = 0
        while self._new and len(batch) < _MOST and size < _LONGEST:
            new = self._new.popleft()
            # Who has been given up has been told nothing, and pays for nothing.
            if not new.stored.done():
                batch.append(new)
                size += len(new.record)
        return batch

    def _write(self, batch: Sequence[_NewJob]) -> None:
        try:
            with self._transaction():
                serials = [self._put_row(new.job, new.columns, new.record) for new in batch]
        except Exception as error:  # what is wrong with the job of one client is not for another to suffer
            if len(batch) > 1 and not isinstance(error, StoreLocked):
                for new in batch:
                    self._write([new])
                return
            for new in batch:
                new.stored.set_exception(error)
            return
        for new, serial in zip(batch, serials, strict=True):
            self._added(serial, new.job, len(new.record))
            new.stored.set_result(None)
