"""What each role does with the store. Facts only: a state is always computed, never kept."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from mockserver.contract.lifecycle import ending
from mockserver.contract.model import Contract
from mockserver.contract.pointer import follow
from mockserver.engine.planning import make_plan
from mockserver.engine.request_context import RequestContext
from mockserver.errors import DuplicateJob
from mockserver.jobs.ids import make_id
from mockserver.jobs.job import Fact, Job, Plan
from mockserver.jobs.timeline import latest, plan_at, state_at
from mockserver.settings import Settings
from mockserver.stores.base import Store

_TRIES: Final = 8
_LAST_PAGE: Final = 10**9


class ActionContext(NamedTuple):
    """What actions work with."""

    store: Store
    settings: Settings
    random: random.Random
    plans: dict[str, Plan]

    def plan(self, contract: Contract) -> Plan:
        """What the provider's jobs get before faults bend it: the same for all of them."""
        plan = self.plans.get(contract.provider)
        if plan is None:
            plan = self.plans[contract.provider] = make_plan(contract, self.settings.pace)
        return plan


Outcome = str
"""The `when` of the answer to give; what it shows is in the call."""


async def submit(room: ActionContext, call: RequestContext) -> Outcome:
    """Plan a job and keep it. It is safe before the answer leaves."""
    contract, operation = call.contract, call.operation
    model = follow(call.body, operation.model_at)
    alias = follow(call.body, operation.alias_at) if operation.alias_at else None
    plan = room.plan(contract)
    make = partial(
        Job,
        tenant=call.tenant,
        provider=contract.provider,
        operation=operation.id,
        model=model if isinstance(model, str) else str(operation.default_model),
        request=call.body,
        created_at=call.now,
        plan=call.bend(plan) if call.bend else plan,
        alias=alias if isinstance(alias, str) and alias else None,
    )
    if isinstance(alias, str) and alias:
        await _warn_of_twin(room, call, alias)
    _show(call, await _add(room, call, make))
    return "default"


async def _warn_of_twin(room: ActionContext, call: RequestContext, alias: str) -> None:
    of = (call.operation.id,)
    if twin := await room.store.find(call.tenant, call.contract.provider, alias, operations=of):
        said = f"{alias!r} names job {twin.id} already; a lookup by it finds the newer one"
        call.warnings += (said,)


async def _add(room: ActionContext, call: RequestContext, make: Callable[[str], Job]) -> Job:
    """Keep the job that `make` gives an id, under one that is free."""
    contract = call.contract
    for attempt in range(_TRIES):
        rng = await _rng(room, call.tenant)
        job = make(make_id(contract.id_kind, contract.id_length, contract.id_prefix, rng))
        try:
            await room.store.add(job)
        except DuplicateJob:
            if attempt == _TRIES - 1:
                raise
            continue
        return job
    raise AssertionError


async def _rng(room: ActionContext, tenant: str) -> random.Random:
    """With a seed, the tenant's n-th job has the same id in every run."""
    if room.settings.seed is None:
        return room.random
    number = await room.store.number(tenant)
    return random.Random(f"{room.settings.seed}/{tenant}/{number}")  # noqa: S311


async def read(room: ActionContext, call: RequestContext) -> Outcome:
    """Find the job and what state it is in; under pace `polls`, count the question."""
    job = await _find(room, call)
    if job is None:
        return "unknown"
    plan = plan_at(job, latest(job, call.now)) if job.facts else job.plan
    if plan is not None and plan.pace == "polls":
        most = _polls_before(job) + plan.polls
        fact = Fact("polled", call.now)
        job = await room.store.note(call.tenant, job.provider, job.id, fact, most=most) or job
    _show(call, job)
    return "default"


def _polls_before(job: Job) -> int:
    """How many polls were noted before the job was last given a pace of its own; they count no more."""
    paced = max((index for index, fact in enumerate(job.facts) if fact.kind == "paced"), default=0)
    return sum(fact.kind == "polled" for fact in job.facts[:paced])


async def _find(room: ActionContext, call: RequestContext) -> Job | None:
    place, name = call.operation.key or ("path", "")
    key = str(call.parameters[place].get(name, ""))
    of, provider = call.operation.of, call.contract.provider
    job = await room.store.get(call.tenant, provider, key)
    if job is not None and (of is None or job.operation in of):
        return job
    if "alias" in call.operation.by:
        return await room.store.find(call.tenant, provider, key, operations=of)
    return None


async def listing(room: ActionContext, call: RequestContext) -> Outcome:
    """The tenant's jobs, newest first, one page of them."""
    page, query = call.operation.page, call.parameters["query"]
    size = max(0, min(int(query.get(page.size, page.most)) if page.size else page.most, 500))
    number = max(1, min(int(query.get(page.number, 1)) if page.number else 1, _LAST_PAGE))
    model = next((query.get(name) for name, what in call.operation.filters.items() if what == "model"), None)
    provider, of = call.contract.provider, call.operation.of
    offset = (number - 1) * size
    jobs = await room.store.list(call.tenant, provider, model=model, operations=of, offset=offset, limit=size)
    call.jobs = [(job, state_at(job, latest(job, call.now))) for job in jobs]
    call.jobs_count = await room.store.count(call.tenant, provider, model=model, operations=of)
    return "default"


async def cancel(room: ActionContext, call: RequestContext) -> Outcome:
    """Note that the job was cancelled, unless it had ended before."""
    job = await _find(room, call)
    if job is None:
        return "unknown"
    word = ending(call.contract.states, "cancelled") or ending(call.contract.states, "failed")
    if word is None or state_at(job, latest(job, call.now)).ended:
        _show(call, job)
        return "conflict" if "conflict" in call.operation.answers else "default"
    fact = Fact("cancelled", call.now, word.word, word.phase, "cancelled")
    job = await room.store.note(call.tenant, job.provider, job.id, fact, most=1) or job
    _show(call, job)
    return "default"


async def models(room: ActionContext, call: RequestContext) -> Outcome:
    """Nothing to look up: the answer lists the contract's models."""
    return "default"


async def model(room: ActionContext, call: RequestContext) -> Outcome:
    """The model of that id, as the contract describes it."""
    place, name = call.operation.key or ("path", "")
    call.model = call.contract.models.get(str(call.parameters[place].get(name, "")))
    return "default" if call.model is not None else "unknown-model"


def _show(call: RequestContext, job: Job) -> None:
    call.job = job
    call.state = state_at(job, latest(job, call.now) if job.facts else call.now)


ACTIONS: Final[Mapping[str, Callable[[ActionContext, RequestContext], Awaitable[Outcome]]]] = {
    "submit": submit,
    "read": read,
    "list": listing,
    "cancel": cancel,
    "models": models,
    "model": model,
}
