"""Answers to reads that come again in the same bytes, as the polls of a client do.

A state is a pure function of facts and a clock, so the answer to a read stays as it is until the next planned
change, unless a fact is noted. Until then such a read needs neither its head parsed nor its job looked up:
that takes 5 microseconds of the 30 that are left when a request is answered at once.
"""

from __future__ import annotations

from math import inf
from typing import Final, NamedTuple

from mockserver.engine.answering import is_settled
from mockserver.engine.journal.exchange import PackedEntry
from mockserver.engine.journal.journal import Journal
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.message import Response
from mockserver.engine.request_context import RequestContext
from mockserver.engine.usage import Usage
from mockserver.jobs.timeline import next_event
from mockserver.stores.base import Store

_MOST: Final = 4096
_LONGEST: Final = 2048
"""Bytes of a request that is remembered; the heads of usual clients have some 300."""
_LARGEST: Final = 16 * 1024
"""Bytes of an answer that is remembered."""


class Repeat(NamedTuple):
    """An answer that holds from one moment of its tenant's clock until another (Unix milliseconds).

    `ended` says that no fact can change it; else it holds while the store has that many `revisions`.
    """

    tenant: str
    provider: str
    role: str
    since: int
    until: float
    ended: bool
    revisions: int
    entry: PackedEntry


class Repeats:
    """The answers to the last few thousand different reads, by all bytes of the request."""

    def __init__(self, store: Store, live_settings: LiveSettings, journal: Journal, usage: Usage) -> None:
        self._store = store
        self._live_settings = live_settings
        self._journal = journal
        self._usage = usage
        self._responses: dict[bytes, tuple[Repeat, Response]] = {}

    def forget(self) -> None:
        """Forget all: another process may have changed something, or jobs have gone."""
        self._responses.clear()

    def put(self, request: bytes, response: Response) -> None:
        """Remember an answer that has a `repeat`."""
        repeat = response.repeat
        if not isinstance(repeat, Repeat) or len(request) > _LONGEST or len(response.body) > _LARGEST:
            return
        if len(self._responses) >= _MOST and request not in self._responses:
            # The one that was first remembered: one that is asked for again comes back soon.
            del self._responses[next(iter(self._responses))]
        self._responses[request] = repeat, response

    def recall(self, request: bytes) -> Response | None:
        """The answer to a request of these bytes, and note the exchange; None where it must be made anew."""
        remembered = self._responses.get(request)
        if remembered is None:
            return None
        repeat, response = remembered
        live = self._live_settings
        if live.has_rules or live.has_quotas or repeat.revisions != self._store.revisions:
            return None
        if live.notices_change(at_once=not repeat.ended):
            return None
        now = live.now(repeat.tenant)
        if not repeat.since <= now < repeat.until:
            return None
        self._usage.count(repeat.tenant, repeat.provider, repeat.role)
        self._journal.repeat(repeat.entry, now)
        return response


def repeat_of(context: RequestContext, entry: PackedEntry, store: Store) -> Repeat | None:
    """How long the answer to a read holds, whose exchange is noted as `entry`; None where nobody can say."""
    job, state = context.job, context.state
    if job is None or state is None or not context.is_steady or not is_settled(context, job):
        return None
    if context.key_lapses or context.marked_key or context.faults or context.operation.role != "read":
        return None
    until: float = inf
    if not state.ended:
        if job.plan.pace == "polls":
            return None
        until = next_event(job, context.now) or inf
    return Repeat(
        context.tenant, job.provider, "read", state.since, until, state.ended, store.revisions, entry
    )
