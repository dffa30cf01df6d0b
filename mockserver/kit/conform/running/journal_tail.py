"""The journal's entries of one case, collected while the client runs."""

from __future__ import annotations

import json
import time
from typing import Final

from mockserver.control_client import ControlClient, calls
from mockserver.control_client.answers import JournalEntryAnswer
from mockserver.kit.conform.task import Task

_INTERVAL: Final = 0.5
"""Seconds between two collections."""
_PAGE: Final = 10_000
MAX_ENTRIES: Final = 20_000
"""Exchanges of one case after which the client is stopped: the slowest case needs some hundred."""
MAX_BODIES: Final = 32 * 1024 * 1024
"""Bytes of bodies that are kept of one case; later exchanges are kept without theirs."""


class JournalTail:
    """The entries since the start of a case.

    They are collected now and then, because the journal keeps only the newest entries of all tenants, and a
    client may make many. `first` is the journal's number at the start.
    """

    def __init__(self, control: ControlClient, task: Task) -> None:
        self._control = control
        self._task = task
        self._entries: dict[int, JournalEntryAnswer] = {}
        self._bodies = 0
        self.first = control.journal(limit=1, bodies=False)["last"]
        self._since = self.first
        self._collected_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time to collect again."""
        return time.monotonic() - self._collected_at > _INTERVAL

    @property
    def is_empty(self) -> bool:
        """Whether no entry was collected yet."""
        return not self._entries

    def collect(self) -> None:
        """Collect the client's new entries."""
        page = self._control.journal(since=self._since, limit=_PAGE)
        for entry in page["exchanges"]:
            self._entries[entry["number"]] = self._bounded(entry)
            self._since = max(self._since, entry["number"])
        self._collected_at = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether the client has made more exchanges than any case can take."""
        return len(self._entries) >= MAX_ENTRIES

    def _bounded(self, entry: JournalEntryAnswer) -> JournalEntryAnswer:
        """The entry, without its bodies where those of the case are too many."""
        messages = (entry["request"], entry["response"])
        self._bodies += sum(len(message["text"] or message["base64"] or "") for message in messages)
        if self._bodies > MAX_BODIES:
            for message in messages:
                message["text"] = message["base64"] = None
                message["cut"] = True
        return entry

    def entries(self) -> list[JournalEntryAnswer]:
        """All entries of the case, numbered from 1: those with the client's key, and its refused requests
        without a key.
        """
        self.collect()
        entries = sorted((self._entries | self._strays()).items())
        return [{**entry, "number": number} for number, (_, entry) in enumerate(entries, 1)]

    def has_other_key(self) -> bool:
        """Whether a submit with another key has the prompt that only this run was given."""
        token = self._task.key[-6:]
        if token not in self._task.prompt:
            return False
        submits = self._of_everybody(role="submit")
        return any(token in (submit["request"]["text"] or "") for submit in submits)

    def _strays(self) -> dict[int, JournalEntryAnswer]:
        """Refused requests without a key that are this client's."""
        refused = self._of_everybody(status="401")
        jobs = {entry["job"] for entry in self._entries.values() if entry["job"]}
        return {
            entry["number"]: entry
            for entry in refused
            if entry["tenant"] is None and self._is_own(entry, jobs)
        }

    def _of_everybody(self, **filters: str) -> list[JournalEntryAnswer]:
        """Exchanges of all tenants and of none since the start of the case."""
        # By the connection of the case's own tenant: to open another takes longer than the call.
        return self._control.send(calls.journal({}, since=self.first, limit=_PAGE, **filters))["exchanges"]

    def _is_own(self, entry: JournalEntryAnswer, jobs: set[str]) -> bool:
        """Whether the request's body has the task's prompt, or its address one of the jobs."""
        address = f"{entry['path']}?{entry['query']}"
        if any(job in address for job in jobs):
            return True
        body = entry["request"]["text"] or ""
        return self._task.prompt in body or json.dumps(self._task.prompt)[1:-1] in body
