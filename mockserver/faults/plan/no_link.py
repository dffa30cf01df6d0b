"""A success without a link."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary


class NoLink(PlanFault):
    """The job succeeds, but its answers show no link, or with `what = "thumbnail"` no link to the thumbnail.

    Use: does the client stop with an error at a finished job without a link, instead of polling for ever?
    """

    name = "no-link"
    main = "what"
    what: Literal["all", "thumbnail"] = "all"

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        quirk = "no-link" if self.what == "all" else "no-thumbnail"
        return draft._replace(quirks=draft.quirks | {quirk})
