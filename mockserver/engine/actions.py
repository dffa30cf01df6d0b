"""What each role does with the store. It stores facts only: a state is always computed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract.lifecycle import first_of_phase
from mockserver.contract.model import Contract
from mockserver.contract.violation import shown
from mockserver.engine.body import text_at
from mockserver.engine.counting import clip_seconds
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.long_lists import read_requests
from mockserver.engine.planning import make_plan
from mockserver.engine.quotas import read_account
from mockserver.engine.request_context import ListPage, RequestContext
from mockserver.engine.sources import continued
from mockserver.engine.uploads import Uploads
from mockserver.errors import DuplicateJob
from mockserver.jobs.ids import make_id
from mockserver.jobs.job import MOST_NOTED, Fact, Job, Plan
from mockserver.jobs.timeline import latest, plan_at, state_at
from mockserver.settings import Settings
from mockserver.stores.base import LARGE, Store

_MAX_ATTEMPTS: Final = 8
_LAST_PAGE: Final = 10**9
_LARGEST_PAGE: Final = 500


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


async def submit(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Plan a job and store it. It is stored before the answer leaves."""
    contract, operation = context.contract, context.operation
    alias = _alias(context)
    plan = action_context.plan(contract)
    if context.change_plan is not None:
        plan = context.change_plan(plan)
    new_job = Job(
        id="",
        tenant=context.tenant,
        provider=contract.provider,
        operation=operation.id,
        model=context.submitted_model,
        request=context.body,
        created_at=context.now,
        plan=plan,
        alias=alias,
        places=context.submitted_places,
    )
    if alias is not None:
        await _warn_of_twin(action_context, context, alias)
    if operation.source is not None:
        new_job = await continued(action_context.store, context, new_job)
    new_job = new_job._replace(seconds=clip_seconds(contract, new_job))
    _show(context, await _add(action_context, context, new_job))
    return "default"


def _alias(context: RequestContext) -> str | None:
    """The client's own name for the job, if it gives one."""
    operation = context.operation
    return text_at(context.body, operation.alias_at) or context.value_at(operation.alias_place) or None


async def _warn_of_twin(action_context: ActionContext, context: RequestContext, alias: str) -> None:
    operations = (context.operation.id,)
    twin = await action_context.store.find(
        context.tenant, context.contract.provider, alias, operations=operations
    )
    if twin is not None:
        context.warnings += (
            f"{shown(alias)!r} names job {twin.id} already; a lookup by it finds the newer one",
        )


async def _add(action_context: ActionContext, context: RequestContext, new_job: Job) -> Job:
    """Store the job under an id that is free."""
    contract = context.contract
    for attempt in range(_MAX_ATTEMPTS):
        rng = await _rng(action_context, context.tenant)
        job = new_job._replace(id=make_id(contract.id_kind, contract.id_length, contract.id_prefix, rng))
        try:
            if len(context.request.body) <= LARGE:
                await action_context.store.add(job)
            else:
                await action_context.store.add_large(job, context.request.body)
        except DuplicateJob:
            if attempt == _MAX_ATTEMPTS - 1:
                raise
            continue
        return job
    raise AssertionError


async def _rng(action_context: ActionContext, tenant: str) -> random.Random:
    """With a seed, the tenant's n-th job has the same id in every run."""
    if action_context.settings.seed is None:
        return action_context.random
    number = await action_context.store.increment(tenant)
    return random.Random(f"{action_context.settings.seed}/{tenant}/{number}")  # noqa: S311


async def read(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Find the job and its state; under pace `polls`, count the read."""
    job = await _find(action_context, context)
    if job is None:
        return "unknown"
    plan: Plan | None = job.plan
    if job.facts:
        plan = plan_at(job, latest(job, context.now))
    if plan is not None and plan.pace == "polls":
        job = await _count_poll(action_context.store, context, job, plan)
    _show(context, job)
    return "default"


async def _count_poll(store: Store, context: RequestContext, job: Job, plan: Plan) -> Job:
    if len(job.facts) >= MOST_NOTED:
        context.warnings += (f"{MOST_NOTED} polls and other facts are noted of this job, and no more",)
        return job
    fact, most = Fact("polled", context.now), _polls_before(job) + plan.polls
    return await store.append_fact(context.tenant, job.provider, job.id, fact, most=most) or job


def _polls_before(job: Job) -> int:
    """How many polls were noted before the last change of pace; they no longer count."""
    paced = max((index for index, fact in enumerate(job.facts) if fact.kind == "paced"), default=0)
    return sum(fact.kind == "polled" for fact in job.facts[:paced])


async def _find(action_context: ActionContext, context: RequestContext) -> Job | None:
    place, name = context.operation.key or ("path", "")
    key = str(context.parameters[place].get(name, ""))
    operations, provider = context.operation.of, context.contract.provider
    for by in context.operation.by:
        other = context.contract.ids.get(by)
        job_id = key if other is None else other.own(key)
        if by != "alias" and job_id is not None:
            job = await action_context.store.get(context.tenant, provider, job_id)
            if job is not None and (operations is None or job.operation in operations):
                return job
    if "alias" in context.operation.by:
        return await action_context.store.find(context.tenant, provider, key, operations=operations)
    return None


async def listing(action_context: ActionContext, context: RequestContext) -> Outcome:
    """The tenant's jobs, newest first, one page of them."""
    page, query = context.operation.page, context.parameters.get("query", {})
    size = max(0, min(_number(query, page.size, page.most), _LARGEST_PAGE))
    number = max(1, min(_number(query, page.number, 1), _LAST_PAGE))
    model = next(
        (query.get(name) for name, what in context.operation.filters.items() if what == "model"), None
    )
    provider, operations = context.contract.provider, context.operation.of
    store = action_context.store
    jobs = await store.list(
        context.tenant,
        provider,
        model=model,
        operations=operations,
        offset=(number - 1) * size,
        limit=size,
        requests=False,
    )
    context.jobs = [(job, state_at(job, latest(job, context.now))) for job in jobs]
    if jobs:
        context.page = ListPage(jobs[0].id, jobs[-1].id)
    if context.operation.answers["default"].shows_requests:
        await read_requests(store, context)
    if store.unreadable.has_jobs_of(context.tenant, provider):
        context.warnings += ("jobs that cannot be read are left out; GET /__mock/unreadable names them",)
    context.jobs_count = await action_context.store.count(
        context.tenant, provider, model=model, operations=operations
    )
    more = (number - 1) * size + len(jobs) < context.jobs_count
    context.page = context.page._replace(more=more, cursor=context.page.last if more else None)
    return "default"


def _number(query: Mapping[str, Any], name: str | None, default: int) -> int:
    """The number of a query parameter; `default` where it was not sent or the contract has no name for it."""
    return int(query.get(name, default)) if name else default


async def cancel(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Note that the job was cancelled, unless it has ended."""
    job = await _find(action_context, context)
    if job is None:
        return "unknown"
    states = context.contract.states
    word = first_of_phase(states, "cancelled") or first_of_phase(states, "failed")
    if word is None or state_at(job, latest(job, context.now)).ended:
        _show(context, job)
        if "conflict" in context.operation.answers:
            return "conflict"
        return "default"
    fact = Fact("cancelled", context.now, word.word, word.phase, "cancelled")
    job = await action_context.store.append_fact(context.tenant, job.provider, job.id, fact, most=1) or job
    _show(context, job)
    return "default"


async def content(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Find the job whose file is asked for; before it has succeeded there is none."""
    when = await _look_up(action_context, context)
    state, answers = context.state, context.operation.answers
    if state is None or state.phase == "succeeded" or state.phase in answers:
        return when
    context.error = "the job has not succeeded"
    return "conflict" if "conflict" in answers else "unknown"


async def delete(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Delete the job, unless it has not ended and the contract has an answer for that."""
    when = await _look_up(action_context, context)
    if context.job is None or context.state is None:
        return when
    if not context.state.ended and "conflict" in context.operation.answers:
        context.error = "the job has not ended"
        return "conflict"
    await action_context.store.delete(context.tenant, context.job.provider, context.job.id)
    return "default"


async def _look_up(action_context: ActionContext, context: RequestContext) -> Outcome:
    job = await _find(action_context, context)
    if job is None:
        return "unknown"
    _show(context, job)
    return "default"


async def models(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Look nothing up: the answer lists the contract's models."""
    return "default"


async def model(action_context: ActionContext, context: RequestContext) -> Outcome:
    """The model of that id, as the contract describes it."""
    place, name = context.operation.key or ("path", "")
    context.model = context.contract.models.get(str(context.parameters[place].get(name, "")))
    if context.model is None:
        return "unknown-model"
    return "default"


async def account(action_context: ActionContext, context: RequestContext) -> Outcome:
    """What the caller may spend, and what of it is left."""
    context.account = await read_account(action_context.live_settings, action_context.store, context)
    return "default"


async def upload(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Open a place for a file of the kind that the body names."""
    rule = context.operation.upload
    assert rule is not None
    content_type = rule.types.get(text_at(context.body, rule.kind), "application/octet-stream")
    until = action_context.live_settings.now() + int(rule.seconds * 1000)
    context.upload = action_context.uploads.open(content_type, until)
    return "default"


def _show(context: RequestContext, job: Job) -> None:
    context.job = job
    now = context.now
    if job.facts:
        now = latest(job, now)
    context.state = state_at(job, now)


ACTIONS: Final[Mapping[str, Callable[[ActionContext, RequestContext], Awaitable[Outcome]]]] = {
    "submit": submit,
    "read": read,
    "list": listing,
    "cancel": cancel,
    "content": content,
    "delete": delete,
    "models": models,
    "model": model,
    "account": account,
    "upload": upload,
}
