"""The search for the fewest changes of answers that break a client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from mockserver.kit.conform.case import Case
from mockserver.kit.conform.results.verdict import judge_case
from mockserver.kit.conform.running.environment import CaseEnvironment
from mockserver.kit.conform.running.evolution import Changes, smallest
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation

ATTEMPTS: Final = 40
"""The most runs of a client in a search."""


class EvolutionSearch:
    """Runs a client through one case under changes of the answers.

    `baseline` are the judges whose rules the client breaks without any change: a change that breaks only
    those does not count.
    """

    def __init__(self, case: Case, environment: CaseEnvironment, baseline: Collection[str]) -> None:
        self._case = case
        self._environment = environment
        self._baseline = baseline
        self._attempts = iter(range(ATTEMPTS))

    def fewest(self, sets: Sequence[Changes]) -> list[AnswerMutation] | None:
        """The first set that breaks the client, reduced to the fewest changes; None if none does."""
        for changes in sets:
            if self._breaks(changes):
                return smallest(changes, self._breaks)
        return None

    def _breaks(self, changes: Sequence[AnswerMutation]) -> bool:
        """Whether the changes break a rule. False after the last attempt, so that the search ends."""
        attempt = next(self._attempts, None)
        if attempt is None:
            return False
        evidence = self._environment.run(self._case, changes, str(attempt))
        breaches = judge_case(self._case, evidence)
        return any(breach.judge not in self._baseline for breach in breaches)
