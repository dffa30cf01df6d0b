"""404: no such job, or no such model."""

from __future__ import annotations

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class NotFound(WireFault):
    """The server answers that there is no such job; to a submit or a request for a model, no such model.

    Use: does the client stop polling for a job that is gone for good?
    """

    name = "not-found"

    def before(self, request: RequestFacts) -> Replacement:
        if request.role in ("submit", "model"):
            return Replacement(
                "unknown-model",
                404,
                message="the mock was told to have no such model",
                fallbacks=("unknown", "invalid"),
            )
        return Replacement("unknown", 404, message="the mock was told to know no such job")
