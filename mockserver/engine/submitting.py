"""Plans a new job and stores it."""

from __future__ import annotations

import random
from typing import Final

import orjson

from mockserver.contract.violation import shown
from mockserver.engine import masks
from mockserver.engine.action_context import ActionContext, Outcome, show
from mockserver.engine.answering import prepare
from mockserver.engine.body import text_at
from mockserver.engine.counting import clip_seconds
from mockserver.engine.planning import failing, make_plan
from mockserver.engine.request_context import RequestContext
from mockserver.engine.sources import continued
from mockserver.errors import DuplicateJob
from mockserver.jobs.ids import make_id, make_rising_id
from mockserver.jobs.job import Job, Plan
from mockserver.settings import Pace
from mockserver.stores.base import LARGE

_MAX_ATTEMPTS: Final = 8
_AT_ONCE: Final = Pace("immediate")


async def submit(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Plan a job and store it. It is stored before the answer leaves."""
    plan = action_context.plan(context.contract)
    if await masks.differ(context):
        plan = failing(context.contract, plan, context.contract.masks_reason)
    if context.change_plan is not None:
        plan = context.change_plan(plan)
    alias = _alias(context)
    if alias is not None:
        await _warn_of_twin(action_context, context, alias)
    await _make(action_context, context, plan, alias)
    return "default"


async def open_session(action_context: ActionContext, context: RequestContext) -> Outcome:
    """Take up a clip for later submits: a job that has ended at once."""
    await _make(action_context, context, make_plan(context.contract, _AT_ONCE))
    return "default"


async def _make(
    action_context: ActionContext, context: RequestContext, plan: Plan, alias: str | None = None
) -> None:
    contract, operation = context.contract, context.operation
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
    if operation.source is not None:
        new_job = await continued(action_context.store, context, new_job)
    new_job = new_job._replace(seconds=clip_seconds(contract, new_job))
    await _add(action_context, context, new_job)


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


async def _add(action_context: ActionContext, context: RequestContext, new_job: Job) -> None:
    """Store the job under an id that is free, and show it. A job is stored only if its answer can be made."""
    contract = context.contract
    for attempt in range(_MAX_ATTEMPTS):
        rng = await _rng(action_context, context.tenant)
        make = make_rising_id if action_context.settings.seed is None else make_id
        job = new_job._replace(id=make(contract.id_kind, contract.id_length, contract.id_prefix, rng))
        show(context, job)
        prepare(context)
        try:
            if len(context.request.body) <= LARGE:
                await action_context.store.add(job)
            else:
                await action_context.store.add_large(job, _as_json(context, job))
        except DuplicateJob:
            if attempt == _MAX_ATTEMPTS - 1:
                raise
            continue
        return
    raise AssertionError


def _as_json(context: RequestContext, job: Job) -> bytes | bytearray:
    """The job's request as JSON: the body itself, unless it may have been a form."""
    body = context.operation.body
    if body is None or not body.forms:
        return context.request.body
    return orjson.dumps(job.request)


async def _rng(action_context: ActionContext, tenant: str) -> random.Random:
    """With a seed, the tenant's n-th job has the same id in every run."""
    if action_context.settings.seed is None:
        return action_context.random
    number = await action_context.store.increment(tenant)
    return random.Random(f"{action_context.settings.seed}/{tenant}/{number}")  # noqa: S311
