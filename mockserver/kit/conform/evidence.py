"""Evidence: all that is known of how a client got through a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from mockserver.contract.model import Contract
from mockserver.kit.conform.task import Task
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History

Ending = Literal["exited", "killed", "over budget"]
_UNHEARD: Final = frozenset({"lost-answer", "reset"})
"""Faults whose answers never reach the client, whatever the journal shows."""
_ENDS: Final = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class ClientRun:
    """One run of the client: how it ended (`killed` by the case, `over budget` by the conductor), its exit
    code (None where it was stopped), real seconds, and what it wrote, the middle left out where it is long.

    `last` says that it was to finish the work: not one that the case killed. `loud` says that its key was in
    what it wrote.
    """

    ending: Ending
    exit_code: int | None
    seconds: float
    stdout: str = ""
    stderr: str = ""
    loud: bool = False
    last: bool = True

    @property
    def said(self) -> str:
        """All it wrote."""
        return f"{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class Evidence:
    """Everything of one run of a case.

    `history` has the exchanges; `notes` are the journal's own entries by exchange number; `jobs` and
    `callbacks` are as the control plane shows them. `outputs` are the output files of the last runs, None for
    one that is not there; `clips` and `stills` are the true files by job; `leftovers` names other files
    beside the output. `began` is the moment of the start by the server's clock in Unix seconds; with
    `virtual` that clock was moved, and says nothing of real time. `other_key` says that the client asked
    with a key that is not the task's, so that nothing of it is known.
    """

    task: Task
    contract: Contract
    history: History
    notes: Mapping[int, Mapping[str, Any]]
    runs: tuple[ClientRun, ...]
    began: float = 0.0
    other_key: bool = False
    virtual: bool = False
    jobs: tuple[Mapping[str, Any], ...] = ()
    callbacks: tuple[Mapping[str, Any], ...] = ()
    outputs: tuple[bytes | None, ...] = (None,)
    thumbnail: bytes | None = None
    clips: Mapping[str, bytes] = field(default_factory=dict)
    stills: Mapping[str, bytes] = field(default_factory=dict)
    job_files: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    picture: bytes = b""

    @property
    def calls(self) -> list[Call]:
        """Every exchange, in order."""
        return self.history.calls

    @cached_property
    def last_runs(self) -> tuple[ClientRun, ...]:
        """The runs that were to finish the work."""
        return tuple(one for one in self.runs if one.last)

    def role(self, call: Call) -> str | None:
        """What a call is about, `media` included."""
        role = self.notes.get(call.number, {}).get("role")
        return str(role) if role else None

    def of(self, *roles: str) -> list[Call]:
        """The calls of some roles, in order."""
        return [call for call in self.calls if self.role(call) in roles]

    def faults(self, call: Call) -> tuple[str, ...]:
        """The names of the faults that a call met."""
        return tuple(fault_name(one) for one in self.notes.get(call.number, {}).get("faults", ()))

    def heard(self, call: Call) -> bool:
        """Whether the answer reached the client."""
        return _UNHEARD.isdisjoint(self.faults(call))

    def job_of(self, call: Call) -> str | None:
        """The job that a call made, found or fetched from."""
        job = self.notes.get(call.number, {}).get("job")
        return str(job) if job else None

    def state(self, call: Call) -> str | None:
        """The state word that an answer showed of the call's job."""
        return next((one.state for one in call.sightings if one.state), None)

    def phase(self, call: Call) -> str | None:
        """The phase that an answer showed of the call's job."""
        return next((one.phase for one in call.sightings if one.phase), None)

    @cached_property
    def told_ids(self) -> tuple[str, ...]:
        """The ids of jobs that an answer told the client of, in the order of telling."""
        ids = [
            one.job
            for call in self.of("submit", "read", "list")
            if self.heard(call)
            for one in call.sightings
            if one.job
        ]
        mine = {str(job["id"]) for job in self.jobs}
        return tuple(dict.fromkeys(one for one in ids if one in mine))

    @cached_property
    def end_told(self) -> Call | None:
        """The first read that told the client of a job's end; a submit that does so shows no link yet."""
        told = (call for call in self.of("read") if self.heard(call))
        return next((call for call in told if self._tells_of_an_end(call)), None)

    def _tells_of_an_end(self, call: Call) -> bool:
        """Whether it shows one of these jobs at its end: a mixed-up answer may show a stranger's."""
        mine = {str(job["id"]) for job in self.jobs}
        return any(one.phase in _ENDS and (not one.job or one.job in mine) for one in call.sightings)

    def since_start(self, call: Call) -> float:
        """Seconds from the start to a call, by the server's clock."""
        return call.exchange.at - self.began


def fault_name(rule: str) -> str:
    """The fault that a rule's id is about: the conductor calls rules CASE:FAULT.NUMBER."""
    return rule.rpartition(":")[2].rpartition(".")[0] or rule
