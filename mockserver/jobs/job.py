"""The records: a job, the plan it was given, the facts noted since."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from mockserver.terms import ENDED, Phase

PaceKind = Literal["time", "polls", "manual"]
FactKind = Literal["polled", "cancelled", "forced", "paced"]


LONGEST_CLIP: Final = 1e9
"""Seconds of a clip that count at most, 31 years: sums of any number of them stay finite."""


MOST_NOTED: Final = 10_000
"""Facts that are noted of a job: each poll reads and writes all of them anew."""


NOWHERE: Final[Mapping[str, str]] = MappingProxyType({})
"""The places of a submit that has nothing beside its body."""


class Step(NamedTuple):
    """One state of a plan: the provider's word, its phase, and how long it lasts.

    `lasts` is in milliseconds and counts only under pace `time`; the last step's is ignored.
    """

    state: str
    phase: Phase
    lasts: int = 0


class Plan(NamedTuple):
    """What will happen to a job if nothing intervenes; fixed when it is submitted.

    Under pace `time` a step follows when its predecessor has lasted; under `polls` the last
    step is reached at the `polls`-th poll and the others are spread evenly before it; under
    `manual` the job stays at its first step. `reason` is the text of a failure; `quirks` are
    the changes that faults made (faults.base.QUIRKS); `faults` names these faults, for explanations.
    """

    steps: tuple[Step, ...]
    pace: PaceKind = "time"
    polls: int = 0
    reason: str | None = None
    quirks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class Fact(NamedTuple):
    """Something that was done to a job, at a moment in Unix milliseconds.

    `polled` is counted; `cancelled` and `forced` name the state from then on; `paced` gives the job a new
    plan, which continues from its state. A fact that is noted after the job has ended changes nothing.
    """

    kind: FactKind
    at: int
    state: str | None = None
    phase: Phase | None = None
    reason: str | None = None
    plan: Plan | None = None


class Job(NamedTuple):
    """A submitted job: its request, who sent it, its plan, and what was done to it since.

    `tenant` is the hash of the submitter's key; `alias` the submitter's own name for the job;
    `request` the body as it was sent; `created_at` Unix milliseconds; `seconds` the length of its clip, None
    where no server has noted it yet; `places` what the submit had beside its body, by where it stood
    (`path.NAME`, `query.NAME`, `header.NAME`), as far as the contract needs it.
    """

    id: str
    tenant: str
    provider: str
    operation: str
    model: str
    request: dict[str, Any]
    created_at: int
    plan: Plan
    alias: str | None = None
    facts: tuple[Fact, ...] = ()
    seconds: float | None = None
    places: Mapping[str, str] = NOWHERE


class State(NamedTuple):
    """Where a job is: the provider's word, its phase, since when (Unix milliseconds), and why."""

    word: str
    phase: Phase
    since: int
    reason: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing can follow."""
        return self.phase in ENDED
