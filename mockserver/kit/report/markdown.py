"""The run as a summary for a pull request, or the step summary of a pipeline."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from mockserver.escapes import plain
from mockserver.kit.findings.finding import Finding, Severity
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.report.formatting import (
    and_more,
    by_check,
    counts,
    drift_lines,
    reason,
    share,
    subject,
    total,
    unexercised,
    unjudged,
    where,
    work,
)
from mockserver.kit.report.locations import SourceLocations
from mockserver.numerals import plural

_SHOWN: Final = 3
_MOST: Final = 40
"""Checks that are shown: a step summary may have a megabyte, a comment 64 KiB."""
_REASONS: Final = 12
_LONG: Final = 600
_MARKS: Final = re.compile(r"([\\`*_\[\]|~]|^[#+>-])")
_SIGN: Final[dict[Severity, str]] = {"failure": "❌", "warning": "⚠️", "note": "ℹ️"}


def render(run: Run, places: SourceLocations) -> str:
    """The run as Markdown of GitHub's kind."""
    return "\n".join(_lines(run, places)) + "\n"


def _lines(run: Run, places: SourceLocations) -> Iterator[str]:
    sign = {0: "✅", 1: "❌", INCOMPLETE: "⚠️"}[run.exit_code]
    yield f"### {sign} mockserver {run.kind}: {_headline(run)}"
    yield ""
    yield f"Judged: {text(subject(run))}; {work(run)}."
    if run.not_judged:
        yield from ("", "#### Not judged", "")
        yield from (f"- {text(line)}" for line in unjudged(run, _REASONS))
    yield from _findings(run, places)
    yield from _drifts(run)
    yield from _known(run)
    yield from _stages(run)
    yield from _coverage(run)
    for note in run.notes:
        yield from ("", f"> {text(note)}")


def _headline(run: Run) -> str:
    return f"INCOMPLETE, {counts(run)}" if run.incomplete else counts(run)


def _findings(run: Run, places: SourceLocations) -> Iterator[str]:
    groups = by_check(run.findings)
    for severity, check, findings in groups[:_MOST]:
        yield from ("", f"#### {_SIGN[severity]} {severity}: {code(check)}{total(len(findings))}")
        yield from ("", text(findings[0].requirement))
        for finding in findings[:_SHOWN]:
            yield ""
            yield from _finding(run, finding, places)
        if len(findings) > _SHOWN:
            yield from ("", f"… and {len(findings) - _SHOWN} more like this.")
    if len(groups) > _MOST:
        yield from ("", f"… and {plural(len(groups) - _MOST, 'more check')}.")


def _finding(run: Run, finding: Finding, places: SourceLocations) -> Iterator[str]:
    yield f"- {code(where(finding))}"
    yield f"  - expected {code(finding.expected)}"
    yield f"  - actual {code(finding.actual)}"
    if finding.source:
        yield f"  - source: {_source(finding, places)}"
    if finding.curl:
        yield f"  - again: {code(finding.curl, len(finding.curl))}"
    for number, step in enumerate(run.histories.get(finding.fingerprint, ()), 1):
        yield f"  - step {number}: {code(step)}"


def _source(finding: Finding, places: SourceLocations) -> str:
    place = places.of(finding)
    if place is None:
        return text(finding.source)
    return f"{text(finding.source)}, {code(str(place))}"


def _drifts(run: Run) -> Iterator[str]:
    if run.drifts:
        yield from ("", "#### Drift", "")
        yield from (f"- {code(line)}" for line in drift_lines(run))


def _known(run: Run) -> Iterator[str]:
    if run.known:
        yield from ("", "#### Known failures", "", "| entry | outcome | reason |", "| --- | --- | --- |")
    for known in run.known:
        yield f"| {cell(known.fingerprint)} | {known.outcome} | {text(known.reason)} |"
    for finding in run.excused[:_SHOWN]:
        yield from ("", f"Excused: {code(finding.sentence)} ({text(reason(run, finding))})")


def _stages(run: Run) -> Iterator[str]:
    if run.stages:
        yield from ("", "| stage | calls | judged | jobs | findings | |")
        yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for stage in run.stages:
        note = text(stage.left_out or stage.title)
        numbers = f"{stage.calls} | {stage.judged} | {stage.jobs} | {stage.findings}"
        yield f"| {text(stage.name)} | {numbers} | {note} |"


def _coverage(run: Run) -> Iterator[str]:
    if not run.coverage:
        return
    yield from ("", "<details><summary>Coverage of the contract</summary>", "")
    yield from ("| part | exercised | not exercised |", "| --- | --- | --- |")
    missing = {name: (some, more) for name, some, more in unexercised(run.coverage, 10)}
    for part in run.coverage:
        some, more = missing.get(part.name, ([], 0))
        yield f"| {text(part.name)} | {share(part)} | {', '.join(map(cell, some))}{and_more(more)} |"
    yield from ("", "</details>")


def text(string: str) -> str:
    """The text in one line, with all that Markdown or HTML would read as markup escaped."""
    line = html.escape(" ".join(plain(string).split()), quote=False)
    # A word joiner behind @ keeps a mention from notifying anybody.
    return _MARKS.sub(r"\\\1", line).replace("@", "@\u2060")


def code(string: str, longest: int = _LONG) -> str:
    """The text in one line as code, with more backticks around it than are in it."""
    line = " ".join(plain(string).split()) or " "
    if len(line) > longest:
        line = f"{line[:longest]}…"
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    if line.startswith("`") or line.endswith("`"):
        line = f" {line} "
    return f"{fence}{line}{fence}"


def cell(string: str) -> str:
    """Code within a table, with bars escaped, because a bar would end the cell."""
    return code(string.replace("|", "\\|"))
