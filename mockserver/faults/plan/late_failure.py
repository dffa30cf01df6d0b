"""The job fails when it should long have been done."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import fail_at_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class LateFailure(PlanFault):
    """The job takes `factor` times as long as usual and then fails, with `reason` as for `fail`.

    Use: does a client that has waited long still tell a failure from its own timeout?
    """

    name = "late-failure"
    main = "reason"
    reason: str | None = None
    factor: float = Field(3.0, ge=1)

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        late = tuple((word, phase, round(lasts * self.factor)) for word, phase, lasts in draft.steps)
        return fail_at_end(draft._replace(steps=late), vocabulary, self.reason)
