"""The one rule that decides states: by plan, by facts, and never backwards."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.jobs.job import Fact, FactKind, Job, PaceKind, Plan, State, Step
from mockserver.jobs.timeline import history, latest, next_event, next_poll, plan_at, state_at
from mockserver.terms import ENDED, Phase

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
    named = tuple(step._replace(state=f"{index} {step.state}") for index, step in enumerate(steps))
    return Plan(named, draw(st.sampled_from(paces)), draw(st.integers(0, 8)), draw(st.none() | st.text()))


def fact_of(*given: Any, **more: Any) -> Fact:
    """A fact; Hypothesis would draw what a tuple's caller leaves out."""
    return Fact(*given, **more)


def facts(at: st.SearchStrategy[int] = noted_at) -> st.SearchStrategy[Fact]:
    """Facts in any order of moments, as replicas with different clocks note them."""
    polled = st.builds(fact_of, st.just("polled"), at)
    named_states = st.builds(
        fact_of,
        st.sampled_from(("cancelled", "forced")),
        at,
        state=st.text(min_size=1, max_size=4),
        phase=st.sampled_from(PHASES),
        reason=st.none() | st.text(max_size=4),
    )
    return polled | named_states | st.builds(fact_of, st.just("paced"), at, plan=plans())


polls_or_paces = st.builds(fact_of, st.just("polled"), st.just(START)) | st.builds(
    fact_of, st.just("paced"), st.just(START), plan=plans(("time",))
)


def jobs(
    plan: st.SearchStrategy[Plan] | None = None, fact: st.SearchStrategy[Fact] | None = None
) -> st.SearchStrategy[Job]:
    noted = st.lists(facts() if fact is None else fact, max_size=6).map(tuple)
    return st.builds(make_job, plans() if plan is None else plan, noted)


def make_job(plan: Plan, noted: tuple[Fact, ...] = ()) -> Job:
    return Job("id", "tenant", "provider", "submit", "model", {}, START, plan, facts=noted)


def polled(*seconds: float) -> tuple[Fact, ...]:
    return tuple(Fact("polled", START + round(at * 1000)) for at in seconds)


def paced(seconds: float, plan: Plan) -> Fact:
    return Fact("paced", START + round(seconds * 1000), plan=plan)


def entered(job: Job, seconds: float) -> list[tuple[str, float]]:
    """The words of a job's history, each with its moment in seconds after the start."""
    return [
        (state.word, (state.since - START) / 1000) for state in history(job, START + round(seconds * 1000))
    ]


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
    plan = Plan(tuple(step._replace(lasts=0) for step in WAY))

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

    states = [state_at(make_job(plan, polled(*range(count))), START + 99_000) for count in range(len(words))]

    assert [state.word for state in states] == words


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


@pytest.mark.parametrize("kind", ["forced", "cancelled"])
@pytest.mark.parametrize(("word", "phase"), [(None, None), ("success", None), (None, "succeeded")])
def test_a_fact_without_a_whole_state_changes_nothing(
    kind: FactKind, word: str | None, phase: Phase | None
) -> None:
    job = make_job(Plan(WAY), (Fact(kind, START + 1000, word, phase),))

    for now in range(START, START + 10_000, 500):
        assert state_at(job, now) == state_at(make_job(Plan(WAY)), now)


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


@given(jobs(plans(("time", "polls")), st.builds(fact_of, st.just("polled"), noted_at)), moments, moments)
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
    twin = job._replace(facts=tuple(fact._replace() for fact in job.facts))

    assert state_at(job, now) == state_at(job, now) == state_at(twin, now)


@given(jobs(), moments, moments, st.data())
def test_facts_after_the_end_change_nothing(job: Job, one: int, other: int, data: st.DataObject) -> None:
    end = latest(job, one)
    now = max(end, other)
    state = state_at(job, end)
    assume(state.ended)
    late = tuple(data.draw(st.lists(facts(st.integers(end, end + 9000)), min_size=1, max_size=4)))

    assert state_at(job._replace(facts=job.facts + late), now) == state


@given(jobs(plans(("polls", "manual"))), st.lists(facts(), min_size=1, max_size=4))
def test_an_ending_by_facts_outlives_any_later_note_whatever_its_moment(job: Job, late: list[Fact]) -> None:
    moment = latest(job, START)
    state = state_at(job, moment)
    assume(state.ended)

    assert state_at(job._replace(facts=(*job.facts, *late)), moment) == state


@given(jobs(plans(("time",)), polls_or_paces), moments)
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


def poll_by_poll(job: Job, now: int) -> tuple[int, State] | None:
    """What `next_poll` works out, by trying one poll after the other."""
    plan, word = plan_at(job, now), state_at(job, now).word
    if plan is None or plan.pace != "polls":
        return None
    for more in range(1, plan.polls + 1):
        job = job._replace(facts=(*job.facts, Fact("polled", now)))
        if state_at(job, now).word != word:
            return more, state_at(job, now)
    return None


@given(jobs(plans(("polls",))), moments)
def test_the_next_poll_is_worked_out_as_if_polls_were_made(job: Job, now: int) -> None:
    now = latest(job, now)

    assert next_poll(job, now) == poll_by_poll(job, now)


def test_any_number_of_polls_is_worked_out_at_once() -> None:
    job = make_job(Plan(WAY, "polls", 2**62), polled(1, 2))

    assert next_poll(job, START + 5000) == (2**61 - 1, State("processing", "running", START + 5000))


def test_a_paced_job_goes_on_from_the_state_it_is_in_and_keeps_its_beginning() -> None:
    slower = Plan((WAY[1]._replace(lasts=20_000), Step("failed", "failed")), reason="too late")
    job = make_job(Plan(WAY), (paced(3, slower),))

    assert state_at(job, START + 2999) == state_at(job, START + 22_999)
    assert state_at(job, START + 22_999) == State("processing", "running", START + 2000)
    assert state_at(job, START + 23_000) == State("failed", "failed", START + 23_000, "too late")


def test_under_a_new_pace_only_later_polls_count() -> None:
    by_polls = Plan(WAY[1:], "polls", 2)
    job = make_job(Plan(WAY), (*polled(1, 2.5), paced(3, by_polls), *polled(4, 99)))

    assert entered(job, 98) == [("queued", 0), ("processing", 2)]
    assert entered(job, 99) == [("queued", 0), ("processing", 2), ("success", 99)]


def test_a_paced_job_may_be_told_to_wait() -> None:
    job = make_job(Plan(WAY), (paced(3, Plan(WAY[1:], "manual")),))

    assert entered(job, 10**6) == [("queued", 0), ("processing", 2)]
    assert next_event(job, START + 3000) is None


def test_a_new_pace_lets_go_of_a_forced_state() -> None:
    held = Fact("forced", START + 1000, "processing", "running", "stuck")
    job = make_job(Plan(WAY), (held, paced(60, Plan(WAY[1:]))))

    assert state_at(job, START + 65_999) == State("processing", "running", START + 1000, "stuck")
    assert entered(job, 99) == [("queued", 0), ("processing", 1), ("success", 66)]


def test_a_forced_state_ends_a_new_pace() -> None:
    held = Fact("forced", START + 4000, "processing", "running")
    job = make_job(Plan(WAY), (paced(3, Plan(WAY[1:])), held))

    assert entered(job, 99) == [("queued", 0), ("processing", 2), ("processing", 4)]


def test_a_pace_that_was_set_for_an_earlier_state_does_not_lead_back() -> None:
    job = make_job(Plan(WAY), (paced(3, Plan(WAY)),))

    assert entered(job, 99) == [("queued", 0), ("processing", 2), ("success", 9)]


def test_a_pace_without_the_word_of_the_state_begins_with_that_state() -> None:
    odd = Fact("forced", START + 1000, "resting", "waiting")
    job = make_job(Plan(WAY), (odd, paced(3, Plan(WAY[1:]))))

    assert entered(job, 99) == [("queued", 0), ("resting", 1), ("success", 9)]


@pytest.mark.parametrize("plan", [None, Plan(WAY)])
def test_a_pace_changes_nothing_without_a_plan_or_after_the_end(plan: Plan | None) -> None:
    late = Fact("paced", START + (3000 if plan is None else 8000), plan=plan)

    assert entered(make_job(Plan(WAY), (late,)), 99) == entered(make_job(Plan(WAY)), 99)


def test_the_next_event_goes_by_the_plan_in_force() -> None:
    slower = Plan((WAY[1]._replace(lasts=20_000), WAY[2]))
    held = Fact("forced", START + 30_000, "processing", "running")
    job = make_job(Plan(WAY, "manual"), (paced(3, slower._replace(steps=(WAY[0], *slower.steps))), held))

    due = [next_event(job, START + at * 1000) for at in (2, 3, 5, 25, 30)]

    assert due == [None, START + 5000, START + 25_000, None, None]


def test_the_plan_in_force_is_the_last_one_given() -> None:
    slower = Plan(WAY[1:])
    held = Fact("forced", START + 5000, "processing", "running")
    job = make_job(Plan(WAY), (paced(3, slower), held))

    assert [plan_at(job, START + at * 1000) for at in (0, 3, 4, 5)] == [Plan(WAY), slower, slower, None]
    assert plan_at(make_job(Plan(WAY)), START) == Plan(WAY)


def test_what_is_passed_at_once_is_in_the_history() -> None:
    at_once = Plan(tuple(step._replace(lasts=0) for step in WAY))
    one_poll = make_job(Plan(WAY, "polls", 1), polled(7))

    assert entered(make_job(at_once), 0) == [("queued", 0), ("processing", 0), ("success", 0)]
    assert entered(one_poll, 7) == [("queued", 0), ("processing", 7), ("success", 7)]


def test_before_it_was_submitted_a_job_has_its_beginning() -> None:
    assert entered(make_job(Plan(WAY)), -5) == [("queued", 0)]


@given(jobs(), moments)
def test_the_last_of_the_history_is_the_state(job: Job, now: int) -> None:
    assert history(job, now)[-1] == state_at(job, now)


@given(jobs(), moments, moments)
def test_what_has_happened_stays_as_it_is(job: Job, one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    before = history(job, earlier)

    assert history(job, later)[: len(before)] == before


@given(jobs(), moments)
def test_every_state_of_the_history_was_there_at_its_moment(job: Job, now: int) -> None:
    states = history(job, now)
    moments = [state.since for state in states]

    assert moments == sorted(moments)
    assert {state.since: state for state in states} == {at: state_at(job, at) for at in moments}
    assert not any(state.ended for state in states[:-1])


NEXT = {"queued": {"processing", "failed", "cancelled"}, "processing": {"success", "failed", "cancelled"}}


@st.composite
def legal_plans(draw: st.DrawFn) -> Plan:
    """Plans that begin with the job's first word and follow NEXT to an end."""
    steps = [WAY[0]]
    while following := sorted(NEXT.get(steps[-1].state, ())):
        word = draw(st.sampled_from(following))
        steps.append(Step(word, phase_of(word), draw(st.integers(0, 9000))))
    return Plan(tuple(steps), draw(st.sampled_from(("time", "polls", "manual"))), draw(st.integers(0, 4)))


def phase_of(word: str) -> Phase:
    known: dict[str, Phase] = {step.state: step.phase for step in WAY}
    return known.get(word) or ("failed" if word == "failed" else "cancelled")


@given(
    legal_plans(),
    st.lists(
        st.builds(fact_of, st.just("polled"), noted_at)
        | st.builds(fact_of, st.just("cancelled"), noted_at, st.just("cancelled"), st.just("cancelled"))
        | st.builds(fact_of, st.just("paced"), noted_at, plan=legal_plans()),
        max_size=6,
    ),
)
def test_whatever_is_told_a_job_takes_only_legal_steps(plan: Plan, noted: list[Fact]) -> None:
    words = [state.word for state in history(make_job(plan, tuple(noted)), START + 10**6)]

    assert words[0] == "queued"
    assert all(later in NEXT.get(earlier, ()) for earlier, later in pairwise(words))


def test_ended_is_what_its_phases_say() -> None:
    assert {phase for phase in PHASES if State("word", phase, START).ended} == ENDED


@pytest.mark.parametrize("polls", range(6))
def test_the_next_poll_is_never_one_that_was_made(polls: int) -> None:
    steps = (*(Step(f"step {index}", "running") for index in range(3)), Step("done", "succeeded"))
    job = make_job(Plan(steps, "polls", 5), polled(*range(polls)))

    following = next_poll(job, START + 9000)

    assert (following is None) is (polls == 5)
    assert following is None or 1 <= following[0] <= 5 - polls


def test_a_step_lasts_no_time_and_a_plan_waits_for_no_poll_unless_told() -> None:
    assert Step("queued", "waiting").lasts == 0
    assert Plan(WAY).polls == 0
