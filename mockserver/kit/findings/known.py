"""Known failures: a file of expected findings, each with its reason and, if it has one, its last day.

    {"known": [{"fingerprint": "status.documented submitRequest /", "reason": "their ticket 12",
                "expires": "2027-01-31"}]}

The checks still run. An entry that matches no finding any more, or never could, fails the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.known_file import has_expired, read_entries
from mockserver.kit.findings.run import KnownFailureOutcome, KnownOutcome


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One known failure: `fingerprint` may hold `*`; it holds until the day `expires`, that included."""

    fingerprint: str
    reason: str
    expires: date | None = None

    def matches(self, finding: Finding) -> bool:
        """Whether the entry is about that finding."""
        return fnmatchcase(finding.fingerprint, self.fingerprint)

    def is_expired(self, today: date) -> bool:
        """Whether the entry's last day is past."""
        return has_expired(self.expires, today)


def read_known(path: Path) -> list[KnownFailure]:
    """The entries of a file. Raises SettingsError that says where and what."""
    return read_entries(path, "fingerprint", KnownFailure)


def apply_known(
    findings: Sequence[Finding], entries: Sequence[KnownFailure], today: date, ids: Sequence[str]
) -> tuple[list[Finding], list[Finding], list[KnownFailureOutcome]]:
    """The findings that count, those that are excused, and the outcome of each entry.

    `ids` are those of the checks that ran. An entry that fits none of them is a mistake in the file; an
    entry that fits some, but no finding, passes unexpectedly.
    """
    valid = [entry for entry in entries if not entry.is_expired(today)]
    counted: list[Finding] = []
    excused: list[Finding] = []
    for finding in findings:
        if any(entry.matches(finding) for entry in valid):
            excused.append(finding)
        else:
            counted.append(finding)
    return counted, excused, [_outcome(entry, findings, today, ids) for entry in entries]


def _outcome(
    entry: KnownFailure, findings: Sequence[Finding], today: date, ids: Sequence[str]
) -> KnownFailureOutcome:
    expires = entry.expires.isoformat() if entry.expires else None
    return KnownFailureOutcome(
        entry.fingerprint, entry.reason, expires, _outcome_of(entry, findings, today, ids)
    )


def _outcome_of(
    entry: KnownFailure, findings: Sequence[Finding], today: date, ids: Sequence[str]
) -> KnownOutcome:
    if any(entry.matches(finding) for finding in findings):
        return "expired" if entry.is_expired(today) else "failed as known"
    pattern = entry.fingerprint.partition(" ")[0]
    if any(fnmatchcase(check, pattern) for check in ids):
        return "passes unexpectedly"
    return "matches nothing"
