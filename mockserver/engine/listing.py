"""Finds the jobs of a list's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.engine.action_context import ActionContext, Outcome
from mockserver.engine.long_lists import read_requests
from mockserver.engine.request_context import ListPage, RequestContext
from mockserver.jobs.timeline import latest, state_at

_LAST_PAGE: Final = 10**9
_LARGEST_PAGE: Final = 500


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
