"""What was asked and answered, the last of it, in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from mockserver.engine.journal.exchange import (
    BODY_LIMIT,
    EntryFilter,
    JournalEntry,
    PackedEntry,
    is_meant,
    pack,
    read,
    tenant_of_sender,
)
from mockserver.engine.journal.redact import Redactor
from mockserver.engine.message import Request, Response
from mockserver.engine.request_context import RequestContext
from mockserver.settings import MIB

__all__ = ["BODY_LIMIT", "EntryFilter", "Journal", "JournalEntry", "JournalListener"]
_BESIDES: Final = 512
"""Bytes that an exchange costs besides its texts, about."""


class JournalListener:
    """Learns that something was noted. It belongs to the event loop in which it was made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Wake who waits; from any thread."""
        if not self._event.is_set():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until something was noted since the last time; False when `seconds` have passed without."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Journal:
    """The last exchanges, bounded in count and bytes; `dropped` counts those that fell out."""

    def __init__(
        self, redactor: Redactor | None = None, most: int = 2000, most_bytes: int = 32 * MIB
    ) -> None:
        self._redactor = redactor or Redactor()
        self._most = most
        self._most_bytes = most_bytes
        self._kept: deque[PackedEntry] = deque()
        self._bytes = 0
        self._listeners: list[JournalListener] = []
        self.last = 0
        self.dropped = 0
        self.dropped_to = 0
        self.closed = False

    def add(
        self, request: Request, response: Response, call: RequestContext | None, at: int, took: int = 0
    ) -> None:
        """Note an exchange: `at` in Unix milliseconds, `took` in milliseconds, both by the tenant's clock.

        On the way of every answer, so it only keeps; a record is made when somebody asks.
        """
        if call is None:
            self.note(request, response, at, took)
            return
        job, operation = call.job, call.operation
        self._keep(
            request, response, at, took, call.contract.provider, operation.id, operation.role, call.tenant,
            job.id if job else None, job.model if job else call.model.id if call.model else None,
            call.violations, call.warnings, call.faults, None,
        )  # fmt: skip

    def note(
        self, request: Request, response: Response, at: int, took: int = 0, *,
        provider: str | None = None, operation: str | None = None, role: str | None = None,
        tenant: str | None = None, job_id: str | None = None, model: str | None = None,
        violations: Sequence[str] = (), warnings: Sequence[str] = (), faults: Sequence[str] = (),
        response_size: int | None = None,
    ) -> None:  # fmt: skip
        """Note an exchange that was no provider's operation.

        `response_size` says how many bytes were sent where the response has not its whole body here.
        """
        self._keep(
            request, response, at, took, provider, operation, role, tenant, job_id, model,
            tuple(violations), tuple(warnings), tuple(faults), response_size,
        )  # fmt: skip

    def _keep(
        self, request: Request, response: Response, at: int, took: int,
        provider: str | None, operation: str | None, role: str | None,
        tenant: str | None, job_id: str | None, model: str | None,
        violations: tuple[str, ...], warnings: tuple[str, ...], faults: tuple[str, ...], sent: int | None,
    ) -> None:  # fmt: skip
        body, answer = request.body, response.body
        asked, told = len(body), len(answer)
        size = told if sent is None else sent
        if asked > BODY_LIMIT or told > BODY_LIMIT or request.cut:
            asked = _declared(request) if request.cut else asked
            body, answer = body[:BODY_LIMIT], answer[:BODY_LIMIT]
        path, query, headers = request.path, request.query, pack(request.headers, response.headers)
        cost = _BESIDES + len(headers) + len(path) + len(query) + len(body) + len(answer)
        if violations or warnings:
            cost += sum(map(len, violations)) + sum(map(len, warnings))
        self.last += 1
        self._kept.append(_record(PackedEntry, (
            self.last, at, took, cost, provider, operation, role, tenant, job_id, model,
            request.method, request.base, path, query, response.status, headers, body, answer,
            asked, size, violations, warnings, faults,
        )))  # fmt: skip
        self._bytes += cost
        if len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._shed()
        if self._listeners:
            self._wake()

    def _shed(self) -> None:
        while self._kept and (len(self._kept) > self._most or self._bytes > self._most_bytes):
            oldest = self._kept.popleft()
            self._bytes -= oldest.cost
            self.dropped += 1
            self.dropped_to = oldest.number

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.wake()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes that are kept, about."""
        return self._bytes

    def exchanges(self) -> list[JournalEntry]:
        """Those that are kept, oldest first."""
        return self.match()

    def match(
        self,
        wanted: EntryFilter | None = None,
        limit: int | None = None,
        *,
        first: bool = False,
        **filters: Any,
    ) -> list[JournalEntry]:
        """Those that are meant by `wanted`, or by a Filter's fields by name; oldest first.

        Of more than `limit` the newest ones, or the `first`.
        """
        found = self._find((wanted or EntryFilter())._replace(**filters))
        if limit is not None and len(found) > limit:
            found = found[:limit] if first else found[len(found) - limit :]
        return [read(kept, self._redactor) for kept in found]

    def count(self, wanted: EntryFilter) -> int:
        """How many are meant."""
        return len(self._find(wanted))

    def _find(self, wanted: EntryFilter) -> list[PackedEntry]:
        found = []
        for kept in reversed(self._kept):
            if kept.number <= wanted.since:
                break
            if is_meant(kept, wanted, self._redactor):
                found.append(kept)
        return found[::-1]

    def _tenant(self, kept: PackedEntry) -> str | None:
        return tenant_of_sender(kept, self._redactor)

    def clear(self, tenant: str | None = None) -> int:
        """Forget a tenant's exchanges, or all, and say how many. Numbers go on, nothing counts as dropped."""
        everyone = tenant is None
        staying = [] if everyone else [kept for kept in self._kept if self._tenant(kept) != tenant]
        gone = len(self._kept) - len(staying)
        self._kept = deque(staying)
        self._bytes = sum(kept.cost for kept in staying)
        return gone

    @contextmanager
    def listen(self) -> Iterator[JournalListener]:
        """A listener that is woken by every exchange until the block ends."""
        listener = JournalListener()
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)

    def close(self) -> None:
        """Let everybody go who listens: the server stops."""
        self.closed = True
        self._wake()


_record: Final = tuple.__new__
"""Makes a named tuple at half its price."""


def _declared(request: Request) -> int:
    """How long a body was that is not here, or -1."""
    text = request.header(b"content-length")
    return int(text) if text.isdecimal() and len(text) < 19 else -1
