"""Answers to reads, lists and refused submits that come again in the same bytes, as the polls of a client do.

A state is a pure function of facts and a clock, so the answer to a read stays as it is until the next planned
change, unless a fact is noted. Until then such a read needs neither its head parsed nor its job looked up:
that takes 5 microseconds of the 30 that are left when a request is answered at once.
"""

from __future__ import annotations

from math import inf
from typing import Final, NamedTuple, cast

from mockserver.engine.answering import is_settled
from mockserver.engine.journal.exchange import PackedEntry
from mockserver.engine.journal.journal import Journal
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.message import Response
from mockserver.engine.request_context import RequestContext
from mockserver.engine.usage import Usage
from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import next_event
from mockserver.stores.base import Store

_MOST: Final = 4096
_LONGEST: Final = 2048
"""Bytes of a request that is remembered; the heads of usual clients have some 300."""
_LARGEST: Final = 64 * 1024
"""Bytes of an answer that is remembered: that of a list of a hundred jobs."""
_MOST_BYTES: Final = 16 << 20
"""Bytes of all answers that are remembered."""


class Repeat(NamedTuple):
    """An answer that holds from one moment of its tenant's clock until another (Unix milliseconds).

    It holds while the store has that many `revisions`, and `additions` if that is a number. `ended` says that
    nothing but the loss of its job can change it.
    """

    tenant: str
    provider: str
    role: str
    since: int
    until: float
    ended: bool
    revisions: int
    additions: int | None
    entry: PackedEntry


class Repeats:
    """The answers to the last few thousand different reads, by all bytes of the request."""

    def __init__(self, store: Store, live_settings: LiveSettings, journal: Journal, usage: Usage) -> None:
        self._store = store
        self._live_settings = live_settings
        self._journal = journal
        self._usage = usage
        self._responses: dict[bytes, tuple[Repeat, Response]] = {}
        self._size = 0

    def forget(self) -> None:
        """Forget all: another process may have changed something, or jobs have gone."""
        self._responses.clear()
        self._size = 0

    def put(self, request: bytes, response: Response) -> None:
        """Remember an answer that has a `repeat`."""
        repeat = response.repeat
        if not isinstance(repeat, Repeat) or len(request) > _LONGEST or len(response.body) > _LARGEST:
            return
        self._drop(request)
        self._responses[request] = repeat, response
        self._size += len(response.body)
        while len(self._responses) > _MOST or self._size > _MOST_BYTES:
            # The one that was first remembered: one that is asked for again comes back soon.
            self._drop(next(iter(self._responses)))

    def _drop(self, request: bytes) -> None:
        dropped = self._responses.pop(request, None)
        if dropped is not None:
            self._size -= len(dropped[1].body)

    def recall(self, request: bytes) -> Response | None:
        """The answer to a request of these bytes, and note the exchange; None where it must be made anew."""
        remembered = self._responses.get(request)
        if remembered is None:
            return None
        repeat, response = remembered
        live, store = self._live_settings, self._store
        if live.has_rules or live.has_quotas or repeat.revisions != store.revisions:
            return None
        if repeat.additions not in (None, store.additions):
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
    """How long the answer to a request holds, whose exchange is noted as `entry`; None where nobody can say.

    It is a read or a list, whose answer depends on jobs and their states alone, or a submit that the contract
    refuses.
    """
    if context.key_lapses or context.marked_key or context.faults or context.warnings:
        return None
    jobs, additions = context.jobs, cast(int | None, store.additions)
    if context.breaks_contract:
        jobs, additions = (), None
    elif context.operation.role == "read":
        job, state = context.job, context.state
        if job is None or state is None or not _is_read_again(context, job, state):
            return None
        jobs, additions = [(job, state)], None
    if any(job.facts for job, _ in jobs):
        return None
    return Repeat(
        context.tenant,
        context.contract.provider,
        context.operation.role,
        since=max((state.since for _, state in jobs), default=0),
        until=min((_until(job, state, context.now) for job, state in jobs), default=inf),
        ended=additions is None and all(state.ended for _, state in jobs),
        revisions=store.revisions,
        additions=additions,
        entry=entry,
    )


def _is_read_again(context: RequestContext, job: Job, state: State) -> bool:
    """Whether a read changes nothing, and finds the same job the next time."""
    return is_settled(context, job) and (state.ended or job.plan.pace != "polls")


def _until(job: Job, state: State, now: int) -> float:
    """The moment at which a job without facts leaves its state."""
    return inf if state.ended else next_event(job, now) or inf
