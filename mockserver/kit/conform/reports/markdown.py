"""The runs as a summary for a pull request, or the step summary of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.kit.conform.reports.badge import LABEL
from mockserver.kit.conform.results.causes import TO_MEND
from mockserver.kit.conform.results.comparison_table import (
    SIGNS,
    VERDICT_TEXTS,
    ComparisonTable,
    Row,
    new_breaches,
    tabulate,
)
from mockserver.kit.conform.results.result import VERDICTS, Matrix, Result, Verdict
from mockserver.kit.report.markdown import cell, code, text

_MOST: Final = 40
"""The most cases in a table; half as many are written out. A step summary may have 1 MB, a comment 64 KiB."""
_SHOWN: Final = 3
"""The most breaches of a case."""


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as GitHub's Markdown."""
    return "\n".join(_lines(tabulate(matrices))) + "\n"


def _lines(table: ComparisonTable) -> Iterator[str]:
    yield f"### {_verdict_sign(table)} mockserver conform: {LABEL} {table.score.line}"
    if table.harms:
        yield from ("", f"Broken: {table.harms}.")
    yield from _shortfalls(table)
    yield from _causes(table)
    yield from _scores(table)
    yield from _matrix(table)
    for verdict in TO_MEND:
        yield from _cases(table, verdict)
    yield from _known(table)
    yield from ("", f"<sub>{text(table.score.formula)} Here: {text(table.score.sum)}.</sub>")


def _verdict_sign(table: ComparisonTable) -> str:
    if table.failed:
        return "❌"
    return "❔" if table.incomplete else "✅"


def _shortfalls(table: ComparisonTable) -> Iterator[str]:
    for column in table.columns:
        if column.matrix.shortfall:
            yield from ("", f"{text(column.name)}: **{text(column.matrix.shortfall)}**")


def _causes(table: ComparisonTable) -> Iterator[str]:
    """What to mend first, a sentence and an advice each."""
    for column, causes in table.causes:
        name = f"{cell(column.name)}: " if len(table.columns) > 1 else ""
        yield ""
        for number, cause in enumerate(causes, 1):
            yield f"{number}. {name}{text(cause.sentence)} **{text(cause.advice)}**"


def _scores(table: ComparisonTable) -> Iterator[str]:
    yield from ("", f"| client and provider | score | {' | '.join(VERDICTS)} | seconds |")
    yield f"| --- | ---: |{' ---: |' * (len(VERDICTS) + 1)}"
    for column in table.columns:
        counts = " | ".join(str(column.counts[verdict]) for verdict in VERDICTS)
        yield f"| {cell(column.name)} | {column.score.shown} | {counts} | {column.matrix.took:.0f} |"


def _matrix(table: ComparisonTable) -> Iterator[str]:
    """The rows that somebody has to look at."""
    rows = table.to_mend
    if not rows:
        return
    yield from ("", f"| case | level | {' | '.join(cell(column.name) for column in table.columns)} |")
    yield f"| --- | --- |{' --- |' * len(table.columns)}"
    for row in rows[:_MOST]:
        yield f"| {cell(row.case.id)} | {row.level} | {' | '.join(map(_sign, row.cells))} |"
    yield from _more(len(rows))
    legend = " · ".join(f"{SIGNS[verdict]} {VERDICT_TEXTS[verdict]}" for verdict in VERDICTS)
    yield from ("", f"<sub>{legend}</sub>")


def _sign(result: Result | None) -> str:
    if result is None:
        return " "
    return f"{SIGNS[result.verdict]} {result.verdict}{_known_mark(result)}"


def _known_mark(result: Result) -> str:
    return " (known)" if result.excused else ""


def _more(count: int, most: int = _MOST) -> Iterator[str]:
    if count > most:
        yield from ("", f"… and {count - most} more.")


def _cases(table: ComparisonTable, verdict: Verdict) -> Iterator[str]:
    """The cases with that verdict, written out."""
    rows = [row for row in table.rows if _results(row, verdict)]
    if not rows:
        return
    unfolded = " open" if verdict == "fail" else ""
    yield from ("", f"<details{unfolded}><summary>{SIGNS[verdict]} {VERDICT_TEXTS[verdict]}")
    yield f"({len(rows)})</summary>"
    most = max(5, _MOST // (2 * len(table.columns)))
    for row in rows[:most]:
        yield from _case(table, row, verdict)
    yield from _more(len(rows), most)
    yield from ("", "</details>")


def _results(row: Row, verdict: Verdict) -> dict[int, Result]:
    """The row's results with that verdict, by the number of their column."""
    cells = enumerate(row.cells)
    return {number: result for number, result in cells if result and result.verdict == verdict}


def _case(table: ComparisonTable, row: Row, verdict: Verdict) -> Iterator[str]:
    case = row.case
    yield from ("", f"**{code(case.id)}** {text(case.title)} ({row.level}, {text(case.harm)})")
    yield from ("", text(case.requirement), "")
    for number, result in _results(row, verdict).items():
        yield f"- {code(table.columns[number].name)}{_known_mark(result)}"
        yield from _result(result)
    if verdict != "could not run":
        yield from ("", f"Why: {text(case.why)}", "", f"Advice: {text(case.advice)}")


def _result(result: Result) -> Iterator[str]:
    if result.reason or result.excused:
        yield f"  - reason: {text(result.reason or result.excused)}"
    breaches = new_breaches(result)
    for breach in breaches[:_SHOWN]:
        yield f"  - expected {text(breach.expected)} ({breach.level}), but {code(breach.actual)}"
    if len(breaches) > _SHOWN:
        yield f"  - … and {len(breaches) - _SHOWN} more"
    for change in result.changes[:_SHOWN]:
        yield f"  - breaks where {code(change)}"
    if result.reproduce:
        yield f"  - again: {code(result.reproduce, len(result.reproduce))}"


def _known(table: ComparisonTable) -> Iterator[str]:
    entries = [entry for column in table.columns for entry in column.matrix.known]
    if entries:
        yield from ("", "| known failure | provider | outcome | reason |", "| --- | --- | --- | --- |")
    for entry in entries:
        yield f"| {cell(entry.case)} | {text(entry.provider)} | {entry.outcome} | {text(entry.reason)} |"
