"""A job that may owe callbacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine.callbacks.schedule import Attempt, Outcome, open_attempts, planned_deliveries
from mockserver.engine.documents.callbacks import WatchedJob
from mockserver.engine.documents.readers import read_or_skip
from mockserver.errors import UnreadableJob
from mockserver.jobs.job import Job
from mockserver.stores.base import Store, StoredDocument

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


async def load_pending(
    store: Store, contracts: Mapping[str, Contract], stored: StoredDocument
) -> PendingCallbacks | None:
    """What a watched job owes; None where the job or its provider is gone.

    Raises `errors.UnreadableJob` where the store has it in a form that cannot be read.
    """
    watched: WatchedJob | None = read_or_skip(store, stored)
    if watched is None:
        raise UnreadableJob(f"what {stored.name} owes cannot be read")
    provider, _, job_id = stored.name.partition("/")
    contract = contracts.get(provider)
    job = await store.get(stored.tenant, provider, job_id)
    if contract is None or job is None:
        return None
    outcomes = {key: Outcome(*outcome) for key, outcome in watched.outcomes.items()}
    return PendingCallbacks(job, contract, watched.base, watched.faults, outcomes, {**stored.document})
