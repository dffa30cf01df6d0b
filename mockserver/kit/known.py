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
from mockserver.kit.finding import Finding
from mockserver.kit.run import Expected


@dataclass(frozen=True, slots=True)
class Entry:
    """One known failure: `fingerprint` may hold `*`; it holds until the day `expires`, that included."""

    fingerprint: str
    reason: str
    expires: date | None = None

    def matches(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        return fnmatch.fnmatchcase(finding.fingerprint, self.fingerprint)


def read_known(path: Path) -> list[Entry]:
    """The entries of a file. Raises SettingsError that says where and what."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["known"]
        return [_entry(path, number, one) for number, one in enumerate(entries, 1)]
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    except (KeyError, TypeError):
        raise SettingsError(
            f'{path}: expected {{"known": [{{"fingerprint": ..., "reason": ...}}]}}'
        ) from None


def _entry(path: Path, number: int, one: dict[str, Any]) -> Entry:
    strange = sorted(one.keys() - {"fingerprint", "reason", "expires"})
    if strange:
        raise SettingsError(f"{path}: entry {number} has an unknown key {strange[0]!r}")
    if not str(one.get("fingerprint", "")).strip() or not str(one.get("reason", "")).strip():
        raise SettingsError(f"{path}: entry {number} needs a fingerprint and a reason")
    try:
        expires = date.fromisoformat(one["expires"]) if one.get("expires") else None
    except (ValueError, TypeError):
        raise SettingsError(f"{path}: entry {number}: expires is a day such as 2027-01-31") from None
    return Entry(one["fingerprint"], one["reason"], expires)


def sort_out(
    findings: Sequence[Finding], entries: Sequence[Entry], today: date, fingerprints: Sequence[str]
) -> tuple[list[Finding], list[Finding], list[Expected]]:
    """Findings that count, those that are excused, and what became of each entry.

    `fingerprints` are of all that could have been found: an entry that fits none of them is a mistake in
    the file; one that fits some and was not found passes unexpectedly.
    """
    counted: list[Finding] = []
    excused: list[Finding] = []
    for finding in findings:
        entry = next((one for one in entries if one.matches(finding)), None)
        excuse = entry is not None and (entry.expires is None or entry.expires >= today)
        (excused if excuse else counted).append(finding)
    return counted, excused, [_outcome(one, findings, today, fingerprints) for one in entries]


def _outcome(entry: Entry, findings: Sequence[Finding], today: date, fingerprints: Sequence[str]) -> Expected:
    expires = entry.expires.isoformat() if entry.expires else None
    found = any(entry.matches(one) for one in findings)
    if found and entry.expires is not None and entry.expires < today:
        return Expected(entry.fingerprint, entry.reason, expires, "expired")
    if found:
        return Expected(entry.fingerprint, entry.reason, expires, "failed as known")
    start = entry.fingerprint.partition(" ")[0]
    possible = any(fnmatch.fnmatchcase(one, start) for one in fingerprints)
    return Expected(
        entry.fingerprint, entry.reason, expires, "passes unexpectedly" if possible else "matches nothing"
    )
