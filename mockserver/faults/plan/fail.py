"""The job fails."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import fail_at_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class Fail(PlanFault):
    """The job takes its usual time and then fails, with a reason.

    `reason` is the name of a reason in the contract (without it, `default`), or the text itself.
    Use: does the client stop at a reported failure, and show its user the reason?
    """

    name = "fail"
    main = "reason"
    reason: str | None = None

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        return fail_at_end(draft, vocabulary, self.reason)
