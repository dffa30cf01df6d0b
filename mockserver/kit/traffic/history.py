"""A history: calls in the order of their sending, and what they say of each job."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT, follow
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.facts import Sighting
from mockserver.terms import ENDED

_FILE_ROLES: Final = ("media.video", "media.watermarked", "media.thumbnail")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class JobHistory:
    """All that is known of one job: who made it and how, and each sighting with its call.

    `caller` is who submitted it, None where the record lacks that. `fetched` are fetches of its files by
    fact name (`media.video`, ...), `callbacks` what its callback URL was told, `cancels` calls to end it,
    `first` the sighting of each state whose answer was there first.
    """

    job_id: str
    submit: Call | None = None
    caller: str | None = None
    sightings: list[tuple[Call, Sighting]] = field(default_factory=list)
    fetches: list[tuple[str, Call]] = field(default_factory=list)
    callbacks: list[tuple[Call, Sighting]] = field(default_factory=list)
    cancels: list[Call] = field(default_factory=list)
    first_by_state: dict[str, tuple[Call, Sighting]] = field(default_factory=dict)

    @property
    def latest(self) -> tuple[Call, Sighting] | None:
        """The last sighting that names a state."""
        return next(((call, one) for call, one in reversed(self.sightings) if one.state), None)

    @property
    def ended(self) -> bool:
        """Whether it was seen in a state that nothing follows."""
        return any(one.phase in ENDED for _, one in self.sightings)

    @property
    def end_reported(self) -> bool:
        """Whether a callback named a state that nothing follows."""
        return any(one.phase in ENDED for _, one in self.callbacks)

    def sightings_before(self, call: Call) -> list[tuple[Call, Sighting]]:
        """Sightings whose answers were there before `call` was sent: those it has to agree with."""
        return [(other, one) for other, one in self.sightings if other.answered_at <= call.exchange.at]


class History:
    """Calls of one provider. A job's story begins with whichever call first speaks of it.

    `heard_out` says that the recorder also took the callbacks, and waited for those that were due.
    """

    def __init__(self, contract: Contract, base: str = "") -> None:
        self.contract = contract
        self.reader = Reader(contract, base)
        self.calls: list[Call] = []
        self.jobs: dict[str, JobHistory] = {}
        self.callbacks_complete = False
        self._files: dict[str, tuple[str, JobHistory]] = {}
        self._aliases: dict[str, JobHistory] = {}

    def read(self, exchange: Exchange) -> Call:
        """The exchange as a call, not yet part of the history."""
        return self.reader.read(exchange)

    def add(self, call: Call) -> None:
        """Make a call part of the history, after those sent before it."""
        self.calls.append(call)
        file = self.file_at(call.exchange.url)
        if file is not None and call.operation is None:
            self._fetched(call, *file)
        if call.role == "cancel" and (story := self.job_of(call)) is not None:
            story.cancels.append(call)
        for one in call.sightings:
            if one.job_id is not None:
                self._see(call, one, one.job_id)

    def extend(self, exchanges: Iterable[Exchange]) -> None:
        """Read and add, in the order of sending."""
        for exchange in sorted(exchanges, key=lambda one: (one.at, one.number)):
            self.add(self.read(exchange))

    def file_at(self, url: str) -> tuple[str, JobHistory] | None:
        """Which file of which job a link leads to, by the answers so far."""
        return self._files.get(url)

    def job_of(self, call: Call) -> JobHistory | None:
        """The job that a read or cancel names, by its id or by the client's own name for it."""
        named = call.object_id
        story = None if named is None else self.jobs.get(named) or self._aliases.get(named)
        return story if story is not None and concerns(call.operation, story) else None

    def operation_for(self, role: str, job: str) -> Operation | None:
        """The first operation of that role that knows the job: not every one knows every submit's."""
        story = self.jobs.get(job, JobHistory(job))
        operations = self.contract.operations.values()
        return next((one for one in operations if one.role == role and concerns(one, story)), None)

    def _see(self, call: Call, one: Sighting, job: str) -> None:
        story = self.jobs.get(job)
        if story is None:
            story = self.jobs[job] = JobHistory(job)
        if call.role == "submit":
            self._submitted(call, story)
        (story.callbacks if call.exchange.callback else story.sightings).append((call, one))
        if one.state and not call.exchange.callback:
            former = story.first_by_state.get(one.state)
            if former is None or call.answered_at < former[0].answered_at:
                story.first_by_state[one.state] = call, one
        for name in _FILE_ROLES:
            if link := one.text(name):
                self._files[link] = (name, story)

    def _fetched(self, call: Call, name: str, story: JobHistory) -> None:
        """A redirect's target is the same file."""
        story.fetches.append((name, call))
        onward = call.exchange.response_header("location")
        if onward and call.exchange.status in _REDIRECTS:
            with suppress(ValueError):
                self._files.setdefault(urljoin(call.exchange.url, onward), (name, story))

    def _submitted(self, call: Call, story: JobHistory) -> None:
        if story.submit is None:
            story.submit, story.caller = call, call.exchange.caller
        operation = call.operation
        if operation and operation.alias_at and isinstance(call.request_json, dict):
            alias = follow(call.request_json, operation.alias_at)
            if alias is not ABSENT and alias:
                self._aliases[str(alias)] = story


def concerns(operation: Operation | None, story: JobHistory) -> bool:
    """Whether an operation is about jobs of the kind that this one is, as far as that is known."""
    submit = story.submit.operation if story.submit else None
    if operation is None or operation.of is None or submit is None:
        return True
    return submit.id in operation.of
