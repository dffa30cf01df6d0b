"""A success without a link."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import PlanFault
from mockserver.faults.seams import PlanDraft, Vocabulary


class NoLink(PlanFault):
    """The job succeeds, but its answers show no link; with `what = "thumbnail"`, only none to the thumbnail.

    Use: does a client that finds it done but finds no link stop with an error and not poll for ever?
    """

    name = "no-link"
    main = "what"
    what: Literal["all", "thumbnail"] = "all"

    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        quirk = "no-link" if self.what == "all" else "no-thumbnail"
        return course._replace(quirks=course.quirks | {quirk})
