"""The SQLite file: its schema, how it is opened, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from mockserver.errors import StoreError, StoreLocked
from mockserver.private_files import make_file
from mockserver.stores.patience import PATIENCE
from mockserver.stores.sqlite_tally import adopt_jobs

_APPLICATION = 0x4D6F636B
_STEPS = (
    (
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
        """CREATE INDEX jobs_named ON jobs (tenant, provider, alias, created_at, serial)
        WHERE alias IS NOT NULL""",
        # A request with a picture may have 10 MB, and appending a fact writes the whole row anew. So a large
        # record, which never changes, is stored apart from the facts; a small one saves a second statement.
        "CREATE TABLE records (serial INTEGER PRIMARY KEY REFERENCES jobs, record BLOB NOT NULL) STRICT",
        "CREATE TABLE numbers (tenant TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        f"PRAGMA application_id = {_APPLICATION}",
    ),
    (
        """CREATE TABLE counters (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (tenant, name)
        ) STRICT, WITHOUT ROWID""",
        "INSERT INTO counters (tenant, name, last) SELECT tenant, 'job', last FROM numbers",
        "DROP TABLE numbers",
        """CREATE TABLE documents (
            serial INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            document TEXT NOT NULL,
            UNIQUE (kind, tenant, name)
        ) STRICT""",
    ),
    (
        "ALTER TABLE jobs ADD COLUMN operation TEXT NOT NULL DEFAULT ''",
        # A damaged record is reported when its job is read, not here.
        """UPDATE jobs SET operation = coalesce((
            SELECT json_extract(document, '$.operation') FROM (
                SELECT CAST(coalesce(jobs.record, (
                    SELECT record FROM records WHERE records.serial = jobs.serial
                )) AS TEXT) AS document
            ) WHERE json_valid(document)
        ), '')""",
        "DROP INDEX jobs_newest",
        "CREATE INDEX jobs_newest ON jobs (tenant, provider, created_at, serial, model, operation)",
    ),
    (
        # What a job's row needs for a list or a count, so that nobody reads its request for that.
        """CREATE TABLE courses (
            id INTEGER PRIMARY KEY,
            course TEXT NOT NULL UNIQUE,
            changes INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE plans (
            id INTEGER PRIMARY KEY,
            plan TEXT NOT NULL UNIQUE,
            course INTEGER NOT NULL REFERENCES courses
        ) STRICT""",
        "ALTER TABLE jobs ADD COLUMN plan INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN seconds REAL",
        # Whether facts were noted since the job was counted, and how it was: see sqlite_tally.
        "ALTER TABLE jobs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN job_group INTEGER",
        "ALTER TABLE jobs ADD COLUMN start INTEGER",
        "CREATE INDEX jobs_changed ON jobs (changed) WHERE changed",
        "CREATE INDEX jobs_started ON jobs (job_group, start) WHERE start IS NOT NULL",
        "CREATE INDEX jobs_unmeasured ON jobs (provider) WHERE seconds IS NULL",
        """CREATE TABLE groups (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            provider TEXT NOT NULL,
            operation TEXT NOT NULL,
            model TEXT NOT NULL,
            course INTEGER NOT NULL REFERENCES courses,
            number INTEGER NOT NULL,
            seconds REAL NOT NULL,
            UNIQUE (tenant, provider, operation, model, course)
        ) STRICT""",
        """CREATE TABLE starts (
            job_group INTEGER NOT NULL,
            level INTEGER NOT NULL,
            bucket INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (job_group, level, bucket)
        ) STRICT, WITHOUT ROWID""",
        "CREATE TABLE tallied (serial INTEGER NOT NULL) STRICT",
        "INSERT INTO tallied (serial) VALUES (0)",
    ),
)
"""The statements that lead from each version of the schema to the next; an empty file has version 0."""

_VERSION = len(_STEPS)
_CHECKS = ("SELECT count(*) FROM sqlite_master", "PRAGMA application_id", "PRAGMA user_version")


def connect(path: Path, *, flushes: bool = False) -> sqlite3.Connection:
    """Open the file; create it, or migrate it to the current schema, where needed.

    With `flushes` every commit waits for the disk. Raises sqlite3.Error, and `errors.StoreError` for a file
    of another program or a newer version.
    """
    # Autocommit: a statement is its own transaction unless we begin one. A store may be opened
    # in one thread and used in another, though never in two at a time.
    _make_file(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # NORMAL leaves the log to the operating system, which keeps it when this process is killed;
        # only a machine that loses power can lose the last jobs, and FULL would cost an fsync for each.
        connection.execute(f"PRAGMA synchronous = {'FULL' if flushes else 'NORMAL'}")
        connection.execute(f"PRAGMA fullfsync = {flushes:d}")
        _prepare(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        # From now on the event loop waits (see patience), and SQLite does not.
        connection.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Several statements as one. It takes the write lock at its start, so it cannot fail halfway for it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error in one line that says what to do."""
    # Errors of the Python module itself, such as the use of a closed connection, carry no code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        held = f"has been locked by another process for {PATIENCE:g} s; end it or use another file"
        return StoreLocked(f"{path} {held} ({error})")
    advice = _ADVICE.get(code)
    if advice is None:
        return StoreError(f"{path} cannot be used: {error}")
    return StoreError(f"{path} {advice} ({error})")


def _make_file(path: Path) -> None:
    """Make the file for this user alone; SQLite gives its log the same rights. What is wrong SQLite says."""
    with suppress(OSError):
        make_file(path)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an empty or older file to the current schema; refuse the file of another program."""
    # Most files have it already, and reading that waits for nobody's lock. What is missing is looked up again
    # under the lock, as another process may be doing the same.
    if not _missing_steps(connection, path):
        return
    with transaction(connection):
        for statement in chain.from_iterable(_missing_steps(connection, path)):
            connection.execute(statement)
        adopt_jobs(lambda statement, values: connection.execute(statement, values).fetchall())
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _missing_steps(connection: sqlite3.Connection, path: Path) -> Sequence[Sequence[str]]:
    """The steps that lead to the current schema."""
    tables, application, version = (connection.execute(query).fetchone()[0] for query in _CHECKS)
    if tables and application != _APPLICATION:
        raise StoreError(f"{path} is another program's database; use another file")
    if version > _VERSION:
        raise StoreError(
            f"{path} was made by a newer mockserver (schema {version}, this one knows {_VERSION});"
            " update mockserver or use another file"
        )
    return _STEPS[version if tables else 0 :]


_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_ADVICE = {
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full; make room or use another file",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check its disk",
    sqlite3.SQLITE_READONLY: "cannot be written; check its permissions",
    sqlite3.SQLITE_PERM: "cannot be opened; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database; use another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away or use another file",
}
