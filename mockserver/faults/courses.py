"""Ways that several plan faults take."""

from __future__ import annotations

from mockserver.faults.seams import PlanDraft, Vocabulary
from mockserver.terms import ENDED


def failed(course: PlanDraft, words: Vocabulary, reason: str | None) -> PlanDraft:
    """The same way to a failure. `reason` is one of the contract's names, or the text itself."""
    return ended(course, words, "failed")._replace(reason=text(words, reason, "default", "failed"))


def ended(course: PlanDraft, words: Vocabulary, phase: str) -> PlanDraft:
    """The same way to another ending; to a failure where the provider has no such word."""
    phase = phase if phase in words.endings else "failed"
    word = words.endings.get(phase)
    return course if word is None else course._replace(steps=(*before_the_end(course), (word, phase, 0)))


def before_the_end(course: PlanDraft) -> tuple[tuple[str, str, int], ...]:
    """The steps in which the job has not ended."""
    return tuple(step for step in course.steps if step[1] not in ENDED)


def text(words: Vocabulary, reason: str | None, usual: str, unsaid: str) -> str:
    """What a reason says: by the contract's name for it, or itself; `usual` names it where none is given."""
    if reason is None:
        return words.reasons.get(usual, unsaid)
    return words.reasons.get(reason, reason)
