"""Somebody else cancels the job."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.courses import ended, text
from mockserver.faults.seams import PlanDraft, Vocabulary


class Cancel(PlanFault):
    """Somebody else cancels the job. Where the provider has no cancelled state, the job fails.

    `reason` is as for `fail`; without it, it is the contract's `cancelled`.
    Use: does the client recognise an end that it did not ask for?
    """

    name = "cancel"
    main = "reason"
    reason: str | None = None

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        reason = text(words, self.reason, "cancelled", "cancelled")
        return ended(course, words, "cancelled")._replace(reason=reason)
