"""Runs side by side: a column for each client and provider, a row for each case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import PurePath
from typing import Final, TypeVar

from mockserver.kit.conform.case import FAMILIES
from mockserver.kit.conform.results.result import SHADES, CaseBreach, Matrix, Result, Shade
from mockserver.kit.conform.results.score import Score, score
from mockserver.kit.report.formatting import day_and_time, plural

T = TypeVar("T")
SIGNS: Final[dict[Shade, str]] = {
    "could not run": "?", "fail": "✗", "weak": "▲", "remark": "✓*", "pass": "✓", "not applicable": "–",
}  # fmt: skip
"""A sign for each shade: nothing is told by colour alone."""
WORDS: Final[dict[Shade, str]] = {
    "could not run": "could not run: the set-up failed, no verdict on the client",
    "fail": "fail: a MUST is broken",
    "weak": "weak: a SHOULD is broken",
    "remark": "pass with a remark",
    "pass": "pass",
    "not applicable": "not applicable",
}
HARMS: Final = {"money": "money", "work": "lost work", "security": "security", "manners": "manners"}
_KEY: Final = re.compile(r"sk-conform-[0-9a-f]+")
_USER: Final = re.compile(r"(?<=://)[^/?#\s'\"@]*@")
_LONGEST: Final = 60


def public(value: T) -> T:
    """A record as it may be shown: no key of ours and no user in a URL, whatever a client wrote, and no half
    of a character.
    """
    if isinstance(value, str):
        return _shown(value)  # type: ignore[return-value]
    if isinstance(value, tuple | list):
        return type(value)(public(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: public(getattr(value, one.name)) for one in fields(value)})
    return value


def _shown(text: str) -> str:
    whole = text.encode("utf-8", "backslashreplace").decode()
    return _USER.sub("", _KEY.sub("[key]", whole))


@dataclass(frozen=True, slots=True)
class Column:
    """A matrix, what to call it (`name` says all, `client` who alone), and its score."""

    matrix: Matrix
    name: str
    client: str
    score: Score
    results: dict[str, Result]

    @property
    def counts(self) -> dict[Shade, int]:
        """How many of each shade."""
        found = Counter(one.shade for one in self.results.values())
        return {shade: found[shade] for shade in SHADES}


@dataclass(frozen=True, slots=True)
class Row:
    """A case, and what became of it in each column: None where it was not asked for."""

    case: Result
    cells: tuple[Result | None, ...]

    @property
    def worst(self) -> Shade:
        """The worst shade in it that counts; `pass` before `not applicable`."""
        found = {one.shade for one in self.cells if one}
        return next(one for one in SHADES if one in found)


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """All columns and rows; rows stand together by family, otherwise as they were run."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def families(self) -> list[tuple[str, list[Row]]]:
        """The rows by family."""
        names = dict.fromkeys(one.case.family for one in self.rows)
        return [(name, [one for one in self.rows if one.case.family == name]) for name in names]

    @property
    def score(self) -> Score:
        """Of all together."""
        return score(one for column in self.columns for one in column.results.values())

    @property
    def failed(self) -> bool:
        """Whether one of the runs is not to be let pass."""
        return any(column.matrix.exit_code == 1 for column in self.columns)

    def count(self, shade: Shade) -> int:
        """Cells of that shade."""
        return sum(column.counts[shade] for column in self.columns)

    @property
    def harms(self) -> str:
        """What the broken MUSTs put at risk: `money in 2 cases, security in 1 case`; empty for none."""
        found = Counter(cell.harm for row in self.rows for cell in row.cells if cell and cell.shade == "fail")
        return ", ".join(
            f"{word} in {plural(found[harm], 'case')}" for harm, word in HARMS.items() if found[harm]
        )


def grid(matrices: Sequence[Matrix]) -> ComparisonTable:
    """The matrices side by side."""
    columns = tuple(_columns(matrices))
    cases: dict[str, Result] = {}
    for column in columns:
        for name, one in column.results.items():
            cases.setdefault(name, one)
    ordered = sorted(cases.values(), key=lambda one: _place(one.family))
    rows = tuple(Row(one, tuple(column.results.get(one.case) for column in columns)) for one in ordered)
    return ComparisonTable(columns, rows)


def _place(family: str) -> int:
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def _columns(matrices: Sequence[Matrix]) -> list[Column]:
    names = [_name(one) for one in matrices]
    many = Counter(names)
    return [
        Column(
            matrix=one,
            name=f"{name}, {day_and_time(one.started)}" if many[name] > 1 else name,
            client=client(one),
            score=score(one.results),
            results={result.case: result for result in one.results},
        )
        for one, name in zip(matrices, names, strict=True)
    ]


def _name(matrix: Matrix) -> str:
    profile = "" if matrix.profile == "documented" else f", profile {matrix.profile}"
    return f"{client(matrix)} with {matrix.provider}{profile}"


def client(matrix: Matrix) -> str:
    """The client in short: its command without folders, the middle left out where it is long."""
    words = [PurePath(word).name or word for word in matrix.command] or [matrix.client]
    text = " ".join(words)
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


def broken(result: Result) -> list[CaseBreach]:
    """The breaches that say something new."""
    return [one for one in result.breaches if not one.as_ever]
