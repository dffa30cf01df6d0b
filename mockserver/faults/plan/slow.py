"""The job takes longer."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary


class Slow(PlanFault):
    """Every state before the end lasts longer: `factor` times as long, or `seconds` each.

    Under pace `immediate` a factor changes nothing, because no state takes time: give `seconds` there.
    Use: does a client wait for a job that is merely slow?
    """

    name = "slow"
    main = "factor"
    factor: float = Field(10.0, gt=0)
    seconds: float | None = Field(None, ge=0)

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        return draft._replace(
            steps=tuple((word, phase, self._lasts(lasts)) for word, phase, lasts in draft.steps)
        )

    def _lasts(self, lasts: int) -> int:
        if self.seconds is None:
            return round(lasts * self.factor)
        return round(self.seconds * 1000)
