"""The runs as a summary for a pull request, or the step summary of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.kit.conform.reports.badge import LABEL
from mockserver.kit.conform.results.comparison_table import SIGNS, WORDS, ComparisonTable, Row, broken, grid
from mockserver.kit.conform.results.result import SHADES, Matrix, Result, Shade
from mockserver.kit.report.markdown import cell, code, text

_BAD: Final[tuple[Shade, ...]] = ("could not run", "fail", "weak")
_MOST: Final = 40
"""Cases of a table, and half as many that are told: a step's summary holds a megabyte, a comment 64 KiB."""
_SHOWN: Final = 3
"""Breaches of a case."""


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as Markdown of GitHub's kind."""
    return "\n".join(_lines(grid(matrices))) + "\n"


def _lines(sides: ComparisonTable) -> Iterator[str]:
    yield f"### {'❌' if sides.failed else '✅'} mockserver conform: {LABEL} {sides.score.line}"
    if sides.harms:
        yield from ("", f"Broken: {sides.harms}.")
    yield from _scores(sides)
    yield from _matrix(sides)
    for shade in ("fail", "could not run", "weak"):
        yield from _told(sides, shade)
    yield from _known(sides)
    yield from ("", f"<sub>{text(sides.score.formula)} Here: {text(sides.score.sum)}.</sub>")


def _scores(sides: ComparisonTable) -> Iterator[str]:
    yield from ("", f"| client and provider | score | {' | '.join(SHADES)} | seconds |")
    yield f"| --- | ---: |{' ---: |' * (len(SHADES) + 1)}"
    for one in sides.columns:
        counts = " | ".join(str(one.counts[shade]) for shade in SHADES)
        yield f"| {cell(one.name)} | {one.score.shown} | {counts} | {one.matrix.took:.0f} |"


def _matrix(sides: ComparisonTable) -> Iterator[str]:
    """The rows that somebody has to look at."""
    rows = [row for row in sides.rows if row.worst in _BAD]
    if not rows:
        return
    yield from ("", f"| case | level | {' | '.join(cell(one.name) for one in sides.columns)} |")
    yield f"| --- | --- |{' --- |' * len(sides.columns)}"
    for row in rows[:_MOST]:
        cells = " | ".join(_sign(one) for one in row.cells)
        yield f"| {cell(row.case.case)} | {row.case.level} | {cells} |"
    yield from _more(len(rows))
    yield from ("", "<sub>" + " · ".join(f"{SIGNS[one]} {WORDS[one]}" for one in SHADES) + "</sub>")


def _sign(result: Result | None) -> str:
    if result is None:
        return " "
    return f"{SIGNS[result.shade]} {result.shade}{' (known)' if result.excused else ''}"


def _more(count: int, most: int = _MOST) -> Iterator[str]:
    if count > most:
        yield from ("", f"… and {count - most} more.")


def _told(sides: ComparisonTable, shade: Shade) -> Iterator[str]:
    rows = [row for row in sides.rows if any(one and one.shade == shade for one in row.cells)]
    if not rows:
        return
    yield from ("", f"<details{' open' if shade == 'fail' else ''}><summary>{SIGNS[shade]} {WORDS[shade]}")
    yield f"({len(rows)})</summary>"
    most = max(5, _MOST // (2 * len(sides.columns)))
    for row in rows[:most]:
        yield from _case(sides, row, shade)
    yield from _more(len(rows), most)
    yield from ("", "</details>")


def _case(sides: ComparisonTable, row: Row, shade: Shade) -> Iterator[str]:
    case = row.case
    yield from ("", f"**{code(case.case)}** {text(case.title)} ({case.level}, {text(case.harm)})")
    yield from ("", text(case.requirement), "")
    for column, one in zip(sides.columns, row.cells, strict=True):
        if one and one.shade == shade:
            yield f"- {code(column.name)}{' (known)' if one.excused else ''}"
            yield from _result(one)
    if shade != "could not run":
        yield from ("", f"Why: {text(case.why)}", "", f"Advice: {text(case.advice)}")


def _result(result: Result) -> Iterator[str]:
    if result.reason or result.excused:
        yield f"  - reason: {text(result.reason or result.excused)}"
    found = broken(result)
    for one in found[:_SHOWN]:
        yield f"  - expected {text(one.expected)} ({one.level}), but {code(one.actual)}"
    if len(found) > _SHOWN:
        yield f"  - … and {len(found) - _SHOWN} more"
    for change in result.changes[:_SHOWN]:
        yield f"  - breaks where {code(change)}"
    if result.reproduce:
        yield f"  - again: {code(result.reproduce, len(result.reproduce))}"


def _known(sides: ComparisonTable) -> Iterator[str]:
    every = [one for column in sides.columns for one in column.matrix.known]
    if every:
        yield from ("", "| known failure | provider | outcome | reason |", "| --- | --- | --- | --- |")
    for one in every:
        yield f"| {cell(one.case)} | {text(one.provider)} | {one.outcome} | {text(one.reason)} |"
