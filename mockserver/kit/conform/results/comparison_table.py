"""Runs side by side: a column for each client and provider, a row for each case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, TypeVar, get_args

from mockserver.kit.conform.case import FAMILIES
from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.causes import READING_ORDER, TO_MEND, Cause, find_causes
from mockserver.kit.conform.results.result import VERDICTS, CaseBreach, CaseSummary, Matrix, Result, Verdict
from mockserver.kit.conform.results.score import Score, score
from mockserver.kit.findings.run import INCOMPLETE
from mockserver.kit.redaction import redact, without_user_info
from mockserver.kit.report.formatting import day_and_time
from mockserver.numerals import plural

T = TypeVar("T")
SIGNS: Final[dict[Verdict, str]] = {
    "could not run": "?", "fail": "✗", "weak": "▲", "remark": "✓*", "pass": "✓", "not applicable": "–",
}  # fmt: skip
"""A sign for each verdict: no report says anything by colour alone."""
VERDICT_TEXTS: Final[dict[Verdict, str]] = {
    "could not run": "could not run: the set-up failed, no verdict on the client",
    "fail": "fail: a MUST is broken",
    "weak": "weak: a SHOULD is broken",
    "remark": "pass with a remark",
    "pass": "pass",
    "not applicable": "not applicable",
}
HARMS: Final = {"money": "money", "work": "lost work", "security": "security", "manners": "manners"}
_KEY: Final = re.compile(r"sk-conform-[0-9a-f]+")
_LONGEST: Final = 60


def without_secrets(record: T) -> T:
    """The record as a report may show it: no key of ours, no user in a URL, and no half of a character."""
    return redact(record, _redact_text)


def _redact_text(text: str) -> str:
    whole = text.encode("utf-8", "backslashreplace").decode()
    return without_user_info(_KEY.sub("[key]", whole))


@dataclass(frozen=True, slots=True)
class Column:
    """A matrix with its results by case, its score, and its name: the client's alone, and the full one."""

    matrix: Matrix
    name: str
    client: str
    score: Score
    results: dict[str, Result]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many results have each verdict."""
        counts = Counter(result.verdict for result in self.results.values())
        return {verdict: counts[verdict] for verdict in VERDICTS}


@dataclass(frozen=True, slots=True)
class Row:
    """A case, and its result in each column: None if that run did not include it."""

    case: CaseSummary
    cells: tuple[Result | None, ...]

    @property
    def worst(self) -> Verdict:
        """The worst verdict in it."""
        verdicts = {result.verdict for result in self.cells if result}
        return next(verdict for verdict in VERDICTS if verdict in verdicts)

    @property
    def level(self) -> Level:
        """The strictest level in it: MUST where a run breaks one."""
        levels = {result.case.level for result in self.cells if result}
        return next(level for level in get_args(Level) if level in levels)

    @property
    def is_to_mend(self) -> bool:
        """Whether a run has not got through the case."""
        return any(result.verdict in TO_MEND for result in self.cells if result)

    @property
    def reading_rank(self) -> int:
        """Its place among the rows, that of its first verdict in reading order."""
        return min(READING_ORDER.index(result.verdict) for result in self.cells if result)


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """All columns and rows. Rows stand together by family, and in the order of the run within it."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def families(self) -> list[tuple[str, list[Row]]]:
        """The rows by family."""
        families: dict[str, list[Row]] = {}
        for row in self.rows:
            families.setdefault(row.case.family, []).append(row)
        return list(families.items())

    @property
    def to_mend(self) -> list[Row]:
        """The rows that somebody has to look at, failures first."""
        return sorted((row for row in self.rows if row.is_to_mend), key=lambda row: row.reading_rank)

    @property
    def sections(self) -> list[tuple[str, list[Row]]]:
        """The rows as a report shows them: those to mend first, and the others by family."""
        good = {name: [row for row in rows if not row.is_to_mend] for name, rows in self.families}
        parts = {"to mend": self.to_mend, **good}
        return [(name, rows) for name, rows in parts.items() if rows]

    @property
    def causes(self) -> list[tuple[Column, tuple[Cause, ...]]]:
        """What to mend first in each run that has something to mend."""
        causes = [(column, find_causes(column.matrix.results)) for column in self.columns]
        return [(column, named) for column, named in causes if named]

    @property
    def score(self) -> Score:
        """The score of all runs together."""
        return score(result for column in self.columns for result in column.results.values())

    @property
    def failed(self) -> bool:
        """Whether a run fails: a MUST is broken in it, or an entry of its known failures is stale."""
        return any(column.matrix.exit_code == 1 for column in self.columns)

    @property
    def incomplete(self) -> bool:
        """Whether nothing failed, and some cases could not run."""
        return not self.failed and any(column.matrix.exit_code == INCOMPLETE for column in self.columns)

    def count(self, verdict: Verdict) -> int:
        """How many cells have that verdict."""
        return sum(column.counts[verdict] for column in self.columns)

    @property
    def harms(self) -> str:
        """What the broken MUSTs put at risk: `money in 2 cases, security in 1 case`; empty for none."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            counts.update(result.case.harm for result in row.cells if result and result.verdict == "fail")
        return ", ".join(
            f"{word} in {plural(counts[harm], 'case')}" for harm, word in HARMS.items() if counts[harm]
        )


def tabulate(matrices: Sequence[Matrix]) -> ComparisonTable:
    """The matrices side by side."""
    columns = tuple(_columns(matrices))
    cases: dict[str, CaseSummary] = {}
    for column in columns:
        for result in column.results.values():
            cases.setdefault(result.case.id, result.case)
    ordered = sorted(cases.values(), key=lambda case: _family_rank(case.family))
    rows = tuple(Row(case, tuple(column.results.get(case.id) for column in columns)) for case in ordered)
    return ComparisonTable(columns, rows)


def _family_rank(family: str) -> int:
    if family in FAMILIES:
        return FAMILIES.index(family)
    return len(FAMILIES)


def _columns(matrices: Sequence[Matrix]) -> list[Column]:
    names = Counter(map(_name, matrices))
    return [
        Column(
            matrix=matrix,
            name=_name_with_time(matrix) if names[_name(matrix)] > 1 else _name(matrix),
            client=client_label(matrix),
            score=score(matrix.results),
            results={result.case.id: result for result in matrix.results},
        )
        for matrix in matrices
    ]


def _name(matrix: Matrix) -> str:
    name = f"{client_label(matrix)} with {matrix.provider}"
    if matrix.profile == "documented":
        return name
    return f"{name}, profile {matrix.profile}"


def _name_with_time(matrix: Matrix) -> str:
    return f"{_name(matrix)}, {day_and_time(matrix.started)}"


def client_label(matrix: Matrix) -> str:
    """The client in short: its name, or its command without folders and without the middle of a long one."""
    if matrix.name:
        return matrix.name
    words = [PurePath(word).name or word for word in matrix.command] or [matrix.client]
    text = " ".join(words)
    half = _LONGEST // 2
    if len(text) <= _LONGEST:
        return text
    return f"{text[:half]} … {text[-half:]}"


def new_breaches(result: Result) -> list[CaseBreach]:
    """The breaches that the baseline case does not show."""
    return [breach for breach in result.breaches if not breach.in_baseline]
