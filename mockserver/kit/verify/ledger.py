"""The ledger: what was paid for, on disk before it is asked for, so that no crash pays twice.

A line of JSON for each event. An `intent` is written and flushed to the disk before a submit leaves; what
became of it follows. An intent without an outcome counts as paid.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, Self

import orjson

from mockserver.errors import SettingsError

Outcome = Literal["accepted", "refused", "unknown"]
VERSION: Final = 1
_START: Final = b'{"version":'


class Ledger:
    """Submits of one run against one endpoint. With `path` None it is kept in memory.

    `subject` names endpoint, provider and key's digest; a ledger of another subject is refused.
    """

    def __init__(self, path: Path | None, subject: str) -> None:
        """Raises SettingsError where the file is another's, broken, locked or cannot be written."""
        self.path = path
        self.subject = subject
        self.outcomes: dict[int, Outcome | None] = {}
        self.jobs: dict[str, bool] = {}
        self.resumed = False
        self._file: Any = None
        if path is not None:
            try:
                self._open(path)
            except BaseException:
                self.__exit__()
                raise

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file; what is in it stays."""
        file, self._file = self._file, None
        if file is not None:
            # What could not be written has been said already.
            with suppress(OSError):
                file.close()

    @property
    def paid(self) -> int:
        """Submits that were accepted, or may have been."""
        return sum(outcome != "refused" for outcome in self.outcomes.values())

    @property
    def open_jobs(self) -> list[str]:
        """Jobs that were accepted and not yet seen to their end, oldest first."""
        return [job for job, ended in self.jobs.items() if not ended]

    @property
    def uncertain(self) -> int:
        """Submits of which nobody knows what became."""
        return sum(outcome in (None, "unknown") for outcome in self.outcomes.values())

    def intend(self) -> int:
        """Note a submit that is about to leave; its number. On disk when this returns."""
        number = len(self.outcomes) + 1
        self.outcomes[number] = None
        self._write({"intent": number})
        return number

    def settle(self, number: int, outcome: Outcome, job: str | None = None) -> None:
        """Note what became of it."""
        self.outcomes[number] = outcome
        if job is not None:
            self.jobs.setdefault(job, False)
        self._write({"settled": number, "outcome": outcome, "job": job})

    def end(self, job: str) -> None:
        """Note that a job was seen to its end."""
        if self.jobs.get(job) is False:
            self.jobs[job] = True
            self._write({"ended": job})

    def finish(self) -> None:
        """Note that the run came to its own end: the next one begins anew."""
        self._write({"finished": True})

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not path.is_file():
                raise SettingsError(f"{path}: a ledger must be a plain file")
            self._file = path.open("a+b")
            _lock(self._file)
            self._file.seek(0)
            lines = self._file.read().split(b"\n")
        except BlockingIOError:
            raise SettingsError(f"{path}: another run is writing this ledger; wait for it to end") from None
        except OSError as error:
            raise SettingsError(f"{path}: the ledger cannot be used: {error.strerror}") from None
        self._replay(path, lines)

    def _replay(self, path: Path, lines: list[bytes]) -> None:
        entries, rest = _entries(path, lines[:-1]), lines[-1]
        # A crash may leave the beginning of a line: it was never acted on.
        if not (entries or _START.startswith(rest[: len(_START)])):
            raise SettingsError(f"{path}: is no ledger")
        begun = [index for index, entry in enumerate(entries) if "version" in entry]
        last = entries[begun[-1] :] if begun else []
        if entries and not last:
            raise SettingsError(f"{path}: is no ledger")
        if last and last[0]["subject"] != self.subject:
            raise SettingsError(f"{path}: is the ledger of {last[0]['subject']}, not of {self.subject}")
        self._file.truncate(self._file.tell() - len(rest))
        self.resumed = bool(last) and not any("finished" in entry for entry in last)
        if not self.resumed:
            self._write({"version": VERSION, "subject": self.subject})
            return
        for entry in last:
            self._recall(entry)

    def _recall(self, entry: dict[str, Any]) -> None:
        if "intent" in entry:
            self.outcomes[entry["intent"]] = None
        elif "settled" in entry:
            self.outcomes[entry["settled"]] = entry["outcome"]
            if entry["job"] is not None:
                self.jobs.setdefault(entry["job"], False)
        elif "ended" in entry:
            self.jobs[entry["ended"]] = True

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(orjson.dumps(entry) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SettingsError(
                f"{self.path}: the ledger cannot be written: {error.strerror}; nothing more is sent"
            ) from None


def _entries(path: Path, lines: list[bytes]) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(lines, 1):
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            entry = None
        if not _is_event(entry):
            raise SettingsError(f"{path}: line {number} is no event of a ledger")
        found.append(entry)
    return found


def _is_event(entry: Any) -> bool:
    match entry:
        case {"version": found, "subject": str()}:
            return bool(found == VERSION)
        case {"settled": int(), "outcome": "accepted" | "refused" | "unknown", "job": str() | None}:
            return True
        case {"intent": int()} | {"ended": str()} | {"finished": True}:
            return True
    return False


def _lock(file: Any) -> None:
    """Hold the file for this process alone; where the system has no such lock, go without."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
