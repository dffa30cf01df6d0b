"""What a run of cases comes to: the records that every report is made of.

An alias is the name that the JSON report has for a field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import Ending
from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.citation import cited
from mockserver.kit.findings.run import INCOMPLETE
from mockserver.numerals import plural

Verdict = Literal["could not run", "fail", "weak", "remark", "pass", "not applicable"]
INTERRUPTED: Final = "the run was interrupted"
"""Why a case could not run that was not judged before Ctrl-C."""
VERDICTS: Final[tuple[Verdict, ...]] = (
    "could not run", "fail", "weak", "remark", "pass", "not applicable",
)  # fmt: skip
"""The worst first. `fail`: a MUST is broken, `weak`: a SHOULD is broken, `remark`: a pass with notes."""


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One exchange in a case's timeline. `at` and `took` are seconds, `at` from the start of the case.

    `state` is the word that the response showed, `faults` names the faults that the exchange met; `heard` is
    false if no response reached the client. `note` is the server's reason for a refusal.
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
    """A broken rule: what was expected, what was, and the exchanges (by number) that show it.

    `general` rules hold in every case. With `in_baseline` (`as_ever` in JSON) the client breaks the rule in
    the baseline case too, so the breach counts as a remark only.
    """

    judge: str
    rule: str
    level: Level
    expected: str
    actual: str
    exchanges: tuple[int, ...] = ()
    general: bool = False
    in_baseline: Annotated[bool, Field(alias="as_ever")] = False


@dataclass(frozen=True, slots=True)
class ClientRunSummary:
    """How a run of the client ended, real seconds, and the last lines of its output.

    `note` says what became of processes that had left the client's process group.
    """

    ending: Ending
    exit_code: int | None
    seconds: float
    stdout: str = ""
    stderr: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What a report says of the case itself. `budget` is real seconds after which the client is stopped.

    `level` is that of the row: MUST where the client breaks a MUST, even in a case that demands less;
    `case_level` is the case's own, empty in reports of old.
    """

    id: Annotated[str, Field(alias="case")]
    family: str
    title: str
    level: Level
    requirement: str
    why: str
    harm: str
    source: str
    advice: str
    outcome: str = "delivers"
    budget: float = 0.0
    case_level: Level | Literal[""] = ""

    @property
    def demands(self) -> Level:
        """The level of the case itself."""
        return self.case_level or self.level

    @classmethod
    def of(cls, case: Case) -> Self:
        """The summary of a case."""
        return cls(
            id=case.id,
            family=case.family,
            title=case.title,
            level=case.level,
            requirement=case.requirement,
            why=case.why,
            harm=case.harm,
            source=cited(case.source),
            advice=case.advice,
            outcome=case.outcome,
            budget=case.budget,
            case_level=case.level,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """One case with one client and provider.

    `reason` says why it is not applicable or could not run; `reproduce` is the command that runs this case
    alone. `changes` are the changes of responses that broke the client, reduced to the fewest. `excused` is
    the reason in the file of known failures. `virtual`: times are those of a clock that the case moved.
    """

    case: CaseSummary
    provider: str
    verdict: Annotated[Verdict, Field(alias="shade")]
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

    @property
    def failed(self) -> bool:
        """Whether it counts: a MUST is broken, and the failure is not known."""
        return self.verdict == "fail" and not self.excused

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What two runs of the same seed agree in: the verdict and the rules that were broken."""
        breaches = (f"{breach.judge} {breach.level}" for breach in self.breaches)
        return (self.case.id, self.verdict, *breaches)


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
    """A run: one client and one provider against some cases. `started` is Unix seconds, `took` seconds.

    `name` is what reports call the client, where it was given one. `interrupted`: the cases that had not
    been judged could not run.
    """

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
    name: str = ""
    known: tuple[KnownCaseOutcome, ...] = ()
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def stale(self) -> tuple[KnownCaseOutcome, ...]:
        """Entries of the file of known failures that are no longer true."""
        return tuple(entry for entry in self.known if entry.outcome not in ("failed as known", "not run"))

    @property
    def exit_code(self) -> int:
        """0: no MUST is broken; 1: one is, or an entry is stale; 3: none is, as far as could be judged."""
        if any(result.failed for result in self.results) or self.stale:
            return 1
        return INCOMPLETE if self.incomplete else 0

    @property
    def incomplete(self) -> bool:
        """Whether a MUST could not be judged, or nothing could, or the run was interrupted."""
        if self.interrupted:
            return True
        unjudged = [result for result in self.results if result.verdict == "could not run"]
        if any(result.case.demands == "MUST" for result in unjudged):
            return True
        return bool(unjudged) and all(
            result.verdict in ("could not run", "not applicable") for result in self.results
        )

    @property
    def shortfall(self) -> str:
        """What stands first in reports of an interrupted run, a sentence; empty for every other run."""
        if not self.interrupted:
            return ""
        number = sum(result.verdict == "could not run" for result in self.results)
        cases = plural(len(self.results), "case")
        return f"INCOMPLETE: The run was interrupted. {number} of {cases} could not be judged."


def count(results: Sequence[Result]) -> dict[str, int]:
    """How many results have each verdict, every verdict named."""
    counts = Counter(result.verdict for result in results)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def exit_code(matrices: Sequence[Matrix]) -> int:
    """The exit code of a command: 1 before 3 before 0."""
    codes = {matrix.exit_code for matrix in matrices}
    return next((code for code in (1, INCOMPLETE) if code in codes), 0)
