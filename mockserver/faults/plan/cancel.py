"""Somebody else cancels the job."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import end_in, reason_text
from mockserver.faults.seams import PlanDraft, Vocabulary


class Cancel(PlanFault):
    """Somebody else cancels the job. Where the provider has no cancelled state, the job fails.

    `reason` is as for `fail`; without it, it is the contract's `cancelled`.
    Use: does the client recognise an end that it did not ask for?
    """

    name = "cancel"
    main = "reason"
    reason: str | None = None

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        reason = reason_text(vocabulary, self.reason, "cancelled", "cancelled")
        return end_in(draft, vocabulary, "cancelled")._replace(reason=reason)
