"""What all reports say alike: the order of findings, counts, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final

from mockserver.kit.drift.drift import Drift
from mockserver.kit.findings.finding import SEVERITIES, Finding, Severity
from mockserver.kit.findings.run import CoveragePart, Run
from mockserver.kit.redaction import without_user_info
from mockserver.numerals import plural

_NEVER_SEEN: Final = "never seen"
_PART_ORDER: Final = (
    "operations",
    "states",
    "steps",
    "answers",
    "answer fields",
    "request fields",
    "keywords",
)
"""Parts of a contract, first those whose gaps matter most."""


def public(run: Run) -> Run:
    """The run as it may be shown: no user and password in a URL."""
    return replace(
        run,
        target=without_user_info(run.target),
        findings=tuple(map(_public, run.findings)),
        excused=tuple(map(_public, run.excused)),
    )


def _public(finding: Finding) -> Finding:
    # What follows the address, such as a body, is sent as it was.
    begin, separator, rest = finding.curl.partition("://")
    url, blank, words = rest.partition(" ")
    return replace(finding, curl=without_user_info(f"{begin}{separator}{url}") + blank + words)


def total(count: int) -> str:
    """` (3)` behind what stands for several; empty for one."""
    return f" ({count})" if count > 1 else ""


def and_more(count: int) -> str:
    """` and 3 more` behind a list that was cut; empty where nothing was left out."""
    return f" and {count} more" if count > 0 else ""


def day_and_time(seconds: float) -> str:
    """Unix seconds as `2026-08-01T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def subject(run: Run) -> str:
    """The endpoint or trace that was judged, and the contract."""
    text = f"{run.target} by {run.provider}, profile {run.profile}"
    if run.seed is not None:
        text += f", seed {run.seed}"
    return text


def counts(run: Run) -> str:
    """`2 failures, 1 warning, 0 notes`, and how many are known or stale, where any is."""
    parts = [plural(run.count(severity), severity) for severity in SEVERITIES]
    if run.excused:
        parts.append(f"{len(run.excused)} known")
    if run.stale:
        parts.append(plural(len(run.stale), "stale known entry", "stale known entries"))
    return ", ".join(parts)


def verdict(run: Run) -> str:
    """The verdict in one line."""
    text = f"PASSED: {counts(run)}"
    if run.failed:
        text = f"FAILED: {counts(run)}"
    elif run.incomplete:
        text = f"INCOMPLETE: {counts(run)}"
    if run.not_judged:
        text += "; something could not be judged"
    return text


def unjudged(run: Run, most: int) -> list[str]:
    """The first lines of what could not be judged, and how many more there are."""
    lines = list(run.not_judged[:most])
    if len(run.not_judged) > most:
        lines.append(f"and {len(run.not_judged) - most} more; --json has them all")
    return lines


def judged(run: Run) -> str:
    """`12 of 14 calls judged`, over the whole run."""
    calls = sum(row.calls for row in run.account)
    return f"{sum(row.judged for row in run.account)} of {plural(calls, 'call')} judged"


def work(run: Run) -> str:
    """How many calls, jobs and seconds the run took."""
    return f"{plural(run.calls, 'call')}, {plural(run.jobs, 'job')} in {run.took:.1f} s"


def by_check(findings: Iterable[Finding]) -> list[tuple[Severity, str, list[Finding]]]:
    """Severity, check, and the check's findings: the worst first, then in the order of the run."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.check), []).append(finding)
    ordered = sorted(groups.items(), key=lambda group: SEVERITIES.index(group[0][0]))
    return [(severity, check, members) for (severity, check), members in ordered]


def where(finding: Finding) -> str:
    """Operation, pointer into the body, exchange, and job."""
    text = finding.operation or "a request"
    if finding.pointer:
        text += f" at {finding.pointer}"
    text += f", exchange {finding.exchange}"
    if finding.job:
        text += f", job {finding.job}"
    return text


def reason(run: Run, finding: Finding) -> str:
    """Why an excused finding is known, by the file of known failures."""
    for known in run.known:
        if known.outcome == "failed as known" and fnmatchcase(finding.fingerprint, known.fingerprint):
            return known.reason
    return "known"


def drifted(run: Run) -> list[Drift]:
    """Drifts that an overlay would allow, those that break the contract first."""
    drifts = [drift for drift in run.drifts if drift.kind != _NEVER_SEEN]
    return sorted(drifts, key=lambda drift: not drift.breaks)


def drift_lines(run: Run, most: int = 5) -> list[str]:
    """A line for each drift, one for all fields that were never seen, and a hint what to do."""
    drifts = drifted(run)
    lines = [drift.sentence for drift in drifts]
    unseen = [f"{drift.operation} {drift.pointer}" for drift in run.drifts if drift.kind == _NEVER_SEEN]
    if unseen:
        names = ", ".join(unseen[:most]) + and_more(len(unseen) - most)
        lines.append(f"{_NEVER_SEEN}: {plural(len(unseen), 'field')}: {names}")
    if drifts:
        lines.append("--write-overlay FILE writes what the contract lacks as an overlay")
    return lines


def unexercised(coverage: Sequence[CoveragePart], most: int = 5) -> list[tuple[str, list[str], int]]:
    """What was not exercised: the part's name, some of its members, and how many more there are."""
    parts = sorted((part for part in coverage if part.missing), key=_rank)
    return [(part.name, list(part.missing[:most]), len(part.missing[most:])) for part in parts]


def _rank(part: CoveragePart) -> int:
    return _PART_ORDER.index(part.name) if part.name in _PART_ORDER else len(_PART_ORDER)


def share(part: CoveragePart) -> str:
    """`83 % (5 of 6)`; never rounded up to all."""
    return f"{int(part.percent)} % ({len(part.exercised)} of {len(part.exercised) + len(part.missing)})"
