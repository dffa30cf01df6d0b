"""Known failures of a client: a file of cases that are expected to fail, each with its reason.

    {"known": [{"case": "submit-answer-lost", "provider": "aimlapi", "reason": "our ticket 12",
                "expires": "2027-01-31"}]}

`case` may hold `*`; an entry without `provider` is about every provider. The cases run all the same, and an
entry that is no longer true fails the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from mockserver.kit.conform.results.result import KnownCaseOutcome, Matrix, Result
from mockserver.kit.findings.known_file import has_expired, read_entries


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A known failure; it holds until the day `expires`, that day included."""

    case: str
    reason: str
    provider: str | None = None
    expires: date | None = None

    def is_about(self, case: str, provider: str) -> bool:
        """Whether it is about that case of that provider."""
        return self.provider in (None, provider) and fnmatchcase(case, self.case)

    def is_over(self, today: date) -> bool:
        """Whether its last day is past."""
        return has_expired(self.expires, today)


def read_known(path: Path) -> list[KnownCase]:
    """The entries of a file. Raises SettingsError that says where and what."""
    return read_entries(path, "case", KnownCase, optional=["provider"])


def apply_known(matrix: Matrix, entries: Sequence[KnownCase], today: date, cases: Iterable[str]) -> Matrix:
    """The matrix with its known failures excused, and what became of each entry.

    `cases` are the ids of all cases, those that did not run included.
    """
    ids = list(cases)
    results = tuple(_excused(result, entries, today) for result in matrix.results)
    known = tuple(
        _outcome(entry, matrix, today, ids) for entry in entries if entry.provider in (None, matrix.provider)
    )
    return replace(matrix, results=results, known=known)


def _excused(result: Result, entries: Sequence[KnownCase], today: date) -> Result:
    if result.verdict not in ("fail", "weak"):
        return result
    for entry in entries:
        if not entry.is_over(today) and entry.is_about(result.case.id, result.provider):
            return replace(result, excused=entry.reason)
    return result


def _outcome(entry: KnownCase, matrix: Matrix, today: date, cases: Sequence[str]) -> KnownCaseOutcome:
    expires = entry.expires.isoformat() if entry.expires else None
    known = KnownCaseOutcome(entry.case, matrix.provider, entry.reason, expires, "failed as known")
    if not any(fnmatchcase(case, entry.case) for case in cases):
        return replace(known, outcome="matches nothing")
    verdicts = {
        result.verdict for result in matrix.results if entry.is_about(result.case.id, result.provider)
    }
    judged = verdicts - {"not applicable", "could not run"}
    if not judged:
        return replace(known, outcome="not run")
    if judged.isdisjoint({"fail", "weak"}):
        return replace(known, outcome="passes unexpectedly")
    if entry.is_over(today):
        return replace(known, outcome="expired")
    return known
