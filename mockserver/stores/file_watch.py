"""Whether the store's files are still those that were opened: what is written to a deleted one is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mockserver.errors import StoreError
from mockserver.real_time import monotonic

FRESH: Final = 1.0
"""Seconds for which a look counts. It takes 30 microseconds, a third of what a submit takes."""
_START: Final = 4
_LOG_STARTS: Final = (b"", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""How a log begins (https://sqlite.org/fileformat.html, 4.1). One that was written back may be empty."""
_DO: Final = "put it back, or start the server again; nothing new is stored until then"


class FileWatch:
    """The database and its write-ahead log, as they are when this is made. Both must be open then."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._log = self._path.with_name(f"{path.name}-wal")
        self._opened = [_identity(file) for file in (self._path, self._log)]
        self._good_until = monotonic() + FRESH

    def check(self) -> None:
        """Raise `errors.StoreError` where a file was deleted, replaced or emptied; looks once in a second.

        To be called before a write, so that none is acknowledged more than a second after the deed.
        """
        now = monotonic()
        if now >= self._good_until:
            self.look()
            self._good_until = now + FRESH

    def look(self) -> None:
        """As `check`, and looks each time: to be called before the files are opened again."""
        for file, opened in zip((self._path, self._log), self._opened, strict=True):
            identity = _identity(file)
            if identity != opened:
                what = "deleted" if identity is None else "replaced by another file"
                raise StoreError(f"{file} was {what} while the server uses it: {_DO}")
        if self._path.stat().st_size == 0 or _start(self._log) not in _LOG_STARTS:
            raise StoreError(f"{self._path} or its log was overwritten while the server uses it: {_DO}")


def _identity(file: Path) -> tuple[int, int] | None:
    """Device and inode; None where no such file can be found."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _start(log: Path) -> bytes:
    """The first bytes of a log. The database itself must not be opened here: to close it again would drop all
    locks that SQLite has on it (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        with log.open("rb", buffering=0) as opened:
            return opened.read(_START)
    except OSError:
        return b""
