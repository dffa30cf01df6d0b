"""The account of a run: what was asked, what of it was judged, and what could not be judged and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

NO_ANSWER: Final = "none"
"""Stands for the status of an answer that did not come."""
NO_OPERATION: Final = "other methods"
FILES: Final = "files"
CALLBACKS: Final = "callbacks"
_MOST_NAMED: Final = 5
"""Places that a line names before it counts the others."""
_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The calls of one operation that got the same answer in one stage, and one phase of it.

    `answer` is a status, or NO_ANSWER. Of `calls` so many were `judged`; `families` counts the calls to which
    a check of that family applied, `not_judged` the others by the reason.
    """

    stage: str
    phase: str
    operation: str
    answer: str
    calls: int
    judged: int
    families: Mapping[str, int]
    not_judged: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be judged: where, and why."""

    where: str
    reason: str


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    judged: int = 0
    families: Counter[str] = field(default_factory=Counter)
    not_judged: Counter[str] = field(default_factory=Counter)


class Account:
    """Counts the calls of a run. `stage` and `phase` are those that the next calls belong to.

    `jobs` counts the jobs that submits of a stage made. `missed` has the questions to which no judgeable
    answer came, tries that were repeated left out: stage, phase and operation to reasons.
    """

    def __init__(self) -> None:
        self.stage = ""
        self.phase = ""
        self.jobs: Counter[str] = Counter()
        self.missed: dict[_Place, Counter[str]] = {}
        self._tallies: dict[tuple[str, str, str, str], _Tally] = {}

    def begin(self, stage: str, phase: str = "") -> None:
        """Count calls for a stage, and a phase of it, from here on."""
        self.stage, self.phase = stage, phase

    def add(self, operation: str, status: int, families: Iterable[str], reason: str = "") -> None:
        """Count a call: `families` are those of which a check applied, `reason` is why it is not judged."""
        tally = self._tally(operation, status)
        tally.calls += 1
        tally.families.update(families)
        if reason:
            tally.not_judged[reason] += 1
        else:
            tally.judged += 1

    def credit(self, operation: str, status: int, family: str) -> None:
        """Count a judgement of another judge about a call that is counted already."""
        self._tally(operation, status).families[family] += 1

    def miss(self, operation: str, reason: str) -> None:
        """Count a question that got no answer that could be judged."""
        self.missed.setdefault((self.stage, self.phase, operation), Counter())[reason] += 1

    def rows(self) -> tuple[AccountRow, ...]:
        """The account, in the order of the run."""
        return tuple(
            AccountRow(*place, tally.calls, tally.judged, dict(tally.families), dict(tally.not_judged))
            for place, tally in self._tallies.items()
        )

    def _tally(self, operation: str, status: int) -> _Tally:
        place = (self.stage, self.phase, operation, str(status) if status else NO_ANSWER)
        return self._tallies.setdefault(place, _Tally())


def by_operation(rows: Iterable[AccountRow]) -> dict[tuple[str, str], tuple[int, int]]:
    """Stage and operation to the number of calls, and of those that were judged."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        calls, judged = sums.get((row.stage, row.operation), (0, 0))
        sums[row.stage, row.operation] = (calls + row.calls, judged + row.judged)
    return sums


def families_judged(rows: Iterable[AccountRow]) -> Counter[str]:
    """How many calls each family of checks judged."""
    families: Counter[str] = Counter()
    for row in rows:
        families.update(row.families)
    return families


def gap_lines(gaps: Iterable[Gap]) -> list[str]:
    """A line for each reason, with the first of the places that it keeps from being judged."""
    places: dict[str, list[str]] = {}
    for gap in gaps:
        places.setdefault(gap.reason, []).append(gap.where)
    return [f"{_named(where)}: {reason}" for reason, where in places.items()]


def _named(where: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(where))
    text = "; ".join(distinct[:_MOST_NAMED])
    more = len(distinct) - _MOST_NAMED
    return f"{text} and {more} more" if more > 0 else text
