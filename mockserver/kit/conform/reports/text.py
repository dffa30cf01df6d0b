"""Results as text: a line each, and for what went wrong all that is needed to understand and repeat it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.kit.conform.results.result import (
    SHADES,
    CaseBreach,
    ClientRunSummary,
    Matrix,
    Result,
    TimelineStep,
)
from mockserver.kit.conform.results.score import score

WIDTH: Final = 110
_LABEL: Final = 11
_SHOWN: Final = 24
"""Exchanges of a timeline that are shown unless all are asked for."""
_WORDS: Final = {"could not run": "COULD NOT RUN", "fail": "FAIL", "weak": "WEAK", "remark": "REMARK"}
_QUIET: Final = ("pass", "not applicable")


def line(result: Result) -> str:
    """The result in a line."""
    known = f" (known: {result.excused})" if result.excused else ""
    return f"{result.shade:<14} {result.case}  {result.seconds:.1f} s{known}"


def tell(matrix: Matrix, *, trace: bool = False) -> str:
    """All that is worth saying, the worst first, and the sum at the end."""
    told = [one for shade in SHADES for one in matrix.results if one.shade == shade]
    shown = [one for one in told if trace or not (one.shade in _QUIET or _no_news(one))]
    parts = ["\n".join(details(one, trace=trace)) for one in shown]
    rest = [] if trace else list(_as_ever([one for one in told if _no_news(one)]))
    return "\n\n".join([*parts, *rest, "\n".join(summary(matrix))])


def _no_news(result: Result) -> bool:
    """Whether there is only what the client gets wrong in plain weather too."""
    return bool(result.breaches) and all(one.as_ever for one in result.breaches)


def _as_ever(results: Sequence[Result]) -> Iterator[str]:
    if results:
        rules = sorted({one.judge for result in results for one in result.breaches})
        cases = ", ".join(one.case for one in results)
        what = f"REMARK  passed but for what is wrong in plain weather too ({', '.join(rules)}): {cases}"
        yield "\n".join(textwrap.wrap(what, WIDTH, subsequent_indent="  "))


def details(result: Result, *, trace: bool = False) -> Iterator[str]:
    """What was demanded, what was found, why it matters, what to do, and how to see it again."""
    word = _WORDS.get(result.shade, result.shade)
    yield f"{word}  {result.case}  {result.title}  [{result.provider}, {result.level}, {result.harm}]"
    yield from _why(result)
    for breach in result.breaches:
        yield from _breach(breach)
    if result.changes:
        yield from _part("answers", "the client breaks where")
        yield from (f"{'':{_LABEL}}  * {one}" for one in result.changes)
    if result.shade in ("fail", "weak"):
        for label, text in (("why", result.why), ("advice", result.advice), ("source", result.source)):
            yield from _part(label, text)
    if trace or result.breaches:
        yield from _did(result, trace=trace)
    if result.reproduce and result.shade not in _QUIET:
        yield f"  {'reproduce':<{_LABEL - 2}}  {result.reproduce}"


def _why(result: Result) -> Iterator[str]:
    if result.excused:
        yield from _part("known", result.excused)
    if result.reason:
        yield from _part("reason", result.reason)
    if result.shade not in _QUIET:
        yield from _part("required", result.requirement)


def _breach(breach: CaseBreach) -> Iterator[str]:
    yield from _part("expected", f"{breach.expected}  ({breach.level}, {breach.judge})")
    shown = f"  (exchange {', '.join(f'#{one}' for one in breach.exchanges[:8])})" if breach.exchanges else ""
    ever = "; it does so in plain weather too, see request-plain" if breach.as_ever else ""
    yield from _part("but", f"{breach.actual}{shown}{ever}")


def _did(result: Result, *, trace: bool) -> Iterator[str]:
    yield from _part(
        "did", "what the client did, in seconds of " + ("a moved clock" if result.virtual else "its run")
    )
    steps = result.steps
    if not trace and len(steps) > _SHOWN:
        half = _SHOWN // 2
        yield from map(step, steps[:half])
        yield f"{'':{_LABEL}}  ... {len(steps) - 2 * half} more ..."
        steps = steps[-half:]
    yield from map(step, steps)
    if not steps:
        yield f"{'':{_LABEL}}  it asked nothing of the server"
    for run in result.runs:
        yield from _run(run, result.budget)


def step(one: TimelineStep) -> str:
    """An exchange in a line: number, moment, what was asked, status, state, fault."""
    faults = f"  <- {', '.join(one.faults)}" if one.faults else ""
    unheard = ", no answer arrived" if not one.heard else ""
    note = f"  {one.note}" if one.note else ""
    asked = f"{one.role or '?':<6} {one.method:<4} {_short(one.path):<44}"
    told = f"{one.status or '---'} {one.state}{faults}{unheard}{note}"
    return f"{'':{_LABEL}}#{one.number:<4} {one.at:7.3f}  {asked} {told}".rstrip()


def _run(run: ClientRunSummary, budget: float) -> Iterator[str]:
    how = {
        "exited": f"exit code {run.exit_code}",
        "killed": "killed by the case",
        "over budget": f"killed with all that it started, at the case's budget of {budget:g} s,",
    }[run.ending]
    yield from _part("ended", f"{how} after {run.seconds:.1f} s")
    for name, text in (("stdout", run.stdout), ("stderr", run.stderr)):
        for number, said in enumerate(text.splitlines()):
            yield f"  {name if number == 0 else '':<{_LABEL - 2}}| {said}"


def _part(label: str, text: str) -> Iterator[str]:
    head = f"  {label:<{_LABEL - 2}}  "
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
    )


def _short(path: str) -> str:
    return path if len(path) <= 44 else f"{path[:18]}...{path[-23:]}"


def summary(matrix: Matrix) -> Iterator[str]:
    """How many of each shade, what became of the known, and what took long."""
    counts = ", ".join(f"{number} {shade}" for shade, number in matrix.counts.items() if number)
    yield f"{matrix.provider}: {len(matrix.results)} cases in {matrix.took:.1f} s: {counts or 'nothing ran'}"
    total = score(matrix.results)
    yield f"  conformance {total.line}  ({total.sum})"
    yield from textwrap.wrap(total.formula, WIDTH, initial_indent="  ", subsequent_indent="  ")
    excused = sum(bool(one.excused) for one in matrix.results)
    if excused:
        yield f"  {excused} of them known"
    for one in matrix.stale:
        yield f"  STALE  the entry {one.case!r} of the known failures {one.outcome} ({one.reason})"
    yield from _slow(matrix.results, matrix.took)


def _slow(results: Sequence[Result], took: float) -> Iterator[str]:
    """Cases end when the client does: where a run is long, that is why."""
    if took < 60:
        return
    slowest = sorted(results, key=lambda one: -one.seconds)[:3]
    named = ", ".join(f"{one.case} {one.seconds:.1f} s" for one in slowest)
    yield f"  a case lasts as long as the client takes: the slowest were {named}; more at a time with -j"
