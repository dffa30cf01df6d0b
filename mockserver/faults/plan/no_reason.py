"""A failure without a reason."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import fail_at_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class NoReason(PlanFault):
    """The job fails and its answers do not say why.

    Use: does the client report a failure without tripping over the missing text?
    """

    name = "no-reason"

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        bent = fail_at_end(draft, vocabulary, None)
        return bent._replace(reason=None, quirks=bent.quirks | {"no-reason"})
