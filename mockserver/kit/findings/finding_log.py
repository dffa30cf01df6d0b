"""Findings as they come, with a bound: a server that is wrong in every answer is wrong once for a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from mockserver.kit.findings.finding import Finding

MAX_OF_JOB: Final = 20
"""Findings of one check at one place about one job: the first tell what is wrong."""
MAX_AT_PLACE: Final = 200
"""Findings of one check at one place: enough to show which jobs it concerns."""
MAX_FINDINGS: Final = 5000
"""Findings that a run lists; each takes some 2 KB, and a report of more takes minutes to write."""
OVERFLOW: Final = "other checks and places"
"""Stands for findings at places of which none is listed."""


class FindingLog:
    """The findings that a run lists. `unlisted` counts the others, by their fingerprint or OVERFLOW."""

    def __init__(self, unlisted: Counter[str] | None = None) -> None:
        self.findings: list[Finding] = []
        self.unlisted: Counter[str] = Counter() if unlisted is None else unlisted
        self._at_place: Counter[str] = Counter()
        self._of_job: Counter[tuple[str, str | None]] = Counter()

    def add(self, findings: Iterable[Finding]) -> None:
        """List the findings for which there is room, and count the others."""
        for finding in findings:
            if self.has_room(finding.fingerprint, finding.job):
                self._at_place[finding.fingerprint] += 1
                self._of_job[finding.fingerprint, finding.job] += 1
                self.findings.append(finding)

    def has_room(self, place: str, job: str | None) -> bool:
        """Whether one more finding at that place about that job is listed; if not, it is counted."""
        if len(self.findings) >= MAX_FINDINGS and place not in self._at_place:
            self.unlisted[OVERFLOW] += 1
            return False
        full = self._at_place[place] >= MAX_AT_PLACE or self._of_job[place, job] >= MAX_OF_JOB
        if full or len(self.findings) >= MAX_FINDINGS:
            self.unlisted[place] += 1
            return False
        return True


def unlisted_notes(unlisted: Counter[str]) -> Sequence[str]:
    """A line for each place that has more findings than are listed."""
    return [f"{place}: and {count:,} more that are not listed" for place, count in unlisted.most_common()]


def unjudged_lines(not_judged: Counter[str], unlisted: Counter[str]) -> list[str]:
    """A line for each reason why something could not be judged, with its number."""
    lines = []
    for reason, count in not_judged.items():
        lines.append(f"{reason} ({count} times)" if count > 1 else reason)
    if unlisted[OVERFLOW]:
        lines.append(f"findings of {OVERFLOW}, beyond the {MAX_FINDINGS} that are listed")
    return lines
