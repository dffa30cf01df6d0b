"""The runs as JUnit XML: a suite for each client and provider, a test case for each case."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from mockserver.kit.conform.reports.text import details
from mockserver.kit.conform.results.comparison_table import Column, grid
from mockserver.kit.conform.results.result import KnownCaseOutcome, Matrix, Result
from mockserver.kit.report.formatting import day_and_time, plain
from mockserver.kit.report.junit import count, element


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as JUnit XML."""
    sides = grid(matrices)
    took = sum(one.took for one in matrices)
    root = element("testsuites", name=f"mockserver conform: {sides.score.line}", time=f"{took:.3f}")
    root.extend(_suite(column) for column in sides.columns)
    count(root, list(root.iter("testcase")))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(column: Column) -> ElementTree.Element:
    matrix = column.matrix
    suite = element("testsuite", name=column.name, timestamp=day_and_time(matrix.started)[:-1])
    suite.set("time", f"{matrix.took:.3f}")
    suite.append(_properties(column))
    cases = [_case(one) for one in matrix.results]
    cases += [_known(matrix, one) for one in matrix.known]
    suite.extend(cases)
    count(suite, cases)
    return suite


def _properties(column: Column) -> ElementTree.Element:
    matrix = column.matrix
    said = {
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
    properties = ElementTree.Element("properties")
    properties.extend(element("property", name=name, value=value) for name, value in said.items())
    return properties


def _case(result: Result) -> ElementTree.Element:
    """Failed where a MUST is broken, in error where it could not run, skipped where nothing is demanded of
    this client or its failure is known; what else there is to say is output.
    """
    place = f"conform.{result.provider}.{result.family}"
    case = element("testcase", classname=place, name=result.case, time=f"{result.seconds:.3f}")
    told = plain("\n".join(details(result)))
    if result.shade == "not applicable":
        case.append(element("skipped", message=f"not applicable: {result.reason}"))
    elif result.excused:
        case.append(element("skipped", message=f"known: {result.excused}"))
        _output(case, told)
    elif result.shade == "fail":
        case.append(element("failure", type=_rule(result), message=_sentence(result)))
        case[-1].text = told
    elif result.shade == "could not run":
        case.append(element("error", type="could not run", message=result.reason))
        case[-1].text = told
    elif result.shade != "pass":
        _output(case, told)
    return case


def _output(case: ElementTree.Element, text: str) -> None:
    case.append(ElementTree.Element("system-out"))
    case[-1].text = text


def _rule(result: Result) -> str:
    return next((one.judge for one in result.breaches if one.level == "MUST"), result.case)


def _sentence(result: Result) -> str:
    """What was expected and what was, of each MUST that is broken."""
    broken = [one for one in result.breaches if one.level == "MUST" and not one.as_ever]
    return f"{result.title}: " + "; ".join(f"expected {one.expected}, but {one.actual}" for one in broken)


def _known(matrix: Matrix, entry: KnownCaseOutcome) -> ElementTree.Element:
    case = element("testcase", classname=f"conform.{matrix.provider}.known", name=entry.case, time="0")
    if entry in matrix.stale:
        case.append(element("failure", type="known", message=f"{entry.case}: {entry.outcome}"))
        case[-1].text = plain(entry.reason)
    return case
