"""Wording that all reports share: text made safe to show, order, counts, the verdict in a line."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from mockserver.kit.drift.drift import Drift
from mockserver.kit.findings.finding import SEVERITIES, Finding, Severity
from mockserver.kit.findings.run import CoveragePart, Run

_UNSEEN: Final = "never seen"
_STRANGE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_USER: Final = re.compile(r"(?<=://)[^/?#\s'\"@]*@")
_INTERESTING: Final = (
    "operations",
    "states",
    "steps",
    "answers",
    "answer fields",
    "request fields",
    "keywords",
)
"""Parts of a contract by how much it tells that one of them was not exercised."""


def plain(text: str) -> str:
    """The text without characters that a terminal, XML or a reader's eye would obey; they are spelled out."""
    return _STRANGE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def public(run: Run) -> Run:
    """The run as it may be shown: no user and password in a URL."""
    return replace(
        run,
        target=_USER.sub("", run.target),
        findings=tuple(_public(one) for one in run.findings),
        excused=tuple(_public(one) for one in run.excused),
    )


def _public(finding: Finding) -> Finding:
    return replace(finding, curl=_USER.sub("", finding.curl))


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 job`, `2 jobs`."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def day_and_time(seconds: float) -> str:
    """Unix seconds as `2026-08-01T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def subject(run: Run) -> str:
    """What was judged, by what."""
    seed = "" if run.seed is None else f", seed {run.seed}"
    return f"{run.target} by {run.provider}, profile {run.profile}{seed}"


def counts(run: Run) -> str:
    """`2 failures, 1 warning, 0 notes`, and what was known, where there was something."""
    said = [plural(run.count(one), one) for one in SEVERITIES]
    if run.excused:
        said.append(f"{len(run.excused)} known")
    if run.stale:
        said.append(plural(len(run.stale), "stale known entry", "stale known entries"))
    return ", ".join(said)


def verdict(run: Run) -> str:
    """The verdict in one line."""
    word = "FAILED" if run.failed else "PASSED"
    return f"{word}: {counts(run)}"


def work(run: Run) -> str:
    """What it took."""
    return f"{plural(run.calls, 'call')}, {plural(run.jobs, 'job')} in {run.took:.1f} s"


def by_check(findings: Iterable[Finding]) -> list[tuple[Severity, str, list[Finding]]]:
    """Severity, check and its findings: the worst first, then in the order they were found."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.severity, one.check), []).append(one)
    ordered = sorted(groups.items(), key=lambda entry: SEVERITIES.index(entry[0][0]))
    return [(severity, check, found) for (severity, check), found in ordered]


def where(finding: Finding) -> str:
    """Operation, pointer into the body, exchange and job."""
    said = finding.operation or "a request"
    if finding.pointer:
        said += f" at {finding.pointer}"
    said += f", exchange {finding.exchange}"
    return f"{said}, job {finding.job}" if finding.job else said


def reason(run: Run, finding: Finding) -> str:
    """Why it is known, by the file of known failures."""
    holding = (one for one in run.known if one.outcome == "failed as known")
    found = (one for one in holding if fnmatch.fnmatchcase(finding.fingerprint, one.fingerprint))
    return next((one.reason for one in found), "known")


def drifted(run: Run) -> list[Drift]:
    """Drifts that an overlay would allow, those that break the contract first."""
    return sorted((one for one in run.drifts if one.kind != _UNSEEN), key=lambda one: not one.breaks)


def drift_lines(run: Run, most: int = 5) -> list[str]:
    """Drift, a line each; what was only never seen in a line together; the hint what to do about it last."""
    lines = [one.sentence for one in drifted(run)]
    unseen = [f"{one.operation} {one.pointer}" for one in run.drifts if one.kind == _UNSEEN]
    if unseen:
        more = f" and {len(unseen) - most} more" if len(unseen) > most else ""
        lines.append(f"{_UNSEEN}: {plural(len(unseen), 'field')}: {', '.join(unseen[:most])}{more}")
    if drifted(run):
        lines.append("--write-overlay FILE writes what the contract lacks as an overlay")
    return lines


def missed(coverage: Sequence[CoveragePart], most: int = 5) -> list[tuple[str, list[str], int]]:
    """What was not exercised, the most telling part first: its name, some of it, how many more there are."""
    parts = sorted(
        (one for one in coverage if one.unseen),
        key=lambda one: _INTERESTING.index(one.name) if one.name in _INTERESTING else len(_INTERESTING),
    )
    return [(one.name, list(one.unseen[:most]), len(one.unseen[most:])) for one in parts]


def share(part: CoveragePart) -> str:
    """`83 % (5 of 6)`; never rounded up to all."""
    return f"{int(part.percent)} % ({len(part.seen)} of {len(part.seen) + len(part.unseen)})"
