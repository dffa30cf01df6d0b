"""Everything of a tenant, out of the store in SQLite and into it, beside the other requests."""

from __future__ import annotations

import asyncio
import sqlite3
from abc import abstractmethod
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Self

from mockserver.errors import StoreError, UnreadableJob
from mockserver.jobs.job import Job
from mockserver.stores import statements as sql
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
    another request comes between theirs.
    """

    @abstractmethod
    def _sibling(self) -> Self:
        """Another store over the same file, for another thread."""

    @abstractmethod
    def _put_again(self, job: Job) -> None:
        """Store a job, in the caller's transaction."""

    @abstractmethod
    def _put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        """Store a document."""

    @abstractmethod
    def _clear(self, tenant: str | None) -> int:
        """Delete everything of a tenant, in the caller's transaction."""

    @abstractmethod
    def _documents(self, statement: str, value: str | None) -> Sequence[StoredDocument]:
        """The documents that a statement finds."""

    async def parts(self, tenant: str) -> AsyncGenerator[SnapshotPart, None]:
        sibling = await asyncio.to_thread(self._sibling)
        batches = sibling._batches(tenant)
        end = monotonic() + _LONGEST
        try:
            while batch := await asyncio.to_thread(next, batches, ()):
                for part in batch:
                    yield part
                if monotonic() > end:
                    raise StoreError(f"reading the snapshot took more than {_LONGEST:g} s")
        finally:
            await asyncio.to_thread(batches.close)
            await sibling.close()

    async def replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        await asyncio.to_thread(self._replace, tenant, parts)
        self.unreadable.forget_tenant(tenant)

    def _replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        sibling = self._sibling()
        try:
            # In a thread of its own it may wait for the lock of another process, or of this one.
            sibling._connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
            with sibling._transaction():
                sibling._clear(tenant)
                for part in parts:
                    sibling._put_part(tenant, part)
        finally:
            sibling._connection.close()

    def _put_part(self, tenant: str, part: SnapshotPart) -> None:
        if isinstance(part, Job):
            self._put_again(part)
        elif isinstance(part, StoredDocument):
            self._put_document(tenant, part.kind, part.name, part.document)
        else:
            self._run(sql.SET_NUMBER, (tenant, part.name, part.last))

    def _batches(self, tenant: str) -> Generator[Sequence[SnapshotPart], None, None]:
        """Everything of a tenant at one moment, some at a time."""
        batch: list[SnapshotPart] = []
        size = 0
        with self._explained():
            self._connection.execute("BEGIN")
            for part, length in self._sized_parts(tenant):
                if batch and (size + length > _BATCH or len(batch) >= _MOST_AT_ONCE):
                    yield batch
                    batch, size = [], 0
                batch.append(part)
                size += length
        if batch:
            yield batch

    def _sized_parts(self, tenant: str) -> Iterator[tuple[SnapshotPart, int]]:
        for serial, facts, length in self._connection.execute(sql.JOBS_OF, (tenant,)):
            try:
                yield self._job(serial, facts), (length or 0) + len(facts)
            except UnreadableJob:
                continue
        for stored in self._documents(sql.DOCUMENTS_OF, tenant):
            yield stored, 0
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
