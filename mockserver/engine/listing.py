"""Finds the jobs of a list's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract.violation import shown
from mockserver.engine.action_context import ActionContext, Outcome
from mockserver.engine.request_context import ListPage, RequestContext
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at

_LAST_PAGE: Final = 10**9
_LARGEST_PAGE: Final = 500


async def listing(action_context: ActionContext, context: RequestContext) -> Outcome:
    """The tenant's jobs, one page of them, the newest first unless the request says otherwise."""
    wanted = _read_page(context)
    store, provider, operations = action_context.store, context.contract.provider, context.operation.of
    if wanted.after is not None and await store.get(context.tenant, provider, wanted.after) is None:
        context.error = f"{shown(wanted.after)} is no job of this list"
        context.error_field = ("query", str(context.operation.page.cursor))
        return "invalid"
    jobs = await store.list(
        context.tenant,
        provider,
        model=wanted.model,
        operations=operations,
        offset=wanted.offset,
        limit=wanted.size + (1 if wanted.by_cursor else 0),
        requests=False,
        after=wanted.after,
        oldest_first=wanted.oldest_first,
    )
    more = len(jobs) > wanted.size
    context.jobs = [(job, state_at(job, latest(job, context.now))) for job in jobs[: wanted.size]]
    if store.unreadable.has_jobs_of(context.tenant, provider):
        context.warnings += ("jobs that cannot be read are left out; GET /__mock/unreadable names them",)
    context.jobs_count = await store.count(
        context.tenant, provider, model=wanted.model, operations=operations
    )
    if not wanted.by_cursor:
        more = wanted.offset + len(jobs) < context.jobs_count
    context.page = _page_of(jobs[: wanted.size], more=more)
    return "default"


class _WantedPage(NamedTuple):
    """Which page of the list is wanted."""

    size: int
    offset: int
    model: str | None
    by_cursor: bool
    after: str | None
    oldest_first: bool


def _read_page(context: RequestContext) -> _WantedPage:
    page, query = context.operation.page, context.parameters.get("query", {})
    size = max(0, min(_number(query, page.size, page.most), _LARGEST_PAGE))
    number = max(1, min(_number(query, page.number, 1), _LAST_PAGE))
    offset = max(0, min(_number(query, page.offset, 0), _LAST_PAGE))
    model = next(
        (query.get(name) for name, what in context.operation.filters.items() if what == "model"), None
    )
    after = query.get(page.cursor) if page.cursor else None
    oldest_first = page.order is not None and query.get(page.order) == "asc"
    before = (number - 1) * size + offset
    return _WantedPage(size, before, model, page.cursor is not None, after or None, oldest_first)


def _page_of(jobs: Sequence[Job], *, more: bool) -> ListPage:
    """What an answer can say of the page and of the next one."""
    if not jobs:
        return ListPage(more=more)
    last = jobs[-1].id
    return ListPage(jobs[0].id, last, more, last if more else None)


def _number(query: Mapping[str, Any], name: str | None, default: int) -> int:
    """The number of a query parameter; `default` where it was not sent or the contract has no name for it."""
    return int(query.get(name, default)) if name else default
