"""The states in between are skipped."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary


class StraightToSuccess(PlanFault):
    """The job goes straight from its first state to its end; with `at_once` it is submitted in its end state.

    Use: does the client rely on seeing it run? Does it look at the submit's answer?
    """

    name = "straight-to-success"
    at_once: bool = False

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        last = course.steps[-1:]
        return course._replace(steps=last if self.at_once else (*course.steps[:1], *last))
