"""New jobs of one turn of the event loop come into the file together, as a commit costs more than a row.

Whoever submits alone waits for nobody: the jobs are written in the next turn, without a timer.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from mockserver.errors import StoreLocked
from mockserver.jobs.job import Job
from mockserver.stores.rows import job_row
from mockserver.stores.sqlite_large import SqliteLargeJobs

_MOST: Final = 64
"""Jobs that one transaction adds: more would hardly make it cheaper."""
_CARRIED: Final = 400
"""Jobs after which the log is carried into the file: with what indexes them some 4 MiB, as SQLite has it."""
_LONGEST: Final = 256 << 10
"""Bytes of records after which no further job is added before other requests have had a turn."""


class _Waiting(Protocol):
    """Who waits for a job: a future, or less."""

    def done(self) -> bool: ...
    def set_result(self, result: None, /) -> None: ...
    def set_exception(self, exception: BaseException, /) -> None: ...


class _Call:
    """Calls a function with whether the job is stored, in this turn of the loop and not as a future does."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[bool], None]) -> None:
        self._call = call

    def done(self) -> bool:
        return False

    def set_result(self, result: None, /) -> None:
        self._tell(True)

    def set_exception(self, exception: BaseException, /) -> None:
        self._tell(False)

    def _tell(self, stored: bool) -> None:
        try:
            self._call(stored)
        except Exception as error:  # what goes wrong with one answer is not for the next to suffer
            context = {"message": "an answer could not be given", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)


class _NewJob(NamedTuple):
    job: Job
    columns: tuple[Any, ...]
    record: bytes
    stored: _Waiting


class SqliteBatches(SqliteLargeJobs):
    """The part of a store in SQLite that adds small jobs."""

    def __init__(self, path: Path, *, flushes: bool) -> None:
        super().__init__(path, flushes=flushes)
        self._new: deque[_NewJob] = deque()
        self._is_due = False
        self._written = 0

    @abstractmethod
    def _put_row(self, job: Job, columns: tuple[Any, ...], record: bytes) -> int:
        """Store a job in the caller's transaction; its serial. Raises `errors.StoreError`."""

    async def add(self, job: Job) -> None:
        self._file.check()
        columns, record = job_row(job)
        await self.waiting.patiently(partial(self._add_with_others, job, columns, record))

    def _add_with_others(self, job: Job, columns: tuple[Any, ...], record: bytes) -> asyncio.Future[None]:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put_in_line(_NewJob(job, columns, record, stored))
        return stored

    def add_soon(self, job: Job, request: bytes, done: Callable[[bool], None]) -> bool:
        columns, record = job_row(job, request)
        self._put_in_line(_NewJob(job, columns, record, _Call(done)))
        return True

    def _put_in_line(self, new: _NewJob) -> None:
        self._new.append(new)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._write_new)

    def _write_new(self) -> None:
        self._is_due = False
        self._write(self._next_batch())
        if self._new and not self._is_due:
            self._is_due = True
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
        self._written += len(batch)
        if self._written >= _CARRIED:
            self._written = 0
            self._carry_over()
