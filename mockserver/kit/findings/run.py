"""A run: what was judged, its findings, and its coverage. All reports are made from this record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mockserver.kit.findings.account import AccountRow
from mockserver.kit.findings.finding import Finding, Severity

Kind = Literal["verify", "check-trace"]
INCOMPLETE: Final = 3
"""Exit code of a run in which nothing failed and something could not be judged; `conform` has the same."""
KnownOutcome = Literal["failed as known", "passes unexpectedly", "matches nothing", "expired"]


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage of a run: how many calls and jobs it took, how many calls it judged, and why it was left out
    or stopped, if it was."""

    name: str
    title: str
    calls: int = 0
    jobs: int = 0
    findings: int = 0
    left_out: str = ""
    judged: int = 0


@dataclass(frozen=True, slots=True)
class CoveragePart:
    """One part of a contract (`operations`, `states`, ...): which of its members were exercised."""

    name: str
    exercised: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """How much was exercised, 0 to 100; a part without members counts as exercised."""
        count = len(self.exercised) + len(self.missing)
        if count == 0:
            return 100.0
        return 100.0 * len(self.exercised) / count


@dataclass(frozen=True, slots=True)
class KnownFailureOutcome:
    """An entry of the file of known failures, and its outcome in this run."""

    fingerprint: str
    reason: str
    expires: str | None
    outcome: KnownOutcome


@dataclass(frozen=True, slots=True)
class Run:
    """All that a report says. `target` is a URL or file without credentials; `took` is seconds.

    `findings` are those that count, `excused` those that the file of known failures lists. `not_judged` says
    what could not be judged and why, a line each, and `account` counts all calls and who judged them.
    """

    kind: Kind
    provider: str
    profile: str
    target: str
    started: float
    took: float
    calls: int
    jobs: int
    findings: tuple[Finding, ...]
    seed: int | None = None
    stages: tuple[StageResult, ...] = ()
    coverage: tuple[CoveragePart, ...] = ()
    excused: tuple[Finding, ...] = ()
    known: tuple[KnownFailureOutcome, ...] = ()
    drifts: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    account: tuple[AccountRow, ...] = ()
    histories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fingerprint of a finding to the shortest history that shows it, a line for each step."""

    def count(self, severity: Severity) -> int:
        """How many of the findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def stale(self) -> tuple[KnownFailureOutcome, ...]:
        """Entries of the file of known failures that are no longer true."""
        return tuple(known for known in self.known if known.outcome != "failed as known")

    @property
    def failed(self) -> bool:
        """Whether the run fails as a whole: by a failure that is not known, or by a stale entry."""
        return self.count("failure") > 0 or bool(self.stale)

    @property
    def incomplete(self) -> bool:
        """Whether there is no verdict on some of it: nothing failed, and something was not judged."""
        return not self.failed and bool(self.not_judged)

    @property
    def exit_code(self) -> int:
        """1 if it failed, 3 if something could not be judged, else 0."""
        if self.failed:
            return 1
        return INCOMPLETE if self.not_judged else 0
