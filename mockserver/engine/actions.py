"""What each role does with the store. It stores facts only: a state is always computed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from mockserver.contract.lifecycle import first_of_phase
from mockserver.engine.action_context import ActionContext, Outcome, show
from mockserver.engine.body import text_at
from mockserver.engine.listing import listing
from mockserver.engine.quotas import read_account
from mockserver.engine.request_context import RequestContext
from mockserver.engine.submitting import open_session, submit
from mockserver.jobs.job import MOST_NOTED, Fact, Job, Plan
from mockserver.jobs.timeline import latest, plan_at, state_at
from mockserver.stores.base import Store


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
    show(context, job)
    return "default"


async def _count_poll(store: Store, context: RequestContext, job: Job, plan: Plan) -> Job:
    if len(job.facts) >= MOST_NOTED:
        context.warnings += (f"{MOST_NOTED} polls and other facts are noted of this job, and no more",)
        return job
    context.moved = True
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


async def cancel(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Note that the job was cancelled, unless it has ended."""
    job = await _find(action_context, context)
    if job is None:
        return "unknown"
    states = context.contract.states
    word = first_of_phase(states, "cancelled") or first_of_phase(states, "failed")
    if word is None or state_at(job, latest(job, context.now)).ended:
        show(context, job)
        if "conflict" in context.operation.answers:
            return "conflict"
        return "default"
    context.moved = True
    fact = Fact("cancelled", context.now, word.word, word.phase, "cancelled")
    job = await action_context.store.append_fact(context.tenant, job.provider, job.id, fact, most=1) or job
    show(context, job)
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
    show(context, job)
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
    until = action_context.live_settings.now(context.tenant) + int(rule.seconds * 1000)
    context.upload = await action_context.uploads.open(
        context.tenant, context.contract.provider, content_type, until
    )
    return "default"


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
    "session": open_session,
}
