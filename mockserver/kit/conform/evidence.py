"""Evidence: all that is known of how a client got through a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from mockserver.contract.model import Contract
from mockserver.control_client.answers import DeliveryAnswer, JobAnswer, JournalEntryAnswer
from mockserver.kit.conform.task import Task
from mockserver.kit.trace import journal
from mockserver.kit.traffic.answer_templates import names_of
from mockserver.kit.traffic.body_limits import BodyBudget
from mockserver.kit.traffic.call import Call, Reader

Ending = Literal["exited", "killed", "over budget"]
_MAX_BODIES: Final = 64 * 1024 * 1024
"""Bytes that the bodies of one case take, as read: an ordinary case has some 100 KiB."""
_UNHEARD: Final = frozenset({"lost-answer", "reset"})
"""Faults whose responses never reach the client, though the journal shows them."""


FETCHES: Final = ("media", "content")
"""The roles of requests for a file: by a link, or of the API itself."""


@dataclass(frozen=True, slots=True)
class LargeFile:
    """A file that is larger than any that the case could ask for: its first bytes, and its size in bytes."""

    head: bytes
    size: int


WrittenFile = bytes | LargeFile
"""A file of the client's: its content, or what is known of one that is too large to be it."""


def size_of(file: WrittenFile) -> int:
    """The size of a file in bytes."""
    return file.size if isinstance(file, LargeFile) else len(file)


@dataclass(frozen=True, slots=True)
class ClientRun:
    """One run of the client: how it ended (`killed` by the case, `over budget` by the runner), its exit code
    (None if it was stopped), real seconds, and its output, without the middle where it is long.

    `last` says that this run had to finish the work: the case did not kill it. `leaked_key` says that the
    client's key was in its output. `escaped` counts processes of it that had left its process group and were
    ended on their own; `left` says that one could not be ended, as it still holds the client's output.
    """

    ending: Ending
    exit_code: int | None
    seconds: float
    stdout: str = ""
    stderr: str = ""
    leaked_key: bool = False
    last: bool = True
    escaped: int = 0
    left: bool = False

    @property
    def output(self) -> str:
        """Both streams."""
        return f"{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class CaseExchange:
    """One exchange of a case: the call that the contract reads in it, and what the journal says of it.

    `role` is what the exchange is about, `media` included. `job` is the id of the job that it made, read or
    fetched from. `faults` names the faults that it met, `violations` the rules that the server saw broken.
    """

    call: Call
    role: str | None
    job: str | None
    faults: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Its number in the case, from 1."""
        return self.call.number

    @property
    def status(self) -> int:
        """The response's status, 0 if there was no response."""
        return self.call.exchange.status

    @property
    def sent_at(self) -> float:
        """When the request was sent, in Unix seconds of the server's clock."""
        return self.call.exchange.at

    @property
    def heard(self) -> bool:
        """Whether the response reached the client."""
        return _UNHEARD.isdisjoint(self.faults)

    @property
    def state(self) -> str | None:
        """The state word that the response shows of the job."""
        return next((sighting.state for sighting in self.call.sightings if sighting.state), None)

    @property
    def phase(self) -> str | None:
        """The phase that the response shows of the job."""
        return next((sighting.phase for sighting in self.call.sightings if sighting.phase), None)


def read_exchanges(contract: Contract, entries: Sequence[JournalEntryAnswer]) -> tuple[CaseExchange, ...]:
    """The journal's entries as exchanges of the contract. Raises KitError for an unreadable entry."""
    reader = Reader(contract)
    exchanges = journal.read(list(entries), "journal", BodyBudget(_MAX_BODIES))
    return tuple(
        CaseExchange(
            call=reader.read(exchange),
            role=entry["role"],
            job=entry["job"],
            faults=tuple(map(_fault_of_rule, entry["faults"])),
            violations=tuple(entry["violations"]),
        )
        for exchange, entry in zip(exchanges, entries, strict=True)
    )


def _fault_of_rule(rule: str) -> str:
    """The fault that a rule's id is about: a case calls its rules CASE:FAULT.NUMBER."""
    return rule.rpartition(":")[2].rpartition(".")[0] or rule


@dataclass(frozen=True)
class Evidence:
    """Everything about one run of a case.

    `exchanges` are in the order of sending; `jobs` and `callbacks` are the control plane's answers. `outputs`
    are the output files of the last runs, None for a missing file; `clips` and `stills` are the true files by
    job; `leftovers` names other files beside the output. `began` is the start by the server's clock in Unix
    seconds; with `virtual` the case moved that clock, so it says nothing of real time. `other_key` says that
    the client used a key other than the task's, so that its requests are unknown; `returns_link`: it prints
    the clip's link in place of fetching the clip.
    """

    task: Task
    contract: Contract
    exchanges: tuple[CaseExchange, ...]
    runs: tuple[ClientRun, ...]
    began: float = 0.0
    other_key: bool = False
    returns_link: bool = False
    virtual: bool = False
    jobs: tuple[JobAnswer, ...] = ()
    callbacks: tuple[DeliveryAnswer, ...] = ()
    outputs: tuple[WrittenFile | None, ...] = (None,)
    thumbnail: WrittenFile | None = None
    clips: Mapping[str, bytes] = field(default_factory=dict)
    stills: Mapping[str, bytes] = field(default_factory=dict)
    job_files: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    picture: bytes = b""

    @cached_property
    def last_runs(self) -> tuple[ClientRun, ...]:
        """The runs that had to finish the work."""
        return tuple(run for run in self.runs if run.last)

    def of(self, *roles: str) -> list[CaseExchange]:
        """The exchanges of these roles, in order."""
        return [exchange for exchange in self.exchanges if exchange.role in roles]

    @cached_property
    def polls(self) -> list[CaseExchange]:
        """The reads, without those that look up the clip of a job whose end another operation told of."""
        end, reads = self.reported_end, self.of("read")
        if end is None or self._shows_clips(end):
            return reads
        return [read for read in reads if read.number <= end.number or not self._shows_clips(read)]

    def _shows_clips(self, read: CaseExchange) -> bool:
        operation = read.call.operation
        return operation is not None and "media.video" in names_of(self.contract, operation)

    @cached_property
    def reported_job_ids(self) -> tuple[str, ...]:
        """The ids of this case's jobs that a response reported to the client, the earliest first."""
        reported = dict.fromkeys(self._reported_ids())
        return tuple(job for job in reported if job in self._job_ids)

    def _reported_ids(self) -> Iterator[str]:
        for exchange in self.of("submit", "read", "list"):
            if exchange.heard:
                yield from (sighting.job_id for sighting in exchange.call.sightings if sighting.job_id)

    @cached_property
    def _job_ids(self) -> set[str]:
        return {job["id"] for job in self.jobs}

    @cached_property
    def reported_end(self) -> CaseExchange | None:
        """The first read that reported a job's end. A submit does not count: it shows no link yet."""
        for read in self.of("read"):
            if read.heard and self._shows_an_end(read):
                return read
        return None

    def _shows_an_end(self, read: CaseExchange) -> bool:
        """Whether it shows one of these jobs at its end: a mixed-up response may show a stranger's job."""
        for sighting in read.call.sightings:
            if sighting.ended and (not sighting.job_id or sighting.job_id in self._job_ids):
                return True
        return False

    def since_start(self, exchange: CaseExchange) -> float:
        """Seconds from the start to a request, by the server's clock."""
        return exchange.sent_at - self.began

    @property
    def written_text(self) -> str:
        """All that the client wrote: the output of every run, and its job files."""
        return "\n".join((*(run.output for run in self.runs), *self.job_files))
