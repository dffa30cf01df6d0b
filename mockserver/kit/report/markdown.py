"""The run as a summary for a pull request, or the step summary of a pipeline."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from mockserver.kit.findings.finding import Finding, Severity
from mockserver.kit.findings.run import Run
from mockserver.kit.report.formatting import (
    by_check,
    counts,
    drift_lines,
    missed,
    plain,
    plural,
    reason,
    share,
    subject,
    where,
    work,
)
from mockserver.kit.report.locations import SourceLocations

_SHOWN: Final = 3
_MOST: Final = 40
"""Checks that are shown: a step's summary holds a megabyte, a comment 64 KiB."""
_LONG: Final = 600
_MARKS: Final = re.compile(r"([\\`*_\[\]|~]|^[#+>-])")
_SIGN: Final[dict[Severity, str]] = {"failure": "❌", "warning": "⚠️", "note": "ℹ️"}


def render(run: Run, places: SourceLocations) -> str:
    """The run as Markdown of GitHub's kind."""
    return "\n".join(_lines(run, places)) + "\n"


def _lines(run: Run, places: SourceLocations) -> Iterator[str]:
    yield f"### {'❌' if run.failed else '✅'} mockserver {run.kind}: {counts(run)}"
    yield ""
    yield f"Judged: {text(subject(run))}; {work(run)}."
    yield from _findings(run, places)
    yield from _drifts(run)
    yield from _known(run)
    yield from _stages(run)
    yield from _coverage(run)
    for note in run.notes:
        yield from ("", f"> {text(note)}")


def _findings(run: Run, places: SourceLocations) -> Iterator[str]:
    groups = by_check(run.findings)
    for severity, check, found in groups[:_MOST]:
        many = f" ({len(found)})" if len(found) > 1 else ""
        yield from ("", f"#### {_SIGN[severity]} {severity}: {code(check)}{many}")
        yield from ("", text(found[0].requirement))
        for one in found[:_SHOWN]:
            yield ""
            yield from _finding(run, one, places)
        if len(found) > _SHOWN:
            yield from ("", f"… and {len(found) - _SHOWN} more like this.")
    if len(groups) > _MOST:
        yield from ("", f"… and {plural(len(groups) - _MOST, 'more check')}.")


def _finding(run: Run, finding: Finding, places: SourceLocations) -> Iterator[str]:
    place = places.of(finding)
    yield f"- {code(where(finding))}"
    yield f"  - expected {code(finding.expected)}"
    yield f"  - actual {code(finding.actual)}"
    if finding.source:
        at = "" if place is None else f", {code(f'{place.file}:{place.line}')}"
        yield f"  - source: {text(finding.source)}{at}"
    if finding.curl:
        yield f"  - again: {code(finding.curl, len(finding.curl))}"
    for number, step in enumerate(run.histories.get(finding.fingerprint, ()), 1):
        yield f"  - step {number}: {code(step)}"


def _drifts(run: Run) -> Iterator[str]:
    if run.drifts:
        yield from ("", "#### Drift", "")
        yield from (f"- {code(one)}" for one in drift_lines(run))


def _known(run: Run) -> Iterator[str]:
    if run.known:
        yield from ("", "#### Known failures", "", "| entry | outcome | reason |", "| --- | --- | --- |")
    for one in run.known:
        yield f"| {cell(one.fingerprint)} | {one.outcome} | {text(one.reason)} |"
    for finding in run.excused[:_SHOWN]:
        yield from ("", f"Excused: {code(finding.sentence)} ({text(reason(run, finding))})")


def _stages(run: Run) -> Iterator[str]:
    if run.stages:
        yield from ("", "| stage | calls | jobs | findings | |", "| --- | ---: | ---: | ---: | --- |")
    for one in run.stages:
        said = text(one.left_out or one.title)
        yield f"| {text(one.name)} | {one.calls} | {one.jobs} | {one.findings} | {said} |"


def _coverage(run: Run) -> Iterator[str]:
    if not run.coverage:
        return
    yield from ("", "<details><summary>Coverage of the contract</summary>", "")
    yield from ("| part | exercised | not exercised |", "| --- | --- | --- |")
    unseen = {name: (some, more) for name, some, more in missed(run.coverage, 10)}
    for one in run.coverage:
        some, more = unseen.get(one.name, ([], 0))
        others = f" and {more} more" if more else ""
        yield f"| {text(one.name)} | {share(one)} | {', '.join(map(cell, some))}{others} |"
    yield from ("", "</details>")


def text(said: str) -> str:
    """Text that means nothing to Markdown, in one line."""
    line = html.escape(" ".join(plain(said).split()), quote=False)
    # A word joiner keeps a mention from calling anybody.
    return _MARKS.sub(r"\\\1", line).replace("@", "@\u2060")


def code(said: str, longest: int = _LONG) -> str:
    """The text in one line as code, with more backticks around it than are in it."""
    line = " ".join(plain(said).split()) or " "
    line = line if len(line) <= longest else f"{line[:longest]}…"
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def cell(said: str) -> str:
    """Code within a table, where a bar would end the cell."""
    return code(said.replace("|", "\\|"))
