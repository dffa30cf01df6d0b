"""Quotas: what a tenant may use. Everything is counted in the store, on the tenant's clock."""

from __future__ import annotations

from functools import partial
from typing import Final

from mockserver.engine.counting import count_running, group_cost, measure_jobs
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_context import Balance, RequestContext
from mockserver.numerals import plural
from mockserver.stores.base import Group, Store

_WINDOW: Final = "window/"


async def charge_quota(live_settings: LiveSettings, store: Store, context: RequestContext) -> None:
    """Count the request against its tenant's quota. Raises Refusal where it is used up."""
    quota = live_settings.quota(context.tenant)
    if quota is None:
        return
    if quota.requests is not None and await _count_request(store, context, quota.window) > quota.requests:
        message = f"{plural(quota.requests, 'request')} in {quota.window:g} s are used up"
        raise _refusal(context, "limited", message, window_end(context.now, quota.window))
    if context.operation.role != "submit":
        return
    if quota.parallel is not None:
        await _check_parallel(quota.parallel, store, context)
    if quota.credits is not None:
        await _check_credits(quota.credits, store, context)


async def _count_request(store: Store, context: RequestContext, seconds: float) -> int:
    """The request's number in its window. The first of a window drops the counts of those before."""
    name = f"{_WINDOW}{_window(context.now, seconds)}"
    number = await store.increment(context.tenant, name)
    if number == 1:
        await store.drop_numbers(context.tenant, _WINDOW, name)
    return number


def _window(now: int, seconds: float) -> int:
    """The number of the window that a moment is in."""
    return int(now // (seconds * 1000))


def window_end(now: int, seconds: float) -> int:
    """The first millisecond of the next window."""
    number = _window(now, seconds)
    end = max(now + 1, int((number + 1) * seconds * 1000))
    while _window(end, seconds) == number:
        end += 1
    return end


async def _check_parallel(most: int, store: Store, context: RequestContext) -> None:
    provider, shares = context.contract.provider, partial(_shares_limit, context)
    running = await count_running(store.tally, context.tenant, provider, context.now, shares)
    if running >= most:
        raise _refusal(
            context, "busy", f"{plural(running, 'job is', 'jobs are')} running, {most} allowed at a time"
        )


def _shares_limit(context: RequestContext, group: Group) -> bool:
    """Whether the jobs of a group count beside the new one: where the contract counts by model, those of its
    model that make the same, images or clips. A submit that names no model shares the limit of all clips.
    """
    contract, operation = context.contract, context.operation
    if not contract.parallel_per_model:
        return True
    made = contract.operations.get(group.operation)
    if made is not None and made.makes_images != operation.makes_images:
        return False
    return operation.source is not None or group.model == context.submitted_model


async def _check_credits(most: float, store: Store, context: RequestContext) -> None:
    spent = await _spent(store, context)
    if spent >= most:
        raise _refusal(context, "unpaid", f"{spent:g} of {most:g} credits are used up")


async def _spent(store: Store, context: RequestContext) -> float:
    """What the tenant's jobs have cost."""
    await measure_jobs(store, context.contract)
    groups = await store.tally.groups(context.tenant, context.contract.provider)
    return sum(group_cost(context.contract, group) for group in groups)


async def read_account(live_settings: LiveSettings, store: Store, context: RequestContext) -> Balance:
    """The account of the request's tenant: what its quota grants, else what the contract has."""
    quota = live_settings.quota(context.tenant)
    granted = context.operation.credits
    if quota is not None and quota.credits is not None:
        granted = quota.credits
    return Balance(granted, max(0.0, granted - await _spent(store, context)))


def _refusal(context: RequestContext, when: str, message: str, until: int | None = None) -> Refusal:
    for name in (when, "limited"):
        if name in context.operation.answers:
            return Refusal(name, message, (message,), until=until)
    return Refusal("invalid", message, (message,), until=until)
