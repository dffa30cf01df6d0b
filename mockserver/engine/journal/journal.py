"""The last exchanges, in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final

from mockserver.engine.journal.delivery import of_reply
from mockserver.engine.journal.exchange import (
    BODY_LIMIT,
    EntryFilter,
    JournalEntry,
    PackedEntry,
    matches,
    pack_headers,
    reveal,
    reveal_outline,
    tenant_of_sender,
)
from mockserver.engine.journal.redact import Redactor
from mockserver.engine.journal.variety import varied
from mockserver.engine.listener import Listener
from mockserver.engine.message import Request, Response
from mockserver.engine.request_context import RequestContext
from mockserver.settings import MIB

__all__ = ["BODY_LIMIT", "EntryFilter", "Journal", "JournalEntry"]
_OVERHEAD: Final = 512
"""Bytes of memory that an exchange takes besides its texts, about."""


class Journal:
    """The last exchanges, bounded in count and bytes.

    `last` is the number of the newest one, `dropped` counts those that fell out, up to number `dropped_to`.
    """

    def __init__(
        self, redactor: Redactor | None = None, max_entries: int = 2000, max_bytes: int = 32 * MIB
    ) -> None:
        self._redactor = redactor or Redactor()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: deque[PackedEntry] = deque()
        self._bytes = 0
        self._listeners: list[Listener] = []
        self.last = 0
        self.dropped = 0
        self.dropped_to = 0
        self.closed = False

    def add(
        self, request: Request, response: Response, context: RequestContext, at: int, took: int = 0
    ) -> PackedEntry:
        """Add an exchange: `at` in Unix milliseconds, `took` in milliseconds, both by the tenant's clock.

        Every answer comes through here, so it only packs; an entry is unpacked when somebody asks. What it
        returns may be given to `repeat`.
        """
        job, operation, state = context.job, context.operation, context.state
        job_id, model = None, None
        if job is not None:
            job_id, model = job.id, job.model
        elif context.model is not None:
            model = context.model.id
        return self._pack(
            request, response, at, took, context.contract.provider, operation.id, operation.role,
            context.tenant, job_id, model, context.violations, context.warnings, context.faults,
            None if response.stream is None else -1, None if state is None else state.word, context.refusal,
            None if response.reply is None else of_reply(response.reply),
        )  # fmt: skip

    def record(
        self, request: Request, response: Response, at: int, took: int = 0, *,
        provider: str | None = None, operation: str | None = None, role: str | None = None,
        tenant: str | None = None, job_id: str | None = None, model: str | None = None,
        violations: Sequence[str] = (), warnings: Sequence[str] = (), faults: Sequence[str] = (),
        response_size: int | None = None, refusal: str | None = None, delivery: str | None = None,
    ) -> None:  # fmt: skip
        """Add an exchange that was no provider's operation.

        `response_size` says how many bytes were sent where the response does not have its whole body.
        """
        self._pack(
            request, response, at, took, provider, operation, role, tenant, job_id, model,
            tuple(violations), tuple(warnings), tuple(faults), response_size, None, refusal, delivery,
        )  # fmt: skip

    def _pack(
        self, request: Request, response: Response, at: int, took: int,
        provider: str | None, operation: str | None, role: str | None,
        tenant: str | None, job_id: str | None, model: str | None,
        violations: tuple[str, ...], warnings: tuple[str, ...], faults: tuple[str, ...],
        response_size: int | None, state: str | None, refusal: str | None, delivery: str | None,
    ) -> PackedEntry:  # fmt: skip
        body, answer, reply = request.body, response.body, response.reply
        request_size = request.declared_length if request.cut else len(body)
        if response_size is None:
            response_size = len(answer)
        if reply is not None and reply.cut is not None and not reply.disconnect:
            answer = answer[: reply.cut]
        if len(body) > BODY_LIMIT or len(answer) > BODY_LIMIT:
            body, answer = bytes(body[:BODY_LIMIT]), answer[:BODY_LIMIT]
        path, query = request.path, request.query
        request_headers, response_headers = _request_headers(request), _packed(tuple(response.headers))
        cost = _OVERHEAD + len(request_headers) + len(response_headers) + len(path) + len(query)
        cost += len(body) + len(answer)
        if violations or warnings:
            cost += sum(map(len, violations)) + sum(map(len, warnings))
        if refusal:
            cost += len(refusal)
        entry = _record(PackedEntry, (
            self.last + 1, at, took, cost, provider, operation, role, tenant, job_id, model,
            request.method, request.base, path, query, response.status, request_headers, response_headers,
            body, answer, request_size, response_size, violations, warnings, faults, state, refusal, delivery,
        ))  # fmt: skip
        self._append(entry, cost)
        return entry

    def repeat(self, entry: PackedEntry, at: int) -> None:
        """Add an exchange that differs from an earlier one in its moment alone."""
        self._append(_record(PackedEntry, (self.last + 1, at, 0, *entry[3:])), entry.cost)

    def _append(self, entry: PackedEntry, cost: int) -> None:
        self.last += 1
        self._entries.append(entry)
        self._bytes += cost
        if len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._shed()
        if self._listeners:
            self._wake()

    def _shed(self) -> None:
        while self._entries and (len(self._entries) > self._max_entries or self._bytes > self._max_bytes):
            oldest = self._entries.popleft()
            self._bytes -= oldest.cost
            self.dropped += 1
            self.dropped_to = oldest.number

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.wake()

    def __len__(self) -> int:
        """How many exchanges the journal has."""
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes of memory that they take, about."""
        return self._bytes

    def entries(self) -> list[JournalEntry]:
        """All exchanges, oldest first."""
        return self.match()

    def match(
        self,
        wanted: EntryFilter | None = None,
        limit: int | None = None,
        *,
        first: bool = False,
        **filters: Any,
    ) -> list[JournalEntry]:
        """The exchanges that `wanted` or the fields of an `EntryFilter` by name select; oldest first.

        Of more than `limit` the newest ones, or the `first`.
        """
        matching = self._find((wanted or EntryFilter())._replace(**filters))
        if limit is not None and first:
            matching = matching[:limit]
        elif limit is not None:
            matching = matching[max(0, len(matching) - limit) :]
        return [reveal(packed, self._redactor) for packed in matching]

    def later(self, since: int, limit: int) -> tuple[int, Callable[[], list[JournalEntry]]]:
        """The first `limit` exchanges after number `since`: the last one's number, and what reveals them,
        without headers and bodies. Another thread may call that, so that the server does not wait for it.
        """
        chosen, redactor = [*self._newer(since)][::-1][:limit], self._redactor
        number = chosen[-1].number if chosen else since
        return number, lambda: [reveal_outline(packed, redactor) for packed in chosen]

    def faulty(self, wanted: EntryFilter) -> list[JournalEntry]:
        """The exchanges that match and that a fault acted on, without headers and bodies, oldest first."""
        acted = (packed for packed in self._entries if packed.faults)
        matching = [packed for packed in acted if matches(packed, wanted, self._redactor)]
        return [reveal_outline(packed, self._redactor) for packed in matching]

    def outlines(self, wanted: EntryFilter, limit: int) -> tuple[list[JournalEntry], int]:
        """At most `limit` exchanges that match, without headers and bodies, oldest first, and how many others
        match. Of too many there are some of each kind, the newest ones.
        """
        matching = self._find(wanted)
        chosen = varied(matching, limit)
        return [reveal_outline(packed, self._redactor) for packed in chosen], len(matching) - len(chosen)

    def count(self, wanted: EntryFilter) -> int:
        """How many exchanges a filter selects."""
        return len(self._find(wanted))

    def _find(self, wanted: EntryFilter) -> list[PackedEntry]:
        newest_first: Iterable[PackedEntry] = self._newer(wanted.since)
        # A stream on a busy server asks for all of many entries, over and over.
        if wanted != EntryFilter(since=wanted.since):
            newest_first = (packed for packed in newest_first if matches(packed, wanted, self._redactor))
        return [*newest_first][::-1]

    def _newer(self, since: int) -> Iterator[PackedEntry]:
        return takewhile(lambda packed: packed.number > since, reversed(self._entries))

    def clear(self, tenant: str | None = None) -> int:
        """Remove a tenant's exchanges, or all, and say how many. Numbers go on, nothing counts as dropped."""
        before = len(self._entries)
        staying: deque[PackedEntry] = deque()
        if tenant is not None:
            staying += [entry for entry in self._entries if tenant_of_sender(entry, self._redactor) != tenant]
        self._entries = staying
        self._bytes = sum(entry.cost for entry in staying)
        return before - len(staying)

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """A listener that is woken by every exchange until the block ends."""
        listener = Listener()
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)

    def close(self) -> None:
        """Wake all listeners for the last time, as the server stops."""
        self.closed = True
        self._wake()


def _request_headers(request: Request) -> bytes:
    head = request.head
    if head is None:
        return pack_headers(request.headers)
    if head.packed is None:
        head.packed = pack_headers(request.headers)
    return head.packed


# Most answers have the same few headers.
_packed: Final = lru_cache(256)(pack_headers)
_record: Final = tuple.__new__
"""Makes a named tuple in half the time that its class takes."""
