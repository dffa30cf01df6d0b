"""The job fails."""

from __future__ import annotations

from mockserver.faults.base import PlanFault
from mockserver.faults.courses import failed
from mockserver.faults.seams import PlanDraft, Vocabulary


class Fail(PlanFault):
    """The job fails at the end of its way, with a reason.

    `reason` is a name the contract has for one (`default` where none is given), or the text itself.
    Use: is a reported failure final for the client, and does its user get to read the reason?
    """

    name = "fail"
    main = "reason"
    reason: str | None = None

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        return failed(course, words, self.reason)
