"""What jobs cost, how many of them run, and how long the clips of those are that nobody has measured."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.engine.counting import clip_seconds, count_running, group_cost, measure_jobs
from mockserver.jobs.job import Job, Plan, Step
from mockserver.media.picture import measure
from mockserver.stores.base import Group
from mockserver.stores.memory import MemoryStore
from tests.serving import ROOT

PLAN = Plan((Step("q", "waiting", 1000), Step("r", "running", 2000), Step("s", "succeeded")))
SORA = "sora-2"


def contract(provider: str) -> Contract:
    return load_contract(ROOT / "contracts" / provider, measure=measure)


def job(job_id: str, provider: str = "openai", model: str = SORA, at: int = 0) -> Job:
    request = {"model": model, "prompt": "a kite", "seconds": "8"}
    return Job(job_id, "ann", provider, "createVideo", model, request, at, PLAN)


@pytest.mark.parametrize(("provider", "left"), [("openai", []), ("gmicloud", ["1", "2"])])
def test_jobs_are_measured_where_they_cost_by_length(provider: str, left: list[str]) -> None:
    async def play() -> tuple[list[str], list[float | None]]:
        store, judged = MemoryStore(), contract(provider)
        for job_id in ("1", "2"):
            await store.add(job(job_id, provider, next(iter(judged.models))))
        await measure_jobs(store, judged)
        return (
            [each.id for each in await store.unmeasured(provider)],
            [each.seconds for each in await store.list("ann", provider)],
        )

    unmeasured, seconds = asyncio.run(play())
    assert unmeasured == left
    assert seconds == ([None, None] if left else [8.0, 8.0])


@pytest.mark.parametrize(("asked", "counts"), [("8", 8.0), (10**9, 1e9), (10**9 + 1, 1e9)])
def test_no_clip_counts_as_longer_than_the_longest(asked: str | int, counts: float) -> None:
    long = job("1")._replace(request={"model": SORA, "prompt": "a kite", "seconds": asked})

    assert clip_seconds(contract("openai"), long) == counts


@pytest.mark.parametrize(
    ("provider", "model", "operation", "cost"),
    [
        ("openai", SORA, "createVideo", 2.0),
        ("openai", SORA, "gone", 2.0),
        ("openai", "gone", "createVideo", 0.0),
        ("gmicloud", "Kling-Text2Video-V1.6-Standard", "submitRequest", 90.0),
        ("replicate", "unpriced", "createPrediction", 0.0),
    ],
)
def test_a_group_costs_by_its_jobs_or_their_seconds(
    provider: str, model: str, operation: str, cost: float
) -> None:
    group = Group(1, "ann", provider, operation, model, (), 3, 20.0)

    assert group_cost(contract(provider), group) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("now", "running"), [(0, 2), (2500, 2), (2999, 2), (3000, 1), (5499, 1), (5500, 0), (5501, 0)]
)
def test_a_job_runs_until_its_end(now: int, running: int) -> None:
    async def play() -> list[int]:
        store = MemoryStore()
        for job_id, at in (("1", 0), ("2", 2500)):
            await store.add(job(job_id, at=at))
        every = await count_running(store.tally, "ann", "openai", now)
        others = await count_running(store.tally, "ann", "openai", now, lambda group: group.model != SORA)
        nobody = await count_running(store.tally, "bob", "openai", now)
        return [every, others, nobody]

    assert asyncio.run(play()) == [running, 0, 0]
