"""What a run of cases comes to: the records that every report is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from mockserver.kit.conform.evidence import Ending
from mockserver.kit.conform.judges.base import Level

Shade = Literal["could not run", "fail", "weak", "remark", "pass", "not applicable"]
SHADES: Final[tuple[Shade, ...]] = ("could not run", "fail", "weak", "remark", "pass", "not applicable")
"""The worst first. `fail`: a MUST is broken, `weak`: a SHOULD, `remark`: passed, with something to say."""


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One exchange in a case's timeline. `at` and `took` are seconds, `at` from the start of the case.

    `state` is the word that the answer showed, `faults` what it met; `heard` is false where no answer
    reached the client. `note` is why it was refused.
    """

    number: int
    at: float
    took: float
    role: str
    method: str
    path: str
    status: int
    state: str = ""
    job: str = ""
    faults: tuple[str, ...] = ()
    heard: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseBreach:
    """A rule that was broken: what was expected and what was, and the exchanges (by number) that show it.

    `general` rules hold in every case; `as_ever` says that the client breaks it in plain weather too, so it
    counts as a remark.
    """

    judge: str
    rule: str
    level: Level
    expected: str
    actual: str
    exchanges: tuple[int, ...] = ()
    general: bool = False
    as_ever: bool = False


@dataclass(frozen=True, slots=True)
class ClientRunSummary:
    """How a run of the client ended, real seconds, and the last lines that it wrote."""

    ending: Ending
    exit_code: int | None
    seconds: float
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One case with one client and provider.

    `reason` is why it is not applicable or could not run; `reproduce` the command that runs this case alone.
    `changes` are the answers' changes that broke the client, reduced to the fewest. `excused` is the reason
    that the file of known failures gives. `virtual`: times are those of a clock that was moved. `budget` is
    real seconds after which the client was to be killed.
    """

    case: str
    family: str
    title: str
    level: Level
    requirement: str
    why: str
    harm: str
    source: str
    advice: str
    provider: str
    shade: Shade
    outcome: str = "delivers"
    reason: str = ""
    seconds: float = 0.0
    breaches: tuple[CaseBreach, ...] = ()
    steps: tuple[TimelineStep, ...] = ()
    runs: tuple[ClientRunSummary, ...] = ()
    changes: tuple[str, ...] = ()
    reproduce: str = ""
    excused: str = ""
    jobs: int = 0
    virtual: bool = False
    budget: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether it counts: a MUST is broken, and nobody knew."""
        return self.shade == "fail" and not self.excused

    @property
    def verdict(self) -> tuple[str, ...]:
        """What two runs of the same seed agree in: the shade and which rules were broken."""
        return (self.case, self.shade, *(f"{one.judge} {one.level}" for one in self.breaches))


@dataclass(frozen=True, slots=True)
class KnownCaseOutcome:
    """An entry of the file of known failures, and what became of it."""

    case: str
    provider: str
    reason: str
    expires: str | None
    outcome: Literal["failed as known", "passes unexpectedly", "matches nothing", "expired", "not run"]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A run: one client and one provider against some cases. `started` is Unix seconds, `took` seconds."""

    client: str
    command: tuple[str, ...]
    provider: str
    profile: str
    seed: int
    interval: float
    started: float
    took: float
    version: str
    results: tuple[Result, ...]
    supports: tuple[str, ...] = ()
    known: tuple[KnownCaseOutcome, ...] = ()
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def stale(self) -> tuple[KnownCaseOutcome, ...]:
        """Entries of the file of known failures that no longer tell the truth."""
        return tuple(one for one in self.known if one.outcome not in ("failed as known", "not run"))

    @property
    def exit_code(self) -> int:
        """0: no MUST is broken; 1: one is, or an entry is stale; 3: only that some cases could not run."""
        if any(one.failed for one in self.results) or self.stale:
            return 1
        return 3 if any(one.shade == "could not run" for one in self.results) else 0


def count(results: Sequence[Result]) -> dict[str, int]:
    """How many results there are of each shade, every shade named."""
    found = Counter(one.shade for one in results)
    return {shade: found[shade] for shade in SHADES}


def exit_code(matrices: Sequence[Matrix]) -> int:
    """What a command ends with: 1 before 3 before 0."""
    codes = {one.exit_code for one in matrices}
    return next((code for code in (1, 3) if code in codes), 0)
