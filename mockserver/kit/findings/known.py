"""Known failures: a file of findings that are expected, each with its reason and perhaps its expiry.

    {"known": [{"fingerprint": "status.documented submitRequest /", "reason": "their ticket 12",
                "expires": "2027-01-31"}]}

They are still looked for. One that is not found any more, and one that matches nothing, fail the run.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mockserver.errors import SettingsError
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import KnownFailureOutcome


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One known failure: `fingerprint` may hold `*`; it holds until the day `expires`, that included."""

    fingerprint: str
    reason: str
    expires: date | None = None

    def matches(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        return fnmatch.fnmatchcase(finding.fingerprint, self.fingerprint)

    def is_over(self, today: date) -> bool:
        """Whether its last day is past."""
        return self.expires is not None and self.expires < today


def read_known(path: Path) -> list[KnownFailure]:
    """The entries of a file. Raises SettingsError that says where and what."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("known"), list):
        form = '{"known": [{"fingerprint": ..., "reason": ...}]}'
        raise SettingsError(f"{path}: expected {form}")
    _no_more(f"{path}:", content, {"known"})
    return [_entry(f"{path}: entry {number}", one) for number, one in enumerate(content["known"], 1)]


def _no_more(where: str, given: dict[str, Any], names: set[str]) -> None:
    strange = sorted(given.keys() - names)
    if strange:
        raise SettingsError(f"{where} has an unknown key {strange[0]!r}")


def _entry(where: str, one: Any) -> KnownFailure:
    if not isinstance(one, dict):
        raise SettingsError(f"{where} is no object")
    _no_more(where, one, {"fingerprint", "reason", "expires"})
    if not _says(one.get("fingerprint")) or not _says(one.get("reason")):
        raise SettingsError(f"{where} needs a fingerprint and a reason")
    return KnownFailure(one["fingerprint"], one["reason"], _day(where, one.get("expires")))


def _says(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(where: str, said: Any) -> date | None:
    if said is None:
        return None
    try:
        day = date.fromisoformat(said)
    except (ValueError, TypeError):
        day = None
    if day is None or day.isoformat() != said:
        raise SettingsError(f"{where}: expires is a day such as 2027-01-31")
    return day


def sort_out(
    findings: Sequence[Finding], entries: Sequence[KnownFailure], today: date, ids: Sequence[str]
) -> tuple[list[Finding], list[Finding], list[KnownFailureOutcome]]:
    """Findings that count, those that are excused, and what became of each entry.

    `ids` are of the checks that ran: an entry that begins with none of them is a mistake in
    the file; one that fits some and was not found passes unexpectedly.
    """
    counted: list[Finding] = []
    excused: list[Finding] = []
    holding = [one for one in entries if not one.is_over(today)]
    for finding in findings:
        known = any(one.matches(finding) for one in holding)
        (excused if known else counted).append(finding)
    return counted, excused, [_outcome(one, findings, today, ids) for one in entries]


def _outcome(
    entry: KnownFailure, findings: Sequence[Finding], today: date, ids: Sequence[str]
) -> KnownFailureOutcome:
    expires = entry.expires.isoformat() if entry.expires else None
    found = any(entry.matches(one) for one in findings)
    if found and entry.is_over(today):
        return KnownFailureOutcome(entry.fingerprint, entry.reason, expires, "expired")
    if found:
        return KnownFailureOutcome(entry.fingerprint, entry.reason, expires, "failed as known")
    start = entry.fingerprint.partition(" ")[0]
    possible = any(fnmatch.fnmatchcase(one, start) for one in ids)
    return KnownFailureOutcome(
        entry.fingerprint, entry.reason, expires, "passes unexpectedly" if possible else "matches nothing"
    )
