"""A run: what was judged, what was found, what was reached. The one record that reports are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.kit.findings.finding import SEVERITIES, Finding, Severity

Kind = Literal["verify", "check-trace"]


@dataclass(frozen=True, slots=True)
class StageResult:
    """One part of a run, from free to paid: how many calls and jobs it took, and why it was left out or
    stopped, if it was."""

    name: str
    title: str
    calls: int = 0
    jobs: int = 0
    findings: int = 0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class CoveragePart:
    """One kind of thing that a contract has (`operations`, `states`, ...): which were exercised."""

    name: str
    seen: tuple[str, ...]
    unseen: tuple[str, ...]

    @property
    def percent(self) -> float:
        """How much was seen, 0 to 100."""
        every = len(self.seen) + len(self.unseen)
        return 100.0 * len(self.seen) / every if every else 100.0


@dataclass(frozen=True, slots=True)
class KnownFailureOutcome:
    """An entry of the file of known failures and what became of it."""

    fingerprint: str
    reason: str
    expires: str | None
    outcome: Literal["failed as known", "passes unexpectedly", "matches nothing", "expired"]


@dataclass(frozen=True, slots=True)
class Run:
    """All that a report says. `target` is a URL or file without credentials; `took` is seconds.

    `findings` are those that count, `excused` those that the file of known failures lists; `bundle` is
    where a finding's `clause` points: each clause's file and line in the contract's folder.
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
    histories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fingerprint of a finding of the state machine to the shortest history that shows it, a line a step."""

    def count(self, severity: Severity) -> int:
        """How many findings of that severity count."""
        return sum(one.severity == severity for one in self.findings)

    @property
    def stale(self) -> tuple[KnownFailureOutcome, ...]:
        """Entries of the file of known failures that no longer tell the truth."""
        return tuple(one for one in self.known if one.outcome != "failed as known")

    @property
    def failed(self) -> bool:
        """Whether the run as a whole fails: a failure that nobody knew of, or a stale entry."""
        return self.count("failure") > 0 or bool(self.stale)

    @property
    def worst(self) -> Severity | None:
        """The worst severity found."""
        return next((one for one in SEVERITIES if self.count(one)), None)
