"""The store's connection: runs statements, one or several as one, and says in one line what went wrong."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any

from mockserver.errors import StoreError
from mockserver.stores import statements as sql
from mockserver.stores.base import Store
from mockserver.stores.file_watch import FileWatch
from mockserver.stores.patience import LockWaiters
from mockserver.stores.sqlite_file import connect, explain, transaction

_UNDECODABLE = "Could not decode to UTF-8"
"""What the Python module says of a text that is none."""


class SqliteConnection(Store):
    """The part of a store in SQLite that has the file open. Raises `errors.StoreError` where it cannot."""

    def __init__(self, path: Path, *, flushes: bool) -> None:
        super().__init__()
        self._path = path
        self.waiting = LockWaiters()
        try:
            self._connection = connect(path, flushes=flushes)
            self._connection.execute(sql.LOG_LIMIT)
            # One cursor for the most frequent queries: making one would take a third of their time.
            self._cursor = self._connection.cursor()
            self._version = self._data_version()
            self._file = FileWatch(path)
        except sqlite3.Error as error:
            raise explain(error, path) from error

    def changed(self) -> bool:
        try:
            version = self._data_version()
        except sqlite3.ProgrammingError as error:
            raise explain(error, self._path) from error
        except sqlite3.DatabaseError:
            # Locked, or damaged. Nobody waits to learn that: whoever asks again later is told.
            return False
        if version == self._version:
            return False
        self._version = version
        return True

    def turn(self, tenant: str) -> AbstractAsyncContextManager[None]:
        return self.waiting.turn(tenant)

    def end_waits(self) -> None:
        self.waiting.give_up()

    async def close(self) -> None:
        self._connection.close()

    @abstractmethod
    def _undone(self) -> None:
        """Called after a transaction that was undone."""

    def _data_version(self) -> int:
        version: int = self._cursor.execute(sql.DATA_VERSION).fetchone()[0]
        return version

    def _fetch_row(self, statement: str, values: tuple[Any, ...]) -> Any:
        """The row of a statement that gives one row at most."""
        try:
            return self._cursor.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            if _UNDECODABLE in str(error):
                return next(iter(self._run(statement, values)), None)
            raise explain(error, self._path) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """What makes the statements in it one. Raises `errors.StoreError`."""
        self._file.check()
        try:
            with transaction(self._connection):
                yield
        except BaseException as error:
            self._undone()
            if isinstance(error, sqlite3.Error):
                raise explain(error, self._path) from error
            raise

    def _run(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        """The rows of a statement. Raises `errors.StoreError`."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if _UNDECODABLE in str(error):
                return self._run_damaged(statement, values)
            raise explain(error, self._path) from error
        except UnicodeEncodeError:
            # A URL can spell a name that is no Unicode text; nothing in the store has such a name.
            return ()
        except OverflowError:
            raise StoreError(f"{self._path} has no room for a number beyond 64 bits") from None

    def _run_damaged(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        """The rows of a statement where a text is no UTF-8: whoever reads that row finds out, nobody else."""
        self._connection.text_factory = _decode_damaged
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        finally:
            self._connection.text_factory = str


def _decode_damaged(text: bytes) -> str:
    return text.decode("utf-8", "replace")
