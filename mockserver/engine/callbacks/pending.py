"""A job that may owe callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine.callbacks.schedule import Attempt, Outcome, open_attempts, planned_deliveries
from mockserver.jobs.job import Job

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault


class PendingCallbacks(NamedTuple):
    """A job that may owe callbacks, and the outcomes of the attempts so far."""

    job: Job
    contract: Contract
    base: str
    faults: Sequence[CallbackFault]
    outcomes: dict[str, Outcome]
    document: dict[str, Any]

    def open_attempts(self) -> list[Attempt]:
        """Attempts to be made, now or later, the earliest first."""
        return open_attempts(planned_deliveries(self.contract, self.job, self.faults), self.outcomes)
