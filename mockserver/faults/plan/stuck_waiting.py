"""The job never leaves the queue."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary


class StuckWaiting(PlanFault):
    """The job stays in its first state for ever.

    Use: does the client give up in the end, and keep the id when it does?
    """

    name = "stuck-waiting"

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        return draft._replace(steps=draft.steps[:1])
