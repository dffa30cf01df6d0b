"""A history: calls in the order in which they were sent, and what they say about each job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import urljoin

from mockserver.contract.model import ClipSource, Contract, Operation
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.curl import ShellKeys
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.traffic.submitted_texts import alias_in
from mockserver.terms import MAKERS

LOOK_BACK: Final = 1000
"""Sightings or calls that one check looks back at: with no bound its work would grow with their square."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class JobHistory:
    """Everything known about one job: how it was submitted, and each sighting with its call.

    `caller` is the digest of the submit's key, None if the record lacks it. `fetches` are requests for the
    job's files by fact name (`media.video`, ...), `callbacks` what its callback URL received, `cancels`
    calls to cancel it, `first_by_state` the earliest answered sighting of each documented state,
    or of each choice of states that a word may mean.
    """

    job_id: str
    submit: Call | None = None
    caller: str | None = None
    sightings: list[tuple[Call, Sighting]] = field(default_factory=list)
    fetches: list[tuple[str, Call]] = field(default_factory=list)
    callbacks: list[tuple[Call, Sighting]] = field(default_factory=list)
    cancels: list[Call] = field(default_factory=list)
    first_by_state: dict[tuple[str, ...], tuple[Call, Sighting]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def latest(self) -> tuple[Call, Sighting] | None:
        """The last sighting that names a state."""
        newest_first = reversed(self.sightings)
        return next(((call, sighting) for call, sighting in newest_first if sighting.state), None)

    @property
    def ended(self) -> bool:
        """Whether an answer showed the job in an end state."""
        return any(sighting.ended for _, sighting in self.sightings)

    @property
    def end_reported(self) -> bool:
        """Whether a callback showed the job in an end state."""
        return any(sighting.ended for _, sighting in self.callbacks)

    def sightings_before(self, call: Call) -> Iterator[tuple[Call, Sighting]]:
        """The sightings that were answered before `call` was sent: those that its answer must agree with.

        The latest comes first; of very many, only the latest come.
        """
        sent_at = call.exchange.at
        for other, sighting in islice(reversed(self.sightings), LOOK_BACK):
            if other.answered_at <= sent_at:
                yield other, sighting

    def ended_before(self, call: Call) -> bool:
        """Whether an answer before `call` was sent showed the job in an end state."""
        sent_at = call.exchange.at
        firsts = self.first_by_state.values()
        return any(other.answered_at <= sent_at for other, sighting in firsts if sighting.ended)

    def came_too_late(self, cancel: Call, wanted: str) -> bool:
        """Whether the job had ended before a cancel, which was to bring the phase `wanted`.

        An answer before it showed that, or its own did, where the contract has no other answer for that.
        """
        if self.ended_before(cancel) or cancel.operation is None or "conflict" in cancel.operation.answers:
            return self.ended_before(cancel)
        return any(sighting.ended and sighting.phase != wanted for sighting in cancel.sightings)

    def add(self, call: Call, sighting: Sighting) -> None:
        """Add what one answer or callback says about the job."""
        if call.exchange.callback:
            self.callbacks.append((call, sighting))
            return
        self.sightings.append((call, sighting))
        word = tuple(state.word for state in sighting.states)
        if word:
            # Calls are added in the order of sending, but a slow answer may be older news than a fast one
            # that was sent later: what counts is which answer was there first.
            earliest = self.first_by_state.get(word)
            if earliest is None or call.answered_at < earliest[0].answered_at:
                self.first_by_state[word] = call, sighting


class History:
    """The calls to one provider. A job's history begins with the first call that mentions it.

    `callbacks_complete` says that the recorder also took the callbacks, and waited for all that were due;
    with `receiver` only those to URLs that begin so.
    `not_judged` counts what could not be judged, by the reason; `unlisted` counts breaches beyond those that
    are listed, by check and place. `keys` are the variables that stand for keys in lines to be sent again.
    """

    def __init__(self, contract: Contract, base: str = "") -> None:
        self.contract = contract
        self.reader = Reader(contract, base)
        self.calls: list[Call] = []
        self.jobs: dict[str, JobHistory] = {}
        self.callbacks_complete = False
        self.receiver = ""
        self.not_judged: Counter[str] = Counter()
        self.unlisted: Counter[str] = Counter()
        self.keys = ShellKeys(contract)
        self._files: dict[str, tuple[str, JobHistory]] = {}
        self._aliases: dict[str, JobHistory] = {}

    def read(self, exchange: Exchange) -> Call:
        """The exchange as a call, not yet part of the history."""
        return self.reader.read(exchange, is_file=self.file_at(exchange.url) is not None)

    def add(self, call: Call) -> None:
        """Make a call part of the history, after those sent before it."""
        # No record says which exchanges belong to a job. The answers do: a submit's answer names the id,
        # later answers repeat it, and links in them tell which plain GETs are fetches of its files.
        self.calls.append(call)
        file = self.file_at(call.exchange.url)
        if file is not None and call.operation is None:
            self._add_fetch(call, *file)
        job = self.job_of(call) if call.role in ("cancel", "delete") else None
        if job is not None and call.role == "cancel":
            job.cancels.append(call)
        elif job is not None and call.succeeded:
            job.deleted = True
        for sighting in call.sightings:
            if sighting.job_id is not None:
                self._add_sighting(call, sighting, sighting.job_id)

    def extend(self, exchanges: Iterable[Exchange]) -> None:
        """Read exchanges and add them in the order of sending."""
        for exchange in sorted(exchanges, key=lambda exchange: exchange.order):
            self.add(self.read(exchange))

    def file_at(self, url: str) -> tuple[str, JobHistory] | None:
        """The file (its fact name) and the job that a link leads to, by the answers so far."""
        return self._files.get(url)

    def job_of(self, call: Call) -> JobHistory | None:
        """The job that a read or cancel names, by an id of it or by the client's own name for it."""
        job_id = call.object_id
        if job_id is None:
            return None
        job = self.jobs.get(job_id) or self._aliases.get(job_id)
        if job is None or not concerns(call.operation, job):
            return None
        return job

    def source_of(self, submit: Call) -> JobHistory | None:
        """The finished job from whose clip a submit goes on, where it is known to be its caller's own."""
        job = self.jobs.get(submit.source_id or "")
        if job is None or submit.operation is None or submit.operation.source is None:
            return None
        is_own = job.caller == submit.exchange.caller
        return job if is_own and can_go_on(submit.operation.source, job) else None

    def takes_callbacks_at(self, url: str) -> bool:
        """Whether the recorder takes the callbacks to a URL."""
        return url.startswith(self.receiver)

    def operation_for(self, role: str, job_id: str) -> Operation | None:
        """The first operation with that role that concerns the job."""
        return next(iter(self.operations_for(role, job_id)), None)

    def operations_for(self, role: str, job_id: str) -> list[Operation]:
        """The operations with that role that concern the job, in the contract's order."""
        job = self.jobs.get(job_id, JobHistory(job_id))
        operations = (entry for entry in self.contract.operations.values() if entry.role == role)
        return [operation for operation in operations if concerns(operation, job)]

    def _add_sighting(self, call: Call, sighting: Sighting, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None:
            job = self.jobs[job_id] = JobHistory(job_id)
        if call.role in MAKERS:
            self._add_submit(call, job)
        job.add(call, sighting)
        for further in sighting.further_ids:
            self._aliases[further] = job
        for name in sighting.files:
            link = sighting.text(name)
            if link:
                self._files[link] = (name, job)

    def _add_fetch(self, call: Call, name: str, job: JobHistory) -> None:
        """Add a request for a file; the target of a redirect is the same file."""
        job.fetches.append((name, call))
        target = call.exchange.response_header("location")
        if target and call.exchange.status in _REDIRECTS:
            with suppress(ValueError):
                self._files.setdefault(urljoin(call.exchange.url, target), (name, job))

    def _add_submit(self, call: Call, job: JobHistory) -> None:
        if job.submit is None:
            job.submit, job.caller = call, call.exchange.caller
        alias = alias_in(call.operation, call.request_json, call.parameters)
        if alias is not None:
            self._aliases[alias] = job


def can_go_on(source: ClipSource, job: JobHistory) -> bool:
    """Whether an answer showed that the job has succeeded, and a submit that goes on may name it.

    A session has succeeded as soon as it is there.
    """
    has_succeeded = any(sighting.phase == "succeeded" for _, sighting in job.first_by_state.values())
    is_session = job.submit is not None and job.submit.role == "session"
    return (has_succeeded or is_session) and may_go_on(source, job)


def may_go_on(source: ClipSource, job: JobHistory) -> bool:
    """Whether the job is of a submit whose clips can go on, once it has succeeded."""
    operation = None if job.submit is None else job.submit.operation
    return operation is not None and (source.of is None or operation.id in source.of)


def concerns(operation: Operation | None, job: JobHistory) -> bool:
    """Whether an operation may be about this job: some know only the jobs of certain submit operations."""
    if operation is None or operation.of is None:
        return True
    if job.submit is None or job.submit.operation is None:
        return True
    return job.submit.operation.id in operation.of
