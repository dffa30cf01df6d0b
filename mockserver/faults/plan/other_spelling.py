"""State words of another spelling or case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary

_RELATED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "queued": "pending",
        "submitted": "pending",
        "processing": "in_progress",
        "generating": "processing",
        "success": "succeeded",
        "succeed": "succeeded",
        "completed": "succeeded",
        "failed": "failure",
        "error": "failed",
        "cancelled": "canceled",
    }
)
_STYLES: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "title": str.title,
    "related": lambda word: _RELATED.get(word, word),
}


class OtherSpelling(PlanFault):
    """The job goes through its usual states, but they are spelled differently.

    `style`: `upper` (SUCCESS), `title` (Success) or `related`, the words that sister providers use
    (`succeeded`, `canceled` ...). `words` maps single words and takes precedence. Such words are not the
    contract's, so the mock does not check that job's answers.
    Use: does the client recognise an end that is spelled in another way, or wait for ever?
    """

    name = "other-spelling"
    main = "style"
    style: Literal["upper", "title", "related"] = "upper"
    words: Mapping[str, str] = Field(default_factory=dict)

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        steps = tuple((self._spelled(word), phase, lasts) for word, phase, lasts in draft.steps)
        return draft._replace(steps=steps, quirks=draft.quirks | {"off-contract"})

    def _spelled(self, word: str) -> str:
        return self.words.get(word) or _STYLES[self.style](word)
