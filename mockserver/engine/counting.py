"""How many jobs are in which state, and what happens next, by the store's tally: no job is looked at."""

from __future__ import annotations

from asyncio import sleep
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from typing import NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine import clip
from mockserver.jobs.job import LONGEST_CLIP, Job
from mockserver.stores.base import Group, Store, Tally
from mockserver.terms import ENDED, Phase


class Word(NamedTuple):
    """A provider's word for a state, and what it means."""

    state: str
    phase: Phase


async def count_states(tally: Tally, group: Group, now: int) -> Counter[Word]:
    """How many jobs of the group are in each state at `now` (Unix milliseconds) on their tenant's clock."""
    counts: Counter[Word] = Counter()
    arrived = group.number
    for milestone, following in zip(group.course, (*group.course[1:], None), strict=True):
        gone = 0
        if following is not None and arrived:
            gone = min(arrived, await tally.count_started(group, now - following.after))
        if arrived > gone:
            counts[Word(milestone.state, milestone.phase)] += arrived - gone
        arrived = gone
    return counts


async def count_running(
    tally: Tally, tenant: str, provider: str, now: int, shares: Callable[[Group], bool] = lambda group: True
) -> int:
    """How many jobs of a tenant and provider have not ended at `now`, of groups that `shares` lets in."""
    running = 0
    for group in filter(shares, await tally.groups(tenant, provider)):
        counts = await count_states(tally, group, now)
        running += sum(number for word, number in counts.items() if word.phase not in ENDED)
    return running


class PlannedChange(NamedTuple):
    """A planned change of state: its moment, in Unix milliseconds, and the start of a job that has it."""

    at: int
    group: Group
    start: int


async def next_change(tally: Tally, group: Group, now: int) -> PlannedChange | None:
    """The first planned change of any job of the group after `now`, or None."""
    first: PlannedChange | None = None
    for milestone in group.course[1:]:
        start = await tally.first_started(group, now - milestone.after)
        if start is not None and (first is None or start + milestone.after < first.at):
            first = PlannedChange(start + milestone.after, group, start)
    return first


async def patiently(groups: Iterable[Group]) -> AsyncIterator[Group]:
    """The groups, with room between them for other requests: there may be one for each of many tenants."""
    for group in groups:
        yield group
        await sleep(0)


def group_cost(contract: Contract, group: Group) -> float:
    """What the group's jobs cost by the contract's price table; 0 of sessions, or without a price."""
    model, made = contract.models.get(group.model), contract.operations.get(group.operation)
    if model is None or model.price is None or (made is not None and made.role == "session"):
        return 0.0
    units = group.seconds if model.price.per == "second" else group.number
    return model.price.amount * units


def clip_seconds(contract: Contract, job: Job) -> float:
    """The length of the job's clip, as it counts."""
    return min(clip.seconds(contract, job), LONGEST_CLIP)


async def measure_jobs(store: Store, contract: Contract) -> None:
    """Note the lengths of clips that an older server has not noted, where jobs cost by length."""
    if not any(model.price and model.price.per == "second" for model in contract.models.values()):
        return
    while jobs := await store.unmeasured(contract.provider):
        await store.set_seconds({(job.provider, job.id): clip_seconds(contract, job) for job in jobs})
        await sleep(0)
