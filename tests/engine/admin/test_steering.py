"""What becomes of a job that is steered from outside, who is told of it, and what is refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockserver.engine.admin.job_check import check_job
from mockserver.engine.admin.jobs import JobControl, JobSnapshot, change_pace, last_plan
from mockserver.errors import Conflict, MockserverError, NotFoundError, SettingsError
from mockserver.jobs.job import Fact, Job, Plan, State, Step
from mockserver.settings import read_pace
from tests.engine.callbacks.test_sender import STEPS, Scene, contract, job_of
from tests.serving import START

Deed = Callable[[JobControl, str], Awaitable[Any]]


def steered(deed: Deed, *facts: Fact, seconds: float = 0) -> tuple[Any, int, Job | None]:
    """What a deed gives, how often somebody is told of a change, and what is stored then."""

    async def run() -> tuple[Any, int, Job | None]:
        scene, told = Scene(), list[None]()
        job = job_of(None)._replace(facts=facts)
        await scene.store.add(job)
        scene.clock.advance(seconds)
        scene.services.changes.subscribe(lambda: told.append(None))
        given = await deed(JobControl(scene.services), job.id)
        return given, len(told), await scene.store.get(job.tenant, "kkiai", job.id)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("deed", "kind", "word", "reason"),
    [
        (lambda control, job: control.force("kkiai", job, "processing"), "forced", "processing", None),
        (lambda control, job: control.force("kkiai", job, "succeed", "why"), "forced", "succeed", "why"),
        (lambda control, job: control.fail("kkiai", job, "a text"), "forced", "failed", "a text"),
        (
            lambda control, job: control.fail("kkiai", job),
            "forced",
            "failed",
            contract().reasons.get("default", "failed"),
        ),
        (
            lambda control, job: control.force("kkiai", job, "failed"),
            "forced",
            "failed",
            contract().reasons.get("default", "failed"),
        ),
        (
            lambda control, job: control.fail("kkiai", job, "risk-control"),
            "forced",
            "failed",
            contract().reasons["risk-control"],
        ),
        (
            lambda control, job: control.cancel("kkiai", job),
            "cancelled",
            "failed",
            contract().reasons.get("cancelled", "cancelled"),
        ),
    ],
)
def test_one_fact_says_where_the_job_is_and_all_who_wait_are_told(
    deed: Deed, kind: Any, word: str, reason: str | None
) -> None:
    snapshot, told, stored = steered(deed, seconds=1)

    assert (snapshot.state.word, snapshot.state.reason, told) == (word, reason, 1)
    assert stored is not None
    assert stored.facts == (Fact(kind, START + 1000, word, contract().states[word].phase, reason),)
    assert (snapshot.job, snapshot.now) == (stored, START + 1000)


@pytest.mark.parametrize(
    ("deed", "error", "problem"),
    [
        (
            lambda control, job: control.find("nobody", job),
            NotFoundError,
            "no provider 'nobody'",
        ),
        (lambda control, job: control.find("kkiai", "none"), NotFoundError, "kkiai has no job 'none'"),
        (lambda control, job: control.delete("kkiai", "none"), NotFoundError, "kkiai has no job 'none'"),
        (
            lambda control, job: control.force("kkiai", job, "done"),
            SettingsError,
            "kkiai has no state 'done'",
        ),
    ],
)
def test_what_is_not_there_is_named(deed: Deed, error: type[MockserverError], problem: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(problem)}"):
        steered(deed)


@pytest.mark.parametrize(
    "deed",
    [
        lambda control, job: control.force("kkiai", job, "processing"),
        lambda control, job: control.fail("kkiai", job),
        lambda control, job: control.pace("kkiai", job, read_pace("manual")),
    ],
)
def test_nothing_follows_an_end(deed: Deed) -> None:
    with pytest.raises(Conflict, match="has ended as 'succeed'; nothing can follow"):
        steered(deed, seconds=8)


def test_a_job_is_cancelled_once_and_only_before_its_end() -> None:
    cancelled = Fact("cancelled", START, "failed", "failed", "by its owner")
    snapshot, told, stored = steered(lambda control, job: control.cancel("kkiai", job), cancelled)

    assert (snapshot.state.reason, told) == ("by its owner", 0)
    assert stored is not None
    assert stored.facts == (cancelled,)
    with pytest.raises(Conflict, match="has ended as 'succeed'"):
        steered(lambda control, job: control.cancel("kkiai", job), seconds=8)


def test_a_job_that_is_deleted_is_gone_and_all_who_wait_are_told() -> None:
    assert steered(lambda control, job: control.delete("kkiai", job)) == (None, 1, None)


@pytest.mark.parametrize(("tenant", "deleted"), [("t" * 32, 1), ("", 1), ("u" * 32, 0)])
def test_a_reset_deletes_what_a_tenant_has_and_all_who_wait_are_told(tenant: str, deleted: int) -> None:
    number, told, stored = steered(lambda control, job: control.reset(tenant))

    assert (number, told, stored is None) == (deleted, 1, deleted == 1)


@pytest.mark.parametrize(
    ("pace", "kind", "lasts"),
    [
        ("manual", "manual", (0, 0)),
        ("polls:3", "polls", (0, 0)),
        ("immediate", "time", (0, 0)),
        ("time", "time", None),
    ],
)
@pytest.mark.parametrize("faults", [(), ("slow",)])
def test_another_pace_goes_on_from_the_state(
    pace: str, kind: str, lasts: tuple[int, int] | None, faults: tuple[str, ...]
) -> None:
    wanted = read_pace(pace)
    job = job_of(None)._replace(
        plan=Plan((*STEPS[:1], STEPS[1]._replace(lasts=7000), STEPS[2]), faults=faults)
    )
    before = JobSnapshot(job, START, State("processing", "running", START))
    plan = change_pace(job.plan, before, wanted, contract().states)
    own = 7000 if faults else contract().states["processing"].lasts
    expected = lasts or (round(own / wanted.speed), 0)

    assert [(step.state, step.lasts) for step in plan.steps] == [
        ("processing", expected[0]),
        ("succeed", expected[1]),
    ]
    assert (plan.pace, plan.polls, plan.faults) == (kind, wanted.polls, faults)


@pytest.mark.parametrize(("now", "polls"), [(9, 1), (10, 2), (19, 2), (20, 3), (99, 3)])
def test_the_last_plan_is_that_of_the_last_change_of_pace_so_far(now: int, polls: int) -> None:
    facts = [Fact("paced", at, plan=Plan(STEPS, "polls", number)) for at, number in ((10, 2), (20, 3))]
    forced = Fact("forced", 30, "processing", "running")
    job = job_of(None, plan=Plan(STEPS, "polls", 1))._replace(facts=(*facts, forced))

    assert last_plan(job, now).polls == polls


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"provider": "nobody", "operation": "x"}, None),
        ({"operation": "x"}, "operation: 'x' submits no jobs at kkiai"),
        ({"operation": "readImage2Video"}, "operation: 'readImage2Video' submits no jobs at kkiai"),
        ({"plan": Plan((Step("odd", "running"),))}, "in the state 'odd' breaks the contract"),
        ({"plan": Plan((Step("odd", "running"),), quirks=("off-contract",))}, None),
        ({"facts": (Fact("forced", 1, "odd", "failed"),)}, "in the state 'odd' breaks the contract"),
        ({"facts": (Fact("paced", 1, plan=Plan((Step("odd", "running"),))),)}, "in the state 'odd' breaks"),
        ({"facts": (Fact("polled", 1),)}, None),
    ],
)
def test_a_job_from_elsewhere_can_be_shown_in_each_of_its_states(
    change: dict[str, Any], problem: str | None
) -> None:
    job = job_of(None)._replace(**change)
    if problem is None:
        check_job({"kkiai": contract()}, job)
    else:
        with pytest.raises(ValueError, match=problem):
            check_job({"kkiai": contract()}, job)
