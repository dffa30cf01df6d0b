"""Which jobs' callbacks are sent next, so that a receiver that never answers delays its own alone."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from mockserver.stores.base import StoredDocument

MAX_PARALLEL: Final = 64
"""Jobs whose callbacks are sent at the same time; each takes a connection and some 100 kB."""
PER_RECEIVER: Final = 8
"""Of these, to one host and port."""
PER_TENANT: Final = 32
"""Of these, of one tenant, who may name any number of receivers that never answer."""
MAX_WAITING: Final = 1000
"""Jobs that wait in memory; all others wait in the store."""
WAITING_PER_RECEIVER: Final = 100
"""Of these, for one receiver."""

_Name = TypeVar("_Name")
Receiver = tuple[str, int]
Key = tuple[str, str]
"""A tenant, and its job as PROVIDER/ID."""


class Waiting(NamedTuple):
    """A job with a callback that is due, `at` which moment; `retry` says that it was tried before.

    `stored` is what the store has of its callbacks.
    """

    stored: StoredDocument
    receiver: Receiver
    retry: bool
    at: int

    @property
    def tenant(self) -> str:
        """Whose job it is."""
        return self.stored.tenant

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.stored.tenant, self.stored.name


class Places:
    """The jobs that wait, and those that have a place. A job has one place at a time."""

    def __init__(self) -> None:
        self._waiting: dict[Key, Waiting] = {}
        self._running: dict[Key, Waiting] = {}
        self._queued: Counter[Receiver] = Counter()
        self._called: Counter[Receiver] = Counter()
        self._served: Counter[str] = Counter()

    def __contains__(self, key: Key) -> bool:
        """Whether the job waits or has a place."""
        return key in self._waiting or key in self._running

    def offer(self, job: Waiting) -> bool:
        """Let a job wait; False where too many do, so that it has to be offered again later."""
        if len(self._waiting) >= MAX_WAITING or self._queued[job.receiver] >= WAITING_PER_RECEIVER:
            return False
        self._waiting[job.key] = job
        self._queued[job.receiver] += 1
        return True

    def take(self) -> Waiting | None:
        """Give the next job a place; None where none waits that may have one.

        First tries go before retries, and tenants that have fewer places before those that have more.
        """
        if len(self._running) >= MAX_PARALLEL:
            return None
        free = (
            job
            for job in self._waiting.values()
            if self._called[job.receiver] < PER_RECEIVER and self._served[job.tenant] < PER_TENANT
        )
        job = min(free, key=lambda job: (job.retry, self._served[job.tenant], job.at), default=None)
        if job is not None:
            self._drop_waiting(job.key)
            self._running[job.key] = job
            self._called[job.receiver] += 1
            self._served[job.tenant] += 1
        return job

    def leave(self, key: Key) -> None:
        """Take the job's place, or its turn, away."""
        job = self._running.pop(key, None)
        if job is None:
            self._drop_waiting(key)
            return
        _less(self._called, job.receiver)
        _less(self._served, job.tenant)

    def _drop_waiting(self, key: Key) -> None:
        job = self._waiting.pop(key, None)
        if job is not None:
            _less(self._queued, job.receiver)


def _less(counts: Counter[_Name], name: _Name) -> None:
    """Count down, and leave nothing of a name that has none."""
    counts[name] -= 1
    if not counts[name]:
        del counts[name]


def receiver_of(url: str) -> Receiver:
    """Host and port of a URL; of one that is no URL, something that calls nobody."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0
