"""The findings of a run against a live endpoint: each once, however often the run meets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.finding_log import FindingLog

_Key = tuple[str, str]


class DistinctFindings(FindingLog):
    """The first of the findings that have the same fingerprint and expectation.

    `step` has all findings since the step began, also those that were there before: a search has to see that
    a shorter history shows the same one. `of_stage` counts the distinct ones since the stage began.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step: list[Finding] = []
        self._listed: set[_Key] = set()
        self._of_stage: set[_Key] = set()

    def __iter__(self) -> Iterator[Finding]:
        """Those that are listed."""
        return iter(self.findings)

    @property
    def of_stage(self) -> int:
        """How many distinct findings the stage had."""
        return len(self._of_stage)

    def begin_stage(self) -> None:
        """Count the findings of a stage from here on."""
        self._of_stage.clear()

    def begin_step(self) -> None:
        """Collect the findings of a step from here on."""
        self.step.clear()

    def add(self, findings: Iterable[Finding]) -> None:
        """List the findings that are new, as far as there is room."""
        for finding in findings:
            self.step.append(finding)
            key = (finding.fingerprint, finding.expected)
            if key not in self._listed and self.has_room(finding.fingerprint, finding.job):
                super().add([finding])
                self._listed.add(key)
            if key in self._listed:
                self._of_stage.add(key)
