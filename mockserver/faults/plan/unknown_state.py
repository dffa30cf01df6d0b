"""A state that no document names."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.drafts import steps_before_end
from mockserver.faults.seams import PlanDraft, Vocabulary


class UnknownState(PlanFault):
    """The job spends `seconds` in a state called `word`; with `place = "end"` it ends there, as a failure.

    The contract does not know such a word, so the mock does not check that job's answers.
    Use: does the client keep polling at a word it does not know, and stop at one like `expired`?
    """

    name = "unknown-state"
    main = "word"
    word: str = Field("reviewing", min_length=1)
    place: Literal["between", "end"] = "between"
    seconds: float = Field(2.0, ge=0)

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        steps, quirks = steps_before_end(draft), draft.quirks | {"off-contract"}
        if self.place == "end":
            return draft._replace(steps=(*steps, (self.word, "failed", 0)), quirks=quirks)
        phase = steps[-1][1] if steps else "running"
        between = (self.word, phase, round(self.seconds * 1000))
        return draft._replace(steps=(*steps, between, *draft.steps[len(steps) :]), quirks=quirks)
