"""A store in a SQLite file, which several processes may share.

The connection is used directly inside the async methods: a call takes some tens of microseconds,
less than handing it to a thread would cost, and the server is one event loop. Only the lock of another
process may take long: see `patience`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from mockserver.errors import DuplicateJob, StoreError, StoreLocked, UnreadableJob
from mockserver.jobs.codec import dump_fact, load_facts, load_job
from mockserver.jobs.job import Fact, Job
from mockserver.stores import statements as sql
from mockserver.stores.base import StoredDocument
from mockserver.stores.patience import patient
from mockserver.stores.records import DecodedJobs
from mockserver.stores.rows import job_row, operation_values, read_object, write_document
from mockserver.stores.sqlite_batches import SqliteBatches
from mockserver.stores.sqlite_file import explain
from mockserver.stores.sqlite_tally import SqliteTally
from mockserver.stores.unreadable import JOB

_SMALL = 4096


class SqliteStore(SqliteBatches):
    """A store in the SQLite file at `path`, which is created when it is missing.

    `remembered` is how many bytes of JSON the cache of decoded jobs may stand for. With `flushes` each change
    is on the disk before it is acknowledged, and not only with the operating system.
    Raises `errors.StoreError` when the file cannot be opened or is not ours.
    """

    def __init__(self, path: Path, *, remembered: int = 64 << 20, flushes: bool = False) -> None:
        super().__init__(path, flushes=flushes)
        self._flushes = flushes
        self._records = DecodedJobs(remembered)
        self.tally = SqliteTally(self._run, self._transaction, self.waiting, self._job_without_request)

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        # The record of a job never changes, so a cached one needs its facts alone: a query by serial that
        # also shows whether the job is still there.
        recent = self._records.find(provider, job_id)
        if recent is not None and recent[1].tenant == tenant:
            serial = recent[0]
            try:
                row = self._fetch_row(sql.FACTS, (serial,))
                if row is not None:
                    return self._job(serial, *row)
            except StoreLocked:
                pass
        return await self._get(tenant, provider, job_id)

    @patient
    def _get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        return self._first_job(sql.GET, (provider, job_id, tenant))

    @patient
    def find(
        self, tenant: str, provider: str, alias: str, *, operations: Sequence[str] | None = None
    ) -> Job | None:
        return self._first_job(sql.FIND, (tenant, provider, alias, *operation_values(operations)))

    @patient
    def get_for_any_tenant(self, provider: str, job_id: str) -> Job | None:
        return self._first_job(sql.GET_FOR_ANY_TENANT, (provider, job_id))

    @patient
    def list(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = 100,
        requests: bool = True,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> list[Job]:
        filtered = model is not None or operations is not None
        if filtered and self._count(tenant, provider, model, operations) <= offset:
            # Without the tally, looking for what is not there goes through all jobs.
            return []
        most = -1 if limit is None else limit
        start = () if after is None else (provider, after, tenant)
        statement = sql.list_statement(after=after is not None, oldest_first=oldest_first)
        rows = self._run(
            statement, (tenant, provider, model, *operation_values(operations), *start, most, offset)
        )
        return [*(self._readable(rows) if requests else self._bare(rows))]

    @patient
    def count(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
    ) -> int:
        return self._count(tenant, provider, model, operations)

    def _count(self, tenant: str, provider: str, model: str | None, operations: Sequence[str] | None) -> int:
        return _count_in(self._run(sql.COUNT, (tenant, provider, model, operation_values(operations)[0])))

    @patient
    def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        try:
            key = (dump_fact(fact).decode(), provider, job_id, tenant)
        except TypeError as error:
            raise StoreError(f"a fact about job {job_id!r} cannot be kept: {error}") from error
        self._file.check()
        self.revisions += 1
        if most is None:
            job = self._first_job(sql.APPEND_FACT, key)
        else:
            job = self._first_job(sql.APPEND_FACT_UP_TO, (*key, fact.kind, most))
        self.tally.note()
        return job or self._first_job(sql.GET, (provider, job_id, tenant))

    @patient
    def delete(self, tenant: str, provider: str, *job_ids: str) -> int:
        self.revisions += 1
        with self._transaction():
            rows = [row for job_id in job_ids for row in self._run(sql.DELETE, (provider, job_id, tenant))]
            for row in rows:
                self._run(sql.DELETE_RECORD, row[:1])
            self.tally.uncount(rows)
        for job_id in job_ids:
            self.unreadable.forget(JOB, tenant, f"{provider}/{job_id}")
        return len(rows)

    @patient
    def increment(self, tenant: str, name: str = "job") -> int:
        self._file.check()
        rows = self._run(sql.INCREMENT, (tenant, name))
        return int(rows[0][0])

    @patient
    def drop_numbers(self, tenant: str, prefix: str, but: str) -> None:
        self._run(sql.DROP_NUMBERS, (tenant, prefix, prefix, but))

    @patient
    def put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        self._put_document(tenant, kind, name, document)
        self.unreadable.forget(kind, tenant, name)

    @patient
    def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        if kind is None:
            return self._documents(sql.DOCUMENTS)
        return self._documents(sql.DOCUMENTS_OF_KIND, kind)

    @patient
    def document(self, kind: str, name: str, tenant: str | None = None) -> StoredDocument | None:
        statement, owner = (sql.DOCUMENT, ()) if tenant is None else (sql.DOCUMENT_OF, (tenant,))
        return next(iter(self._documents(statement, kind, name, *owner)), None)

    @patient
    def kinds(self) -> Sequence[str]:
        return [kind for (kind,) in self._run(sql.KINDS, ())]

    @patient
    def tenants(self) -> Sequence[str]:
        others = {tenant for (tenant,) in self._run(sql.OTHER_TENANTS, ())}
        return sorted({*self._tenants_with_jobs(), *others} - {""})

    def _sibling(self, path: Path | None = None) -> Self:
        if path is None:
            # A file that is gone would be made again.
            self._file.look()
        sibling = type(self)(path or self._path, remembered=0, flushes=self._flushes and path is None)
        sibling.unreadable = self.unreadable
        return sibling

    def _added(self, serial: int, job: Job, size: int) -> None:
        self.additions += 1
        self._records.put(serial, job._replace(facts=()) if job.facts else job, size)
        self.tally.note()

    def _insert(self, row: tuple[Any, ...], record: bytes) -> int:
        if len(record) <= _SMALL:
            return self._connection.execute(sql.ADD, (*row, record)).lastrowid or 0
        serial = self._connection.execute(sql.ADD, (*row, None)).lastrowid or 0
        self._connection.execute(sql.RECORD_APART, (serial, record))
        return serial

    def _put(self, job: Job, request: bytes | bytearray | None = None) -> tuple[int, int]:
        columns, record = job_row(job, request)
        return self._put_row(job, columns, record), len(record)

    def _put_row(self, job: Job, columns: tuple[Any, ...], record: bytes) -> int:
        try:
            return self._insert((*columns, self.tally.plan_id(job.plan)), record)
        except sqlite3.Error as error:
            raise self._refusal(error, job) from error

    def _refusal(self, error: sqlite3.Error, job: Job) -> StoreError:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            return DuplicateJob(f"{job.provider} already has a job {job.id}")
        return explain(error, self._path)

    def _clear(self, tenant: str | None) -> int:
        if tenant is None:
            rows, *_ = [self._run(statement, ()) for statement in sql.CLEAR]
        else:
            rows, *_ = [self._run(statement, (tenant,)) for statement in sql.CLEAR_OF]
        return _count_in(rows)

    def _put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        self._file.check()
        if document is None:
            self._run(sql.DROP_DOCUMENT, (tenant, kind, name))
        else:
            text = write_document(tenant, kind, name, document).decode()
            self._run(sql.PUT_DOCUMENT, (tenant, kind, name, text))

    def _documents(self, statement: str, *values: str | int) -> Sequence[StoredDocument]:
        documents = []
        for owner, kind, name, text in self._run(statement, values):
            try:
                documents.append(StoredDocument(owner, kind, name, read_object(text)))
            except ValueError as error:
                self.unreadable.note(kind, owner, name, str(error))
        return documents

    def _undone(self) -> None:
        self.tally.forget_plans()

    def _first_job(self, statement: str, values: tuple[Any, ...]) -> Job | None:
        rows = self._run(statement, values)
        if not rows:
            return None
        return self._job(*rows[0])

    def _readable(self, rows: Sequence[tuple[int, str, float | None]]) -> Iterator[Job]:
        """The jobs that can be read; the others are noted."""
        for row in rows:
            with suppress(UnreadableJob):
                yield self._job(*row)

    def _bare(self, rows: Sequence[tuple[int, str, float | None]]) -> Iterator[Job]:
        """The jobs that can be read, without their requests; those that are remembered are not read."""
        jobs = {}
        for serial, facts, seconds in rows:
            job = self._records.get(serial)
            if job is not None and facts == "[]" and (job.seconds is not None or seconds is None):
                jobs[serial] = job._replace(request={})
        missing = [serial for serial, *_ in rows if serial not in jobs]
        if missing:
            jobs |= {placed.place.serial: placed.job for placed in self._without_requests(missing)}
        return (jobs[serial] for serial, *_ in rows if serial in jobs)

    def _job(self, serial: int, facts: str, seconds: float | None) -> Job:
        job = self._records.get(serial)
        try:
            if job is None:
                job = self._load_record(serial)
            if job.seconds is None and seconds is not None:
                # The record is as old as the job, and the clip was measured later.
                job = job._replace(seconds=seconds)
            if facts == "[]":
                return job
            return job._replace(facts=load_facts(facts))
        except ValueError as error:
            raise self._unreadable(serial, str(error)) from error

    def _load_record(self, serial: int) -> Job:
        rows = self._run(sql.RECORD, (serial,))
        if not rows or rows[0][0] is None:
            raise ValueError("its record is missing")
        record, *owner = rows[0]
        job = load_job(record)
        if [job.provider, job.id, job.tenant] != owner:
            raise ValueError(f"its record is that of {job.provider} {job.id}, or of another tenant")
        self._records.put(serial, job, len(record))
        return job


def _count_in(rows: Sequence[Any]) -> int:
    return int(rows[0][0]) if rows else 0
