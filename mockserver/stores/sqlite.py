"""A store in a SQLite file, which several processes may share.

The connection is used directly inside the async methods: a call takes some tens of microseconds,
less than handing it to a thread would cost, and the server is one event loop.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import DuplicateJob, StoreError
from mockserver.jobs.codec import dump_fact, dump_facts, dump_job, load_facts, load_job
from mockserver.jobs.job import Fact, Job
from mockserver.stores import statements as sql
from mockserver.stores.base import Store, StoredDocument
from mockserver.stores.records import DecodedJobs
from mockserver.stores.sqlite_file import connect, explain, transaction

_SMALL = 4096


class SqliteStore(Store):
    """A store in the SQLite file at `path`, which is created when it is missing.

    `remembered` is how many bytes of JSON the cache of decoded jobs may stand for.
    Raises `errors.StoreError` when the file cannot be opened or is not ours.
    """

    def __init__(self, path: Path, *, remembered: int = 64 << 20) -> None:
        self._path = path
        self._records = DecodedJobs(remembered)
        try:
            self._connection = connect(path)
            # One cursor for the most frequent queries: making one would take a third of their time.
            self._cursor = self._connection.cursor()
            self._version = self._data_version()
        except sqlite3.Error as error:
            raise explain(error, path) from error

    async def add(self, job: Job) -> None:
        row, record = _row(job)
        try:
            if len(record) <= _SMALL:
                serial = self._insert(row, record)
            else:
                with transaction(self._connection):
                    serial = self._insert(row, record)
        except sqlite3.Error as error:
            raise self._refusal(error, job) from error
        self._records.put(serial, job._replace(facts=()) if job.facts else job, len(record))

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        # The record of a job never changes, so a cached one needs its facts alone: a query by serial that
        # also shows whether the job is still there.
        recent = self._records.find(provider, job_id)
        if recent is not None and recent[1].tenant == tenant:
            serial, job = recent
            row = self._fetch_row(sql.FACTS, (serial,))
            if row is not None:
                if row[0] == "[]":
                    return job
                return self._job(serial, row[0])
        return self._first_job(sql.GET, (provider, job_id, tenant))

    async def find(
        self, tenant: str, provider: str, alias: str, *, operations: Sequence[str] | None = None
    ) -> Job | None:
        return self._first_job(sql.FIND, (tenant, provider, alias, *_operation_values(operations)))

    async def get_for_any_tenant(self, provider: str, job_id: str) -> Job | None:
        return self._first_job(sql.GET_FOR_ANY_TENANT, (provider, job_id))

    async def list(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = 100,
    ) -> list[Job]:
        most = -1 if limit is None else limit
        rows = self._run(sql.LIST, (tenant, provider, model, *_operation_values(operations), most, offset))
        return [self._job(serial, facts) for serial, facts in rows]

    async def count(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
    ) -> int:
        rows = self._run(sql.COUNT, (tenant, provider, model, *_operation_values(operations)))
        return _count_in(rows)

    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        try:
            key = (dump_fact(fact).decode(), provider, job_id, tenant)
        except TypeError as error:
            raise StoreError(f"a fact about job {job_id!r} cannot be kept: {error}") from error
        if most is None:
            return self._first_job(sql.APPEND_FACT, key)
        job = self._first_job(sql.APPEND_FACT_UP_TO, (*key, fact.kind, most))
        return job or await self.get(tenant, provider, job_id)

    async def delete(self, tenant: str, provider: str, job_id: str) -> bool:
        with self._transaction():
            rows = self._run(sql.DELETE, (provider, job_id, tenant))
            for row in rows:
                self._run(sql.DELETE_RECORD, row)
        return bool(rows)

    async def increment(self, tenant: str, name: str = "job") -> int:
        rows = self._run(sql.INCREMENT, (tenant, name))
        return int(rows[0][0])

    async def put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        if document is None:
            self._run(sql.DROP_DOCUMENT, (tenant, kind, name))
        else:
            from mockserver.stores.snapshot import write_document

            text = write_document(tenant, kind, name, document).decode()
            self._run(sql.PUT_DOCUMENT, (tenant, kind, name, text))

    async def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        return self._documents(sql.DOCUMENTS, kind)

    def changed(self) -> bool:
        try:
            version = self._data_version()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        if version == self._version:
            return False
        self._version = version
        return True

    async def tenants(self) -> Sequence[str]:
        return [tenant for (tenant,) in self._run(sql.TENANTS, ()) if tenant]

    async def clear(self, tenant: str | None) -> int:
        with self._transaction():
            return self._clear(tenant)

    async def dump(self, tenant: str) -> dict[str, Any]:
        with self._transaction():
            jobs = [self._job(serial, facts) for serial, facts in self._run(sql.JOBS_OF, (tenant,))]
            documents = self._documents(sql.DOCUMENTS_OF, tenant)
            numbers = dict(self._run(sql.NUMBERS_OF, (tenant,)))
        # Imported where it is needed: most servers never write or read a snapshot.
        from mockserver.stores.snapshot import write_snapshot

        return write_snapshot(tenant, jobs, documents, numbers)

    async def restore(self, tenant: str, snapshot: dict[str, Any]) -> None:
        from mockserver.stores.snapshot import read_snapshot

        content = read_snapshot(tenant, snapshot)
        with self._transaction():
            self._clear(tenant)
            for job in content.jobs:
                self._insert_again(job)
            for stored in content.documents:
                await self.put_document(stored.tenant, stored.kind, stored.name, stored.document)
            for name, last in content.numbers.items():
                self._run(sql.SET_NUMBER, (tenant, name, last))

    async def close(self) -> None:
        self._connection.close()

    def _insert(self, row: tuple[Any, ...], record: bytes) -> int:
        if len(record) <= _SMALL:
            return self._connection.execute(sql.ADD, (*row, record)).lastrowid or 0
        serial = self._connection.execute(sql.ADD, (*row, None)).lastrowid or 0
        self._connection.execute(sql.RECORD_APART, (serial, record))
        return serial

    def _insert_again(self, job: Job) -> None:
        try:
            self._insert(*_row(job))
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

    def _documents(self, statement: str, value: str | None) -> Sequence[StoredDocument]:
        rows = self._run(statement, (value,))
        try:
            return [StoredDocument(owner, kind, name, orjson.loads(text)) for owner, kind, name, text in rows]
        except ValueError as error:
            raise StoreError(f"{self._path} is damaged in its documents: {error}") from error

    def _data_version(self) -> int:
        version: int = self._cursor.execute(sql.DATA_VERSION).fetchone()[0]
        return version

    def _fetch_row(self, statement: str, values: tuple[Any, ...]) -> Any:
        """The row of a statement that gives one row at most."""
        try:
            return self._cursor.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with transaction(self._connection):
                yield
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def _first_job(self, statement: str, values: tuple[Any, ...]) -> Job | None:
        rows = self._run(statement, values)
        if not rows:
            return None
        serial, facts = rows[0]
        return self._job(serial, facts)

    def _run(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except UnicodeEncodeError:
            # A URL can spell a name that is no Unicode text; nothing in the store has such a name.
            return ()

    def _job(self, serial: int, facts: str) -> Job:
        job = self._records.get(serial)
        try:
            if job is None:
                job = self._load_record(serial)
            if facts == "[]":
                return job
            return job._replace(facts=load_facts(facts))
        except ValueError as error:
            raise StoreError(f"{self._path} is damaged at job number {serial}: {error}") from error

    def _load_record(self, serial: int) -> Job:
        rows = self._run(sql.RECORD, (serial,))
        if not rows or rows[0][0] is None:
            raise ValueError("its record is missing")
        job = load_job(rows[0][0])
        self._records.put(serial, job, len(rows[0][0]))
        return job


def _row(job: Job) -> tuple[tuple[Any, ...], bytes]:
    """A job's columns, and its record, which may be stored apart from them."""
    try:
        record, facts = dump_job(job), dump_facts(job.facts).decode()
    except TypeError as error:
        raise StoreError(f"job {job.id!r} cannot be kept: {error}") from error
    return (
        job.provider, job.id, job.tenant, job.operation, job.model, job.alias, job.created_at, facts
    ), record  # fmt: skip


def _operation_values(operations: Sequence[str] | None) -> tuple[str | None, str | None]:
    """Both values of the clause on operations: the same JSON array, or None for any operation."""
    if operations is None:
        return None, None
    text = orjson.dumps([*operations]).decode()
    return text, text


def _count_in(rows: Sequence[Any]) -> int:
    return int(rows[0][0]) if rows else 0
