"""A job that was running is queued again."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.courses import before_the_end
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

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        steps = before_the_end(course)
        if len(steps) < 2:
            return course
        lasts = round(self.seconds * 1000)
        back = ((*steps[0][:2], lasts), (*steps[-1][:2], lasts))
        return course._replace(steps=(*steps, *back * self.rounds, *course.steps[len(steps) :]))
