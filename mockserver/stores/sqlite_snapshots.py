"""Everything of a tenant, out of the store in SQLite and into it, beside the other requests."""

from __future__ import annotations

import asyncio
import sqlite3
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from mockserver.errors import DuplicateJob, StoreError, UnreadableJob
from mockserver.jobs.codec import load_plan
from mockserver.jobs.job import Job
from mockserver.real_time import monotonic
from mockserver.stores import snapshot_statements as sql
from mockserver.stores.base import SnapshotPart, StoredDocument, StoredNumber
from mockserver.stores.patience import PATIENCE
from mockserver.stores.sqlite_file import explain
from mockserver.stores.sqlite_pages import SqlitePages

_BATCH: Final = 1 << 20
"""Bytes of jobs that are read at once; a larger job is read alone."""
_MOST_AT_ONCE: Final = 100
"""Parts that are read at once."""
_LONGEST: Final = 3600.0
"""Seconds that reading may take. SQLite cannot clean up its log while somebody reads: it would grow."""


class SqliteSnapshots(SqlitePages):
    """The part of a store in SQLite that reads and replaces all that a tenant has.

    Both have a connection of their own, in threads: what they read is of one moment, and no statement of
    another request comes between theirs. What replaces comes into a file of its own first, so that the store
    is locked for the copy alone.
    """

    @abstractmethod
    def _sibling(self, path: Path | None = None) -> Self:
        """Another store over the same file, for another thread; or over another file."""

    @abstractmethod
    def _put(self, job: Job, request: bytes | bytearray | None = None) -> tuple[int, int]:
        """Store a job in the caller's transaction; the serial and the bytes of its record."""

    @abstractmethod
    def _put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        """Store a document."""

    @abstractmethod
    def _clear(self, tenant: str | None) -> int:
        """Delete everything of a tenant, in the caller's transaction."""

    @abstractmethod
    def _documents(self, statement: str, *values: str | int) -> Sequence[StoredDocument]:
        """The documents that a statement finds."""

    async def parts(self, tenant: str) -> AsyncGenerator[SnapshotPart, None]:
        sibling = await asyncio.to_thread(self._sibling)
        batches = sibling._batches(tenant)
        end = monotonic() + _LONGEST
        try:
            while batch := await asyncio.to_thread(next, batches, None):
                # What has been handed on is not held here, while the next is read.
                while batch:
                    yield batch.popleft()
                if monotonic() > end:
                    raise StoreError(f"reading the snapshot took more than {_LONGEST:g} s")
        finally:
            await asyncio.to_thread(batches.close)
            await sibling.close()

    async def replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        await asyncio.to_thread(self._replace, tenant, parts)
        self.unreadable.forget_tenant(tenant)

    def _replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        with TemporaryDirectory(prefix="mockserver-restore-") as folder:
            staged = self._sibling(Path(folder) / "staged.sqlite3")
            try:
                with staged._transaction():
                    for part in parts:
                        staged._put_part(tenant, part)
            finally:
                staged._connection.close()
            self._move_in(tenant, staged._path)

    def _move_in(self, tenant: str, staged: Path) -> None:
        """Replace everything of a tenant by what another file has; the lock is held for the copy alone."""
        with self._aside() as sibling:
            with sibling._explained():
                sibling._connection.execute("ATTACH ? AS staged", (str(staged),))
                sibling._connection.execute(sql.PLAN_NUMBERS)
            with sibling._transaction():
                sibling._clear(tenant)
                sibling._refuse_twins()
                sibling._copy_staged()
            # Here, and not when somebody in the event loop asks.
            sibling.tally.catch_up()

    @contextmanager
    def _aside(self) -> Iterator[Self]:
        """A sibling that is closed afterwards and waits for the lock of another process, or of this one."""
        sibling = self._sibling()
        try:
            with sibling._explained():
                sibling._connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
            yield sibling
        finally:
            sibling._connection.close()

    def _refuse_twins(self) -> None:
        for provider, job_id in self._run(sql.STAGED_TWINS, ()):
            raise DuplicateJob(f"{provider} already has a job {job_id}")

    def _copy_staged(self) -> None:
        for number, plan in self._run(sql.STAGED_PLANS, ()):
            self._run(sql.ADD_PLAN_NUMBER, (number, self.tally.plan_id(load_plan(plan))))
        last = self._run(sql.LAST_SERIAL, ())[0][0]
        names = [name for (name,) in self._run(sql.JOB_COLUMNS, ())]
        columns = ", ".join(name for name in names if name not in ("serial", "plan"))
        self._run(sql.COPY_JOBS.format(columns=columns), (last,))
        self._run(sql.COPY_RECORDS, (last,))
        self._run(sql.COPY_DOCUMENTS, ())
        self._run(sql.COPY_NUMBERS, ())

    def _put_part(self, tenant: str, part: SnapshotPart) -> None:
        if isinstance(part, Job):
            self._put(part)
        elif isinstance(part, StoredDocument):
            self._put_document(tenant, part.kind, part.name, part.document)
        else:
            self._run(sql.SET_NUMBER, (tenant, part.name, part.last))

    def _batches(self, tenant: str) -> Generator[deque[SnapshotPart], None, None]:
        """Everything of a tenant at one moment, some at a time."""
        batch: deque[SnapshotPart] = deque()
        size = 0
        with self._explained():
            self._connection.execute("BEGIN")
            for part, length in self._sized_parts(tenant):
                if batch and (size + length > _BATCH or len(batch) >= _MOST_AT_ONCE):
                    yield batch
                    batch, size = deque(), 0
                batch.append(part)
                size += length
        if batch:
            yield batch

    def _sized_parts(self, tenant: str) -> Iterator[tuple[SnapshotPart, int]]:
        for serial, facts, seconds, length in self._connection.execute(sql.JOBS_OF, (tenant,)):
            try:
                yield self._job(serial, facts, seconds), (length or 0) + len(facts)
            except UnreadableJob:
                continue
        for serial, length in self._connection.execute(sql.DOCUMENTS_OF, (tenant,)):
            for stored in self._documents(sql.DOCUMENT_AT, serial):
                yield stored, length
        for name, last in self._connection.execute(sql.NUMBERS_OF, (tenant,)):
            yield StoredNumber(name, last), 0

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError:
            # Nothing in the store belongs to a name that is no Unicode text.
            return
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
