"""How far a job has come, its place in the queue, and the moments of its life."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.jobs.job import Fact, Job, PaceKind, Plan, Step
from mockserver.jobs.progress import ended_at, progress, queue_position, run_seconds, started_at
from mockserver.jobs.timeline import state_at

START = 1_700_000_000_000
STEPS = (Step("queued", "waiting", 4000), Step("processing", "running", 6000), Step("success", "succeeded"))
FAILING = (*STEPS[:2], Step("failed", "failed"))


def make_job(plan: Plan, *facts: Fact) -> Job:
    return Job("1", "t", "p", "submit", "m", {}, START, plan, facts=facts)


def polled(times: int) -> tuple[Fact, ...]:
    return (Fact("polled", START),) * times


@pytest.mark.parametrize(
    ("after", "percent", "place"),
    [
        (-5000, 0, 5),
        (0, 0, 5),
        (99, 0, 5),
        (100, 1, 5),
        (800, 8, 4),
        (2000, 20, 3),
        (3201, 32, 1),
        (3999, 39, 1),
        (4000, 40, 0),
        (9899, 98, 0),
        (9999, 99, 0),
        (10_000, 100, 0),
        (10**9, 100, 0),
    ],
)
def test_under_pace_time_progress_is_the_share_of_the_planned_time(
    after: int, percent: int, place: int
) -> None:
    job = make_job(Plan(STEPS))

    assert (progress(job, START + after), queue_position(job, START + after)) == (percent, place)


@pytest.mark.parametrize(
    ("polls", "percent", "place"), [(0, 0, 5), (1, 25, 4), (2, 50, 2), (3, 75, 0), (4, 100, 0), (5, 100, 0)]
)
def test_under_pace_polls_progress_is_the_share_of_the_polls(polls: int, percent: int, place: int) -> None:
    job = make_job(Plan(STEPS, "polls", 4), *polled(polls))

    assert (progress(job, START), queue_position(job, START)) == (percent, place)


def test_a_job_that_one_poll_ends_has_made_no_progress_before_it() -> None:
    for polls in (0, 1):
        assert progress(make_job(Plan(STEPS, "polls", polls)), START) == 0
        assert progress(make_job(Plan(STEPS, "polls", polls), *polled(1)), START) == 100


@pytest.mark.parametrize("pace", ["manual", "time", "polls"])
def test_a_plan_that_says_nothing_of_how_long_it_takes_shows_no_progress(pace: PaceKind) -> None:
    stays = Plan((Step("queued", "waiting", 4000),), pace, 3)

    assert progress(make_job(stays), START + 2000) == 0
    assert queue_position(make_job(stays._replace(pace="manual")), START + 2000) == 5


def test_a_job_that_does_not_begin_by_waiting_has_no_place_in_the_queue() -> None:
    assert queue_position(make_job(Plan(STEPS[1:])), START) == 0
    assert queue_position(make_job(Plan((STEPS[1], *STEPS))), START) == 0


def test_only_the_waiting_at_the_beginning_counts_down_the_place() -> None:
    """A job that goes back to waiting begins its queue no second time."""
    twice = Plan((STEPS[0], STEPS[1], Step("queued", "waiting", 4000), STEPS[2]))

    assert queue_position(make_job(twice), START + 2000) == 3
    assert queue_position(make_job(twice), START + 11_000) == 1


def test_a_job_that_is_held_keeps_the_progress_that_it_had() -> None:
    held = Fact("forced", START + 5000, "processing", "running")
    waits = Fact("forced", START + 2000, "queued", "waiting")

    assert [progress(make_job(Plan(STEPS), held), START + at) for at in (4000, 5000, 90_000)] == [40, 50, 50]
    assert queue_position(make_job(Plan(STEPS), waits), START + 90_000) == 5


def test_a_failure_keeps_the_progress_of_its_moment_and_never_shows_all() -> None:
    failed = Fact("forced", START + 5000, "failed", "failed", "a stone")

    assert progress(make_job(Plan(STEPS), failed), START + 90_000) == 50
    assert progress(make_job(Plan(FAILING)), START + 90_000) == 99
    assert progress(make_job(Plan(FAILING, "polls", 4), *polled(9)), START) == 99


def test_a_new_pace_goes_on_from_where_the_job_is() -> None:
    slower = Plan(tuple(step._replace(lasts=20_000) for step in STEPS))
    paced = make_job(Plan(STEPS), Fact("paced", START + 5000, plan=slower))

    assert [progress(paced, START + at) for at in (4999, 5000, 15_000, 25_000)] == [49, 50, 75, 100]


@given(moments=st.lists(st.integers(0, 12_000), min_size=1, max_size=9))
def test_progress_never_goes_back(moments: list[int]) -> None:
    shown = [progress(make_job(Plan(STEPS)), START + moment) for moment in sorted(moments)]
    places = [queue_position(make_job(Plan(STEPS)), START + moment) for moment in sorted(moments)]

    assert shown == sorted(shown)
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize(
    ("after", "started", "ended", "seconds"),
    [
        (0, None, None, None),
        (3999, None, None, None),
        (4000, 4000, None, None),
        (9999, 4000, None, None),
        (10_000, 4000, 10_000, 6.0),
        (90_000, 4000, 10_000, 6.0),
    ],
)
def test_a_job_has_the_moments_that_it_has_passed(
    after: int, started: int | None, ended: int | None, seconds: float | None
) -> None:
    for steps in (STEPS, FAILING):
        job, now = make_job(Plan(steps)), START + after
        assert started_at(job, now) == (None if started is None else START + started)
        assert ended_at(state_at(job, now)) == (None if ended is None else START + ended)
        assert run_seconds(job, now) == seconds


def test_a_job_that_ended_while_it_waited_never_started() -> None:
    job = make_job(Plan(STEPS), Fact("cancelled", START + 1500, "cancelled", "cancelled"))
    now = START + 90_000

    assert (started_at(job, now), ended_at(state_at(job, now)), run_seconds(job, now)) == (
        None, START + 1500, None
    )  # fmt: skip


def test_a_job_that_starts_twice_counts_from_its_first_start() -> None:
    twice = Plan((STEPS[1], STEPS[0], STEPS[1], STEPS[2]))

    assert started_at(make_job(twice), START + 90_000) == START
    assert run_seconds(make_job(twice), START + 90_000) == 16.0
