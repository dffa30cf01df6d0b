"""The runs as JUnit XML: a suite for each client and provider, a test case for each case."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from mockserver.kit.conform.reports.text import details
from mockserver.kit.conform.results.causes import find_causes, in_reading_order
from mockserver.kit.conform.results.comparison_table import Column, new_breaches, tabulate
from mockserver.kit.conform.results.result import KnownCaseOutcome, Matrix, Result
from mockserver.kit.report.junit_frame import add, document, element, suite


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as JUnit XML."""
    table = tabulate(matrices)
    seconds = sum(matrix.took for matrix in matrices)
    return document(f"mockserver conform: {table.score.line}", seconds, map(_suite, table.columns))


def _suite(column: Column) -> ElementTree.Element:
    matrix = column.matrix
    cases = [_case(result) for result in in_reading_order(matrix.results)]
    cases += [_known(matrix, entry) for entry in matrix.known]
    return suite(column.name, matrix.started, f"{matrix.took:.3f}", _properties(column), cases)


def _properties(column: Column) -> dict[str, str]:
    matrix = column.matrix
    causes = find_causes(matrix.results)
    shortfall = {"verdict": matrix.shortfall} if matrix.shortfall else {}
    return {
        **shortfall,
        **{f"mend.{number}": f"{cause.sentence} {cause.advice}" for number, cause in enumerate(causes, 1)},
        "client": column.client,
        "provider": matrix.provider,
        "profile": matrix.profile,
        "seed": str(matrix.seed),
        "supports": ",".join(matrix.supports),
        "version": matrix.version,
        "score": column.score.line,
        "score.sum": column.score.sum,
        "score.formula": column.score.formula,
    }


def _case(result: Result) -> ElementTree.Element:
    """A failure if a MUST is broken, an error if the case could not run, skipped if the case does not apply
    or its failure is known. The details of other verdicts are output.
    """
    family = f"conform.{result.provider}.{result.case.family}"
    case = element("testcase", classname=family, name=result.case.id, time=f"{result.seconds:.3f}")
    text = "\n".join(details(result))
    if result.verdict == "not applicable":
        add(case, "skipped", message=f"not applicable: {result.reason}")
    elif result.excused:
        add(case, "skipped", message=f"known: {result.excused}")
        add(case, "system-out", text)
    elif result.verdict == "fail":
        add(case, "failure", text, type=_first_must(result), message=_problems(result))
    elif result.verdict == "could not run":
        add(case, "error", text, type="could not run", message=result.reason)
    elif result.verdict != "pass":
        add(case, "system-out", text)
    return case


def _first_must(result: Result) -> str:
    return next((breach.judge for breach in result.breaches if breach.level == "MUST"), result.case.id)


def _problems(result: Result) -> str:
    """What was expected and what was, for each MUST that is broken."""
    breaches = [breach for breach in new_breaches(result) if breach.level == "MUST"]
    problems = (f"expected {breach.expected}, but {breach.actual}" for breach in breaches)
    return f"{result.case.title}: {'; '.join(problems)}"


def _known(matrix: Matrix, entry: KnownCaseOutcome) -> ElementTree.Element:
    case = element("testcase", classname=f"conform.{matrix.provider}.known", name=entry.case, time="0")
    if entry in matrix.stale:
        add(case, "failure", entry.reason, type="known", message=f"{entry.case}: {entry.outcome}")
    return case
