"""Jobs in one SQLite file, which several processes may share.

The connection is used directly inside the async methods: a call takes some tens of microseconds,
less than handing it to a thread would cost, and the server is one event loop.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.errors import DuplicateJob, StoreError
from mockserver.jobs.codec import dump_fact, dump_facts, dump_job, load_facts, load_job
from mockserver.jobs.job import Fact, Job
from mockserver.stores.base import Store

PATIENCE = 5
"""Seconds to wait for another process's lock."""

_SMALL = 4096
_APPLICATION = 0x4D6F636B
_VERSION = 1
_SCHEMA = (
    # AUTOINCREMENT: a serial is never given twice, so a remembered record is never another job's.
    """CREATE TABLE jobs (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        provider TEXT NOT NULL,
        id TEXT NOT NULL,
        tenant TEXT NOT NULL,
        model TEXT NOT NULL,
        alias TEXT,
        created_at INTEGER NOT NULL,
        facts TEXT NOT NULL,
        record BLOB,
        UNIQUE (provider, id)
    ) STRICT""",
    "CREATE INDEX jobs_newest ON jobs (tenant, provider, created_at, serial, model)",
    "CREATE INDEX jobs_named ON jobs (tenant, provider, alias, created_at, serial) WHERE alias IS NOT NULL",
    # A request with a picture may have 10 MB and a note writes its whole row anew, so a large record,
    # which never changes, is kept apart from the facts; a small one saves a second statement.
    "CREATE TABLE records (serial INTEGER PRIMARY KEY REFERENCES jobs, record BLOB NOT NULL) STRICT",
    "CREATE TABLE numbers (tenant TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)

_ADD = """
    INSERT INTO jobs (provider, id, tenant, model, alias, created_at, facts, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_KEEP = "INSERT INTO records (serial, record) VALUES (?, ?)"
_RECORD = """
    SELECT coalesce(jobs.record, records.record) FROM jobs LEFT JOIN records USING (serial)
    WHERE serial = ?"""
_GET = "SELECT serial, facts FROM jobs WHERE provider = ? AND id = ? AND tenant = ?"
_UNLOCK = "SELECT serial, facts FROM jobs WHERE provider = ? AND id = ?"
_FIND = """
    SELECT serial, facts FROM jobs WHERE tenant = ? AND provider = ? AND alias = ?
    ORDER BY created_at DESC, serial DESC LIMIT 1"""
_LIST = """
    SELECT serial, facts FROM jobs WHERE tenant = ? AND provider = ? AND coalesce(model = ?, TRUE)
    ORDER BY created_at DESC, serial DESC LIMIT ? OFFSET ?"""
_COUNT = "SELECT count(*) FROM jobs WHERE tenant = ? AND provider = ? AND coalesce(model = ?, TRUE)"
_NOTE = """
    UPDATE jobs SET facts = json_insert(facts, '$[#]', json(?))
    WHERE provider = ? AND id = ? AND tenant = ?
    RETURNING serial, facts"""
_NOTE_MOST = """
    UPDATE jobs SET facts = json_insert(facts, '$[#]', json(?))
    WHERE provider = ? AND id = ? AND tenant = ?
    AND (SELECT count(*) FROM json_each(jobs.facts) WHERE json_extract(value, '$.kind') = ?) < ?
    RETURNING serial, facts"""
_NUMBER = """
    INSERT INTO numbers (tenant, last) VALUES (?, 1)
    ON CONFLICT (tenant) DO UPDATE SET last = last + 1 RETURNING last"""

_MARKS = ("SELECT count(*) FROM sqlite_master", "PRAGMA application_id", "PRAGMA user_version")


class SqliteStore(Store):
    """A store in the SQLite file at `path`, made when it is missing.

    `remembered` bounds, in bytes of JSON, the decoded records that are kept for the next read.
    Raises `errors.StoreError` when the file cannot be opened or is not ours.
    """

    def __init__(self, path: Path, *, remembered: int = 64 << 20) -> None:
        self._path = path
        self._records = _Records(remembered)
        try:
            self._connection = _connect(path)
        except sqlite3.Error as error:
            raise _explain(error, path) from error

    async def add(self, job: Job) -> None:
        try:
            record, facts = dump_job(job), dump_facts(job.facts).decode()
        except TypeError as error:
            raise StoreError(f"job {job.id!r} cannot be kept: {error}") from error
        row = (job.provider, job.id, job.tenant, job.model, job.alias, job.created_at, facts)
        try:
            serial = self._insert(row, record)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                raise _explain(error, self._path) from error
            raise DuplicateJob(f"{job.provider} already has a job {job.id}") from error
        except sqlite3.Error as error:
            raise _explain(error, self._path) from error
        self._records.put(serial, replace(job, facts=()) if job.facts else job, len(record))

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        return self._first(_GET, (provider, job_id, tenant))

    async def find(self, tenant: str, provider: str, alias: str) -> Job | None:
        return self._first(_FIND, (tenant, provider, alias))

    async def unlock(self, provider: str, job_id: str) -> Job | None:
        return self._first(_UNLOCK, (provider, job_id))

    async def list(
        self, tenant: str, provider: str, *, model: str | None = None, offset: int = 0, limit: int = 100
    ) -> list[Job]:
        rows = self._run(_LIST, (tenant, provider, model, limit, offset))
        return [self._job(serial, facts) for serial, facts in rows]

    async def count(self, tenant: str, provider: str, *, model: str | None = None) -> int:
        rows = self._run(_COUNT, (tenant, provider, model))
        return int(rows[0][0]) if rows else 0

    async def note(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        try:
            key = (dump_fact(fact).decode(), provider, job_id, tenant)
        except TypeError as error:
            raise StoreError(f"a fact about job {job_id!r} cannot be kept: {error}") from error
        if most is None:
            return self._first(_NOTE, key)
        noted = self._first(_NOTE_MOST, (*key, fact.kind, most))
        return noted or await self.get(tenant, provider, job_id)

    async def number(self, tenant: str) -> int:
        rows = self._run(_NUMBER, (tenant,))
        return int(rows[0][0])

    async def close(self) -> None:
        self._connection.close()

    def _insert(self, row: tuple[Any, ...], record: bytes) -> int:
        if len(record) <= _SMALL:
            return self._connection.execute(_ADD, (*row, record)).lastrowid or 0
        with _transaction(self._connection):
            serial = self._connection.execute(_ADD, (*row, None)).lastrowid or 0
            self._connection.execute(_KEEP, (serial, record))
        return serial

    def _first(self, statement: str, values: tuple[Any, ...]) -> Job | None:
        rows = self._run(statement, values)
        if not rows:
            return None
        serial, facts = rows[0]
        known = self._records.get(serial) if facts == "[]" else None
        return known or self._job(serial, facts)

    def _run(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _explain(error, self._path) from error
        except UnicodeEncodeError:
            # A name that is no Unicode text, as a URL can spell one, is nobody's.
            return ()

    def _job(self, serial: int, facts: str) -> Job:
        job = self._records.get(serial)
        try:
            if job is None:
                job = self._read(serial)
            return job if facts == "[]" else replace(job, facts=load_facts(facts))
        except ValueError as error:
            raise StoreError(f"{self._path} is damaged at job number {serial}: {error}") from error

    def _read(self, serial: int) -> Job:
        rows = self._run(_RECORD, (serial,))
        if not rows or rows[0][0] is None:
            raise ValueError("its record is missing")
        job = load_job(rows[0][0])
        self._records.put(serial, job, len(rows[0][0]))
        return job


class _Records:
    """Decoded jobs without their facts, the last used ones, up to `limit` bytes of JSON.

    They never change and no serial is given twice, so nothing here grows stale.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[int, tuple[Job, int]] = OrderedDict()

    def get(self, serial: int) -> Job | None:
        entry = self._kept.get(serial)
        if entry is None:
            return None
        self._kept.move_to_end(serial)
        return entry[0]

    def put(self, serial: int, job: Job, size: int) -> None:
        cost = size + 2048
        if cost > self._limit:
            return
        self._kept[serial] = (job, cost)
        self._size += cost
        while self._size > self._limit:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._size -= dropped


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: a statement is its own transaction unless we begin one. A store may be opened
    # in one thread and used in another, though never in two at a time.
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # NORMAL leaves the log to the operating system, which keeps it when this process is killed;
        # only a machine that loses power can lose the last jobs, and FULL would cost an fsync for each.
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in an empty file; refuse a file that is not ours."""
    with _transaction(connection):
        tables, application, version = (connection.execute(ask).fetchone()[0] for ask in _MARKS)
        if tables and application != _APPLICATION:
            raise StoreError(f"{path} is another program's database; use another file")
        if version > _VERSION:
            raise StoreError(
                f"{path} was made by a newer mockserver (schema {version}, this one knows {_VERSION});"
                " update mockserver or use another file"
            )
        if not tables:
            for statement in _SCHEMA:
                connection.execute(statement)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Several statements as one, begun as a writer so that it cannot fail halfway for a lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _explain(error: sqlite3.Error, path: Path) -> StoreError:
    """What SQLite complains of, in one line that says what to do."""
    # Errors of the Python module itself, such as the use of a closed connection, carry no code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = _ADVICE.get(code)
    return StoreError(f"{path} {advice} ({error})" if advice else f"{path} cannot be used: {error}")


_ADVICE = {
    sqlite3.SQLITE_BUSY: f"has been locked by another process for {PATIENCE} s; end it or use another file",
    sqlite3.SQLITE_LOCKED: f"has been locked by another process for {PATIENCE} s; end it or use another file",
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full; make room or use another file",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check its disk",
    sqlite3.SQLITE_READONLY: "cannot be written; check its permissions",
    sqlite3.SQLITE_PERM: "cannot be opened; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_NOTADB: "is no SQLite database; use another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away or use another file",
}
