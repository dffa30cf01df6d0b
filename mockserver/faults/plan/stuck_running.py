"""The job never finishes."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.courses import before_the_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class StuckRunning(PlanFault):
    """The job starts and stays in the last state before its end for ever.

    Use: does the client's patience have a limit, and does it keep the id for later?
    """

    name = "stuck-running"

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        return course._replace(steps=before_the_end(course) or course.steps[:1])
