"""Wording that all reports share: text made safe to show, order, counts, the verdict in a line."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from mockserver.kit.finding import SEVERITIES, Finding, Severity
from mockserver.kit.run import Part, Run

_STRANGE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_USER: Final = re.compile(r"(?<=://)[^/?#\s'\"@]*@")
_INTERESTING: Final = ("operations", "states", "steps", "answers", "answer fields", "request fields", "keywords")
"""Parts of a contract by how much it tells that one of them was not exercised."""


def plain(text: str) -> str:
    """The text without characters that a terminal, XML or a reader's eye would obey; they are spelled out."""
    return _STRANGE.sub(lambda found: ascii(found[0])[1:-1], text)


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
    work = f"{plural(run.calls, 'call')}, {plural(run.jobs, 'job')} in {run.took:.1f} s"
    return f"{word}: {counts(run)}; {work}"


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
    entries = (one for one in run.known if fnmatch.fnmatchcase(finding.fingerprint, one.fingerprint))
    return next((one.reason for one in entries), "known")


def drift_hint(run: Run) -> str:
    """What to do about drift."""
    return f"{plural(len(run.drifts), 'drift')} from the contract; --write-overlay FILE writes an overlay"


def missed(coverage: Sequence[Part], most: int = 5) -> list[tuple[str, list[str], int]]:
    """What was not exercised, the most telling part first: its name, some of it, how many more there are."""
    parts = sorted(
        (one for one in coverage if one.unseen),
        key=lambda one: _INTERESTING.index(one.name) if one.name in _INTERESTING else len(_INTERESTING),
    )
    return [(one.name, list(one.unseen[:most]), len(one.unseen[most:])) for one in parts]


def share(part: Part) -> str:
    """`83 % (5 of 6)`; never rounded up to all."""
    return f"{int(part.percent)} % ({len(part.seen)} of {len(part.seen) + len(part.unseen)})"
