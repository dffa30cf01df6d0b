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

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        return course._replace(
            steps=tuple((word, phase, self._lasts(lasts)) for word, phase, lasts in course.steps)
        )

    def _lasts(self, lasts: int) -> int:
        return round(lasts * self.factor if self.seconds is None else self.seconds * 1000)
