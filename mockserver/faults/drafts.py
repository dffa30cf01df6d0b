"""Changes to a plan that several plan faults make."""

from __future__ import annotations

from mockserver.faults.seams import PlanDraft, Vocabulary
from mockserver.terms import ENDED


def fail_at_end(draft: PlanDraft, vocabulary: Vocabulary, reason: str | None) -> PlanDraft:
    """The draft with a failure at its end. `reason` is a name in the contract, or the text itself."""
    return end_in(draft, vocabulary, "failed")._replace(
        reason=reason_text(vocabulary, reason, "default", "failed")
    )


def end_in(draft: PlanDraft, vocabulary: Vocabulary, phase: str) -> PlanDraft:
    """The draft with a state of `phase` at its end, or a failure where the provider has no such state."""
    if phase not in vocabulary.endings:
        phase = "failed"
    word = vocabulary.endings.get(phase)
    if word is None:
        return draft
    return draft._replace(steps=(*steps_before_end(draft), (word, phase, 0)))


def steps_before_end(draft: PlanDraft) -> tuple[tuple[str, str, int], ...]:
    """The steps in which the job has not ended."""
    return tuple(step for step in draft.steps if step[1] not in ENDED)


def reason_text(vocabulary: Vocabulary, reason: str | None, default_name: str, fallback: str) -> str:
    """A reason's text: that of its name in the contract, or itself; for None that of `default_name`."""
    if reason is None:
        return vocabulary.reasons.get(default_name, fallback)
    return vocabulary.reasons.get(reason, reason)
