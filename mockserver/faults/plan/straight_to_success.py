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

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        first, last = draft.steps[:1], draft.steps[-1:]
        if self.at_once:
            return draft._replace(steps=last)
        return draft._replace(steps=(*first, *last))
