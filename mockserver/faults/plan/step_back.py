"""A job that was running is queued again."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import steps_before_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class StepBack(PlanFault):
    """The job starts, returns to its first state and starts again, `rounds` times, before it goes on.

    Each of the added states lasts `seconds`. Nothing is added where the provider has only one state
    before the end.
    Use: does the client allow an order of states that it did not expect?
    """

    name = "step-back"
    main = "rounds"
    rounds: int = Field(1, ge=1, le=100)
    seconds: float = Field(2.0, ge=0)

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        steps = steps_before_end(draft)
        if len(steps) < 2:
            return draft
        lasts = round(self.seconds * 1000)
        back = ((*steps[0][:2], lasts), (*steps[-1][:2], lasts))
        return draft._replace(steps=(*steps, *back * self.rounds, *draft.steps[len(steps) :]))
