"""What actions work with, and what each gives."""

from __future__ import annotations

import random
from typing import NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.planning import make_plan
from mockserver.engine.request_context import RequestContext
from mockserver.engine.uploads import Uploads
from mockserver.jobs.job import Job, Plan
from mockserver.jobs.timeline import latest, state_at
from mockserver.settings import Settings
from mockserver.stores.base import Store


class ActionContext(NamedTuple):
    """What actions work with."""

    store: Store
    settings: Settings
    random: random.Random
    plans: dict[str, Plan]
    live_settings: LiveSettings
    uploads: Uploads

    def plan(self, contract: Contract) -> Plan:
        """The plan of all the provider's jobs, before faults change it."""
        plan = self.plans.get(contract.provider)
        if plan is None:
            plan = self.plans[contract.provider] = make_plan(contract, self.settings.pace)
        return plan


Outcome = str
"""The `when` of the answer to give; what the answer shows is in the request's context."""


def show(context: RequestContext, job: Job) -> None:
    """Let the answer show the job as it is now."""
    context.job = job
    now = context.now
    if job.facts:
        now = latest(job, now)
    context.state = state_at(job, now)
