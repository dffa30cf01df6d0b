"""The ledger of what a run paid for, on disk before it is paid, so that no crash pays twice.

A line of JSON for each event. An `intent` is written and flushed to the disk before a submit leaves; its
outcome follows. An intent without an outcome counts as paid. One run at a time holds the file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, Self

import orjson
from filelock import lock_descriptor

from mockserver.errors import SettingsError
from mockserver.private_files import make_file, make_folder

Outcome = Literal["accepted", "refused", "unknown"]
VERSION: Final = 1
_START: Final = b'{"version":'


class Ledger:
    """Submits of one run against one endpoint. With `path` None nothing is written to disk.

    `subject` names the endpoint, the provider and the key's digest; a ledger of another subject is refused.
    """

    def __init__(self, path: Path | None, subject: str) -> None:
        """Raises SettingsError for a file that has another subject, is broken, or cannot be used."""
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
            # A write that failed has been reported already.
            with suppress(OSError):
                file.close()

    @property
    def paid(self) -> int:
        """Submits that were accepted, or may have been."""
        return sum(outcome != "refused" for outcome in self.outcomes.values())

    @property
    def open_jobs(self) -> list[str]:
        """Jobs that were accepted and whose end was not seen yet, oldest first."""
        return [job for job, ended in self.jobs.items() if not ended]

    @property
    def uncertain(self) -> int:
        """Submits whose outcome nobody knows."""
        return sum(outcome in (None, "unknown") for outcome in self.outcomes.values())

    def intend(self) -> int:
        """Write that a submit is about to leave, and return its number. It is on disk when this returns."""
        # The intent is written ahead of the request, not with its answer: a run that dies between the two
        # has paid and left no other trace. So the ledger may count a submit that never left, which costs
        # a job of the budget, but it never misses one that did, which would be paid for again.
        number = len(self.outcomes) + 1
        self.outcomes[number] = None
        self._write({"intent": number})
        return number

    def settle(self, number: int, outcome: Outcome, job: str | None = None) -> None:
        """Write the outcome of the submit of that number."""
        self.outcomes[number] = outcome
        if job is not None:
            self.jobs.setdefault(job, False)
        self._write({"settled": number, "outcome": outcome, "job": job})

    def end(self, job: str) -> None:
        """Write that the end of a job was seen."""
        if self.jobs.get(job) is False:
            self.jobs[job] = True
            self._write({"ended": job})

    def finish(self) -> None:
        """Write that the run ended by itself, so that the next one starts with an empty ledger."""
        self._write({"finished": True})

    def _open(self, path: Path) -> None:
        try:
            make_folder(path.parent)
            if path.exists() and not path.is_file():
                raise SettingsError(f"{path}: a ledger must be a plain file")
            make_file(path)
            self._file = path.open("a+b")
            _lock(path, self._file.fileno())
            self._file.seek(0)
            lines = self._file.read().split(b"\n")
        except OSError as error:
            raise SettingsError(f"{path}: the ledger cannot be used: {error.strerror}") from None
        self._replay(path, lines)

    def _replay(self, path: Path, lines: list[bytes]) -> None:
        events, rest = _events(path, lines[:-1]), lines[-1]
        # A crash may leave the beginning of a line. Nothing was sent on its account.
        if not (events or _START.startswith(rest[: len(_START)])):
            raise SettingsError(f"{path}: is not a ledger")
        last = _last_run(events)
        if events and not last:
            raise SettingsError(f"{path}: is not a ledger")
        if last and last[0]["subject"] != self.subject:
            raise SettingsError(f"{path}: is the ledger of {last[0]['subject']}, not of {self.subject}")
        self._file.truncate(self._file.tell() - len(rest))
        self.resumed = bool(last) and not any("finished" in event for event in last)
        if not self.resumed:
            self._write({"version": VERSION, "subject": self.subject})
            return
        for event in last:
            self._apply(event)

    def _apply(self, event: dict[str, Any]) -> None:
        if "intent" in event:
            self.outcomes[event["intent"]] = None
        elif "settled" in event:
            self.outcomes[event["settled"]] = event["outcome"]
            if event["job"] is not None:
                self.jobs.setdefault(event["job"], False)
        elif "ended" in event:
            self.jobs[event["ended"]] = True

    def _write(self, event: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(orjson.dumps(event) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SettingsError(
                f"{self.path}: the ledger cannot be written: {error.strerror}; nothing more is sent"
            ) from None


def _last_run(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events from the last beginning on; empty where none is a beginning."""
    for index in range(len(events) - 1, -1, -1):
        if "version" in events[index]:
            return events[index:]
    return []


def _events(path: Path, lines: list[bytes]) -> list[dict[str, Any]]:
    events = []
    for number, line in enumerate(lines, 1):
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            event = None
        if not _is_event(event):
            raise SettingsError(f"{path}: line {number} is no event of a ledger")
        events.append(event)
    return events


def _is_event(event: Any) -> bool:
    match event:
        case {"version": version, "subject": str()}:
            return bool(version == VERSION)
        case {"settled": int(), "outcome": "accepted" | "refused" | "unknown", "job": str() | None}:
            return True
        case {"intent": int()} | {"ended": str()} | {"finished": True}:
            return True
    return False


def _lock(path: Path, descriptor: int) -> None:
    """Hold the file until it is closed or the process ends, however it ends: the system lets go of it.

    Raises SettingsError where another run holds it, or where the system or the file system has no locks.
    """
    try:
        locked = lock_descriptor(descriptor, blocking=False)
    except OSError as error:
        raise SettingsError(
            f"{path}: the ledger cannot be locked: {error.strerror}; name a file on a local disk by --ledger"
        ) from None
    if not locked:
        raise SettingsError(f"{path}: another run is writing this ledger; wait for it to end")
