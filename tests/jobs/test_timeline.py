"""The one rule that decides states: by plan, by facts, and never backwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.jobs.job import ENDED, Fact, Job, PaceKind, Phase, Plan, State, Step
from mockserver.jobs.timeline import latest, next_event, state_at

START = 1_700_000_000_000

WAY = (Step("queued", "waiting", 2000), Step("processing", "running", 6000), Step("success", "succeeded"))
ONGOING: tuple[Phase, ...] = ("waiting", "running")
PHASES: tuple[Phase, ...] = (*ONGOING, "succeeded", "failed", "cancelled")

moments = st.integers(START, START + 40_000)
noted_at = st.integers(START - 3000, START + 20_000)


@st.composite
def plans(draw: st.DrawFn, paces: tuple[PaceKind, ...] = ("time", "polls", "manual")) -> Plan:
    """Plans with an ending nowhere but at their last step."""
    ongoing = st.builds(Step, st.text(max_size=4), st.sampled_from(ONGOING), st.integers(0, 9000))
    last = st.builds(Step, st.text(max_size=4), st.sampled_from(PHASES), st.integers(0, 9000))
    steps = (*draw(st.lists(ongoing, max_size=4)), draw(last))
    named = tuple(replace(step, state=f"{index} {step.state}") for index, step in enumerate(steps))
    return Plan(named, draw(st.sampled_from(paces)), draw(st.integers(0, 8)), draw(st.none() | st.text()))


def facts(at: st.SearchStrategy[int] = noted_at) -> st.SearchStrategy[Fact]:
    """Facts in any order of moments, as replicas with different clocks note them."""
    polled = st.builds(Fact, st.just("polled"), at)
    told = st.builds(
        Fact,
        st.sampled_from(("cancelled", "forced")),
        at,
        state=st.text(min_size=1, max_size=4),
        phase=st.sampled_from(PHASES),
        reason=st.none() | st.text(max_size=4),
    )
    return polled | told


def jobs(
    plan: st.SearchStrategy[Plan] | None = None, fact: st.SearchStrategy[Fact] | None = None
) -> st.SearchStrategy[Job]:
    noted = st.lists(facts() if fact is None else fact, max_size=6).map(tuple)
    return st.builds(make_job, plans() if plan is None else plan, noted)


def make_job(plan: Plan, noted: tuple[Fact, ...] = ()) -> Job:
    return Job("id", "tenant", "provider", "submit", "model", {}, START, plan, facts=noted)


def polled(*seconds: float) -> tuple[Fact, ...]:
    return tuple(Fact("polled", START + round(at * 1000)) for at in seconds)


def cancelled(seconds: float) -> Fact:
    return Fact("cancelled", START + round(seconds * 1000), "cancelled", "cancelled", "by its owner")


@pytest.mark.parametrize(
    ("after", "word", "since"),
    [
        (0, "queued", 0),
        (1999, "queued", 0),
        (2000, "processing", 2000),
        (7999, "processing", 2000),
        (8000, "success", 8000),
        (10**12, "success", 8000),
    ],
)
def test_under_pace_time_a_state_is_entered_exactly_at_its_moment(after: int, word: str, since: int) -> None:
    state = state_at(make_job(Plan(WAY)), START + after)

    assert (state.word, state.since) == (word, START + since)


def test_before_it_was_submitted_a_job_is_where_it_begins() -> None:
    assert state_at(make_job(Plan(WAY)), START - 5) == State("queued", "waiting", START)


def test_steps_that_last_no_time_are_passed_at_once() -> None:
    plan = Plan(tuple(replace(step, lasts=0) for step in WAY))

    assert state_at(make_job(plan), START) == State("success", "succeeded", START)


@pytest.mark.parametrize(
    ("polls", "words"),
    [
        (0, ["queued", "success", "success"]),
        (1, ["queued", "success", "success"]),
        (2, ["queued", "queued", "success", "success"]),
        (3, ["queued", "queued", "processing", "success", "success"]),
        (5, ["queued", "queued", "queued", "processing", "processing", "success", "success"]),
    ],
)
def test_under_pace_polls_the_steps_spread_over_the_polls(polls: int, words: list[str]) -> None:
    plan = Plan(WAY, "polls", polls)

    found = [state_at(make_job(plan, polled(*range(count))), START + 99_000) for count in range(len(words))]

    assert [state.word for state in found] == words


def test_under_pace_polls_a_state_is_entered_with_the_poll_that_found_it_first() -> None:
    job = make_job(Plan(WAY, "polls", 5), polled(1, 2, 3, 4, 5, 6))

    since = [(state_at(job, START + at * 1000).since - START) // 1000 for at in range(8)]

    assert since == [0, 0, 0, 3, 3, 5, 5, 5]


@given(plans(("polls",)), st.integers(0, 12))
def test_the_last_step_is_found_by_the_asked_poll_and_by_none_before(plan: Plan, polls: int) -> None:
    assume(len(plan.steps) > 1)
    state = state_at(make_job(plan, polled(*range(polls))), START + 99_000)

    assert (state.word == plan.steps[-1].state) == (polls >= max(1, plan.polls))


def test_under_pace_manual_a_job_waits_until_it_is_moved() -> None:
    forced = Fact("forced", START + 5000, "success", "succeeded")
    job = make_job(Plan(WAY, "manual"), (*polled(1, 2), forced))

    assert state_at(job, START + 4999) == State("queued", "waiting", START)
    assert state_at(job, START + 5000) == State("success", "succeeded", START + 5000)


@pytest.mark.parametrize("phase", PHASES)
def test_only_a_planned_failure_gives_the_plans_reason(phase: Phase) -> None:
    plan = Plan((Step("over", phase),), reason="too dark")

    assert state_at(make_job(plan), START).reason == ("too dark" if phase == "failed" else None)


def test_a_cancelled_job_stays_cancelled_although_its_plan_goes_on() -> None:
    job = make_job(Plan(WAY), (cancelled(3),))

    assert state_at(job, START + 2999).word == "processing"
    assert state_at(job, START + 99_000) == State("cancelled", "cancelled", START + 3000, "by its owner")


def test_a_cancellation_at_the_moment_of_the_end_comes_too_late() -> None:
    job = make_job(Plan(WAY), (cancelled(8),))

    assert state_at(job, START + 99_000).word == "success"


def test_a_forced_state_holds_until_the_next_fact() -> None:
    held = Fact("forced", START + 1000, "processing", "running", "stuck")
    job = make_job(Plan(WAY), (held, cancelled(60)))

    assert state_at(job, START + 59_999) == State("processing", "running", START + 1000, "stuck")
    assert state_at(job, START + 60_000).word == "cancelled"


def test_a_fact_that_names_no_state_changes_nothing() -> None:
    job = make_job(Plan(WAY), (Fact("forced", START),))

    assert state_at(job, START + 2000).word == "processing"


def test_who_cancelled_first_is_right_even_by_a_clock_that_runs_ahead() -> None:
    forced = Fact("forced", START + 2990, "success", "succeeded")
    job = make_job(Plan(WAY), (cancelled(3), forced))

    assert state_at(job, START + 2995).word == "processing"
    assert state_at(job, START + 9000).word == "cancelled"


def test_who_noted_a_fact_sees_it_although_another_clock_runs_ahead() -> None:
    job = make_job(Plan(WAY, "polls", 2), polled(3, 2.9))

    assert latest(job, START + 2900) == START + 3000
    assert state_at(job, latest(job, START + 2900)).word == "success"
    assert latest(make_job(Plan(WAY)), START + 7) == START + 7


@given(jobs(plans(("time", "polls")), st.builds(Fact, st.just("polled"), noted_at)), moments, moments)
def test_by_its_plan_a_job_never_goes_back(job: Job, one: int, other: int) -> None:
    words = [step.state for step in job.plan.steps]
    earlier, later = (words.index(state_at(job, now).word) for now in sorted((one, other)))

    assert earlier <= later


@given(jobs(), moments, moments)
def test_what_has_ended_stays_as_it_is(job: Job, one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    state = state_at(job, earlier)
    assume(state.ended)

    assert state_at(job, later) == state


@given(jobs(), moments)
def test_since_is_when_the_state_was_entered(job: Job, now: int) -> None:
    state = state_at(job, now)

    assert START <= state.since <= now
    assert state_at(job, state.since) == state


@given(jobs(), moments)
def test_the_same_question_has_the_same_answer(job: Job, now: int) -> None:
    twin = replace(job, facts=tuple(replace(fact) for fact in job.facts))

    assert state_at(job, now) == state_at(job, now) == state_at(twin, now)


@given(jobs(), moments, moments, st.data())
def test_facts_after_the_end_change_nothing(job: Job, one: int, other: int, data: st.DataObject) -> None:
    end = latest(job, one)
    now = max(end, other)
    state = state_at(job, end)
    assume(state.ended)
    late = tuple(data.draw(st.lists(facts(st.integers(end, end + 9000)), min_size=1, max_size=4)))

    assert state_at(replace(job, facts=job.facts + late), now) == state


@given(jobs(plans(("polls", "manual"))), st.lists(facts(), min_size=1, max_size=4))
def test_an_ending_by_facts_outlives_any_later_note_whatever_its_moment(job: Job, late: list[Fact]) -> None:
    told = latest(job, START)
    state = state_at(job, told)
    assume(state.ended)

    assert state_at(replace(job, facts=(*job.facts, *late)), told) == state


@given(jobs(plans(("time",)), st.builds(Fact, st.just("polled"), noted_at)), moments)
def test_nothing_changes_before_the_next_event_and_something_with_it(job: Job, now: int) -> None:
    due = next_event(job, now)

    if due is None:
        assert state_at(job, now) == state_at(job, now + 10**9)
    else:
        assert due > now
        assert state_at(job, due - 1) == state_at(job, now)
        assert state_at(job, due).since == due


@pytest.mark.parametrize("pace", ["polls", "manual"])
def test_nothing_is_due_by_itself_where_time_does_not_decide(pace: PaceKind) -> None:
    assert next_event(make_job(Plan(WAY, pace, 3)), START) is None


def test_nothing_is_due_while_a_fact_holds_the_job() -> None:
    job = make_job(Plan(WAY), (Fact("forced", START + 1000, "processing", "running"),))

    assert next_event(job, START + 999) == START + 2000
    assert next_event(job, START + 1000) is None


def test_ended_is_what_its_phases_say() -> None:
    assert {phase for phase in PHASES if State("word", phase, START).ended} == ENDED
