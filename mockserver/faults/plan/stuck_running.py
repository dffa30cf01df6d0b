"""The job never finishes."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import steps_before_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class StuckRunning(PlanFault):
    """The job starts and stays in the last state before its end for ever.

    Use: does the client's patience have a limit, and does it keep the id for later?
    """

    name = "stuck-running"

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        return draft._replace(steps=steps_before_end(draft) or draft.steps[:1])
