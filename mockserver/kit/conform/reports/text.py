"""Results as text: a line for each, and for a failure all that is needed to understand and repeat it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.escapes import plain, plain_line
from mockserver.kit.conform.case import PLAIN
from mockserver.kit.conform.results.causes import Cause, find_causes, in_reading_order
from mockserver.kit.conform.results.result import (
    CaseBreach,
    ClientRunSummary,
    Matrix,
    Result,
    TimelineStep,
)
from mockserver.kit.conform.results.score import score
from mockserver.numerals import plural

WIDTH: Final = 110
_LABEL: Final = 11
_SHOWN: Final = 24
"""The most exchanges of a timeline that are shown, unless all are wanted."""
_HEADINGS: Final = {"could not run": "COULD NOT RUN", "fail": "FAIL", "weak": "WEAK", "remark": "REMARK"}
_QUIET: Final = ("pass", "not applicable")


def result_line(result: Result) -> str:
    """The result in a line."""
    known = f" (known: {result.excused})" if result.excused else ""
    return plain_line(f"{result.verdict:<14} {result.case.id}  {result.seconds:.1f} s{known}")


def render(matrix: Matrix, *, trace: bool = False) -> str:
    """What the run lacks, what to mend first, each result that needs a look, and the summary with the score.

    With `trace` every result is shown with its whole timeline.
    """
    ordered = in_reading_order(matrix.results)
    unjudged = [] if trace else [result for result in ordered if _is_repeated(result, ordered)]
    shown = [result for result in ordered if trace or (_is_news(result) and result not in unjudged)]
    parts = [matrix.shortfall] if matrix.shortfall else []
    parts += ["\n".join(_cause_lines(cause)) for cause in find_causes(matrix.results)]
    parts += ["\n".join(details(result, trace=trace)) for result in shown]
    parts += _unjudged(unjudged)
    if not trace:
        parts += _baseline_remarks([result for result in ordered if _only_in_baseline(result)])
    return plain("\n\n".join([*parts, "\n".join(summary(matrix))]))


def _cause_lines(cause: Cause) -> Iterator[str]:
    yield from textwrap.wrap(f"MEND  {cause.sentence}", WIDTH, subsequent_indent="      ")
    yield from textwrap.wrap(cause.advice, WIDTH, initial_indent="      ", subsequent_indent="      ")


def _is_repeated(result: Result, results: Sequence[Result]) -> bool:
    """Whether the case could not run for a reason that others share."""
    if result.verdict != "could not run" or result.case.id == PLAIN:
        return False
    return sum(other.reason == result.reason for other in results) > 1


def _unjudged(results: Sequence[Result]) -> Iterator[str]:
    """A paragraph for each reason, with the cases that could not run for it."""
    by_reason: dict[str, list[str]] = {}
    for result in results:
        by_reason.setdefault(result.reason, []).append(result.case.id)
    for reason, names in by_reason.items():
        text = f"COULD NOT RUN  {plural(len(names), 'case')}: {reason}: {', '.join(names)}"
        yield "\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False))


def _is_news(result: Result) -> bool:
    return result.verdict not in _QUIET and not _only_in_baseline(result)


def _only_in_baseline(result: Result) -> bool:
    """Whether the client breaks only rules that it breaks in the baseline case too."""
    return bool(result.breaches) and all(breach.in_baseline for breach in result.breaches)


def _baseline_remarks(results: Sequence[Result]) -> Iterator[str]:
    """One paragraph for all of them."""
    if not results:
        return
    rules: set[str] = set()
    for result in results:
        rules.update(breach.judge for breach in result.breaches)
    judges, cases = ", ".join(sorted(rules)), ", ".join(result.case.id for result in results)
    remark = f"REMARK  passed but for what is wrong in the baseline case too ({judges}): {cases}"
    yield "\n".join(textwrap.wrap(remark, WIDTH, subsequent_indent="  "))


def details(result: Result, *, trace: bool = False) -> Iterator[str]:
    """What the case demands, what happened, why it matters, what to do, and how to repeat it."""
    case = result.case
    heading = _HEADINGS.get(result.verdict, result.verdict)
    yield f"{heading}  {case.id}  {case.title}  [{result.provider}, {case.level}, {case.harm}]"
    yield from _reasons(result)
    for breach in result.breaches:
        yield from _breach(breach)
    if result.changes:
        yield from _paragraph("answers", "the client breaks where")
        yield from (f"{'':{_LABEL}}  * {change}" for change in result.changes)
    if result.verdict in ("fail", "weak"):
        yield from _paragraph("why", case.why)
        yield from _paragraph("advice", case.advice)
        yield from _paragraph("source", case.source)
    if trace or result.breaches:
        yield from _timeline(result, trace=trace)
    if result.reproduce and result.verdict not in _QUIET:
        yield f"  {'reproduce':<{_LABEL - 2}}  {result.reproduce}"


def _reasons(result: Result) -> Iterator[str]:
    if result.excused:
        yield from _paragraph("known", result.excused)
    if result.reason:
        yield from _paragraph("reason", result.reason)
    if result.verdict not in _QUIET:
        yield from _paragraph("required", result.case.requirement)


def _breach(breach: CaseBreach) -> Iterator[str]:
    yield from _paragraph("expected", f"{breach.expected}  ({breach.level}, {breach.judge})")
    actual = breach.actual
    if breach.exchanges:
        actual += f"  (exchange {', '.join(f'#{number}' for number in breach.exchanges[:8])})"
    if breach.in_baseline:
        actual += "; it does so in the baseline case too, see request-plain"
    yield from _paragraph("but", actual)


def _timeline(result: Result, *, trace: bool) -> Iterator[str]:
    clock = "a moved clock" if result.virtual else "its run"
    yield from _paragraph("did", f"what the client did, in seconds of {clock}")
    steps = result.steps
    if not trace and len(steps) > _SHOWN:
        half = _SHOWN // 2
        yield from map(step_line, steps[:half])
        yield f"{'':{_LABEL}}  ... {len(steps) - 2 * half} more ..."
        steps = steps[-half:]
    yield from map(step_line, steps)
    if not steps:
        yield f"{'':{_LABEL}}  it made no request"
    for run in result.runs:
        yield from _run(run, result.case.budget)


def step_line(step: TimelineStep) -> str:
    """An exchange in a line: number, moment, request, status, state, faults."""
    request = f"{step.role or '?':<6} {step.method:<4} {_short(step.path):<44}"
    response = f"{step.status or '---'} {step.state}"
    if step.faults:
        response += f"  <- {', '.join(step.faults)}"
    if not step.heard:
        response += ", no answer arrived"
    if step.note:
        response += f"  {step.note}"
    return f"{'':{_LABEL}}#{step.number:<4} {step.at:7.3f}  {request} {response}".rstrip()


def _run(run: ClientRunSummary, budget: float) -> Iterator[str]:
    ending = {
        "exited": f"exit code {run.exit_code}",
        "killed": "killed by the case",
        "over budget": f"killed with all that it started, at the case's budget of {budget:g} s,",
    }[run.ending]
    note = f"; {run.note}" if run.note else ""
    yield from _paragraph("ended", f"{ending} after {run.seconds:.1f} s{note}")
    for name, text in (("stdout", run.stdout), ("stderr", run.stderr)):
        for number, line in enumerate(text.splitlines()):
            yield f"  {name if number == 0 else '':<{_LABEL - 2}}| {line}"


def _paragraph(label: str, text: str) -> Iterator[str]:
    head = f"  {label:<{_LABEL - 2}}  "
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
    )


def _short(path: str) -> str:
    if len(path) <= 44:
        return path
    return f"{path[:18]}...{path[-23:]}"


def summary(matrix: Matrix) -> Iterator[str]:
    """How many results have each verdict, the score, stale known failures, and the slowest cases."""
    counts = ", ".join(f"{number} {verdict}" for verdict, number in matrix.counts.items() if number)
    cases = plural(len(matrix.results), "case")
    yield f"{matrix.provider}: {cases} in {matrix.took:.1f} s: {counts or 'nothing ran'}"
    total = score(matrix.results)
    yield f"  conformance {total.line}  ({total.sum})"
    excused = sum(bool(result.excused) for result in matrix.results)
    if excused:
        yield f"  {excused} of them known"
    for entry in matrix.stale:
        yield f"  STALE  the entry {entry.case!r} of the known failures {entry.outcome} ({entry.reason})"
    yield from _slowest(matrix.results, matrix.took)
    yield from textwrap.wrap(total.formula, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _slowest(results: Sequence[Result], took: float) -> Iterator[str]:
    """The slowest cases of a long run: a case lasts as long as its client works."""
    if took < 60:
        return
    slowest = sorted(results, key=lambda result: -result.seconds)[:3]
    named = ", ".join(f"{result.case.id} {result.seconds:.1f} s" for result in slowest)
    yield f"  a case lasts as long as the client takes: the slowest were {named}; more at a time with -j"
