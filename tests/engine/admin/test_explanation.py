"""The causes in an explanation: worked out once for all states, as if each were looked for by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.admin.explanation import Upcoming, explain_job, lines
from mockserver.engine.admin.jobs import JobSnapshot, last_plan
from mockserver.jobs.job import Fact, FactKind, Job, Plan, Step
from mockserver.jobs.timeline import history, latest, state_at
from mockserver.terms import Phase

STEPS = (Step("queued", "waiting", 3), Step("processing", "running", 4), Step("success", "succeeded"))
PLANS = [Plan(STEPS), Plan(STEPS, "polls", 3), Plan(STEPS, "polls", 7), Plan(STEPS, "manual")]
WORDS: dict[str, Phase] = {"queued": "waiting", "processing": "running", "over": "cancelled"}


def fact(kind: FactKind, at: int, word: str, plan: Plan) -> Fact:
    if kind == "polled":
        return Fact(kind, at)
    if kind == "paced":
        return Fact(kind, at, plan=plan)
    return Fact(kind, at, word, WORDS[word])


KINDS = st.sampled_from(["polled", "polled", "paced", "forced", "cancelled"])
FACTS = st.builds(fact, KINDS, st.integers(0, 12), st.sampled_from([*WORDS]), st.sampled_from(PLANS))


def cause(job: Job, before: str, word: str, phase: str, since: int) -> str:
    """The beginning of the cause of a state that was entered at `since`, looked for in all facts."""
    moment = job.created_at
    for noted in job.facts:
        moment = max(moment, noted.at)
        if (noted.state, noted.phase, moment) == (word, phase, since):
            return "cancelled" if noted.kind == "cancelled" else "forced"
    plan = last_plan(job, since)
    return f"of {plan.polls}" if plan.pace == "polls" else f"planned: {before} lasted"


@given(st.sampled_from(PLANS), st.lists(FACTS, max_size=9).map(tuple), st.integers(0, 20))
def test_each_state_has_the_cause_that_a_search_through_all_facts_finds(
    plan: Plan, facts: tuple[Fact, ...], at: int
) -> None:
    job = Job("id", "tenant", "provider", "submit", "model", {}, 0, plan, facts=facts)
    now = latest(job, at)

    explanation = explain_job(JobSnapshot(job, now, state_at(job, now)))

    causes = [entry.cause for entry in explanation.entries if entry.what == "state"][1:]
    assert len(causes) == len(history(job, now)) - 1
    for found, (before, state) in zip(causes, pairwise(history(job, now)), strict=True):
        assert cause(job, before.word, state.word, state.phase, state.since) in found


def test_a_job_of_many_facts_is_explained_as_well() -> None:
    forced = [Fact("forced", at, f"word-{at}", "waiting") for at in range(20_000)]
    job = Job("id", "tenant", "provider", "submit", "model", {}, 0, PLANS[2], facts=tuple(forced))

    explanation = explain_job(JobSnapshot(job, 30_000, state_at(job, 30_000)))

    assert len(explanation.entries) == 20_001
    assert explanation.next.text.startswith("nothing by itself: it was forced here")


SPEEDS: list[tuple[Plan, tuple[Fact, ...], int, list[str], Upcoming]] = [
    (
        Plan(STEPS, faults=("slow", "late")), (), 1,
        ["submitted, under slow, late"], Upcoming("processing in 0.002 s", "processing", 3),
    ),
    (
        Plan(STEPS), (), 3,
        ["submitted", "planned: queued lasted 0.003 s"], Upcoming("success in 0.004 s", "success", 7),
    ),
    (
        Plan(STEPS, faults=("slow",)), (), 7,
        ["submitted, under slow", "planned: queued lasted 0.003 s, under slow",
         "planned: processing lasted 0.004 s, under slow"],
        Upcoming("nothing: the job has ended"),
    ),
    (PLANS[3], (), 9, ["submitted"], Upcoming("nothing by itself: its pace is manual")),
    (
        PLANS[1], (), 9,
        ["submitted"], Upcoming("processing at the second poll from now", "processing", None, 2),
    ),
    (
        PLANS[1], (Fact("polled", 4),), 9,
        ["submitted"], Upcoming("processing at the first poll from now", "processing", None, 1),
    ),
    (
        Plan(STEPS, "polls", 9), (), 9,
        ["submitted"], Upcoming("processing at the 5th poll from now", "processing", None, 5),
    ),
    (
        Plan(STEPS, "polls", 5), (), 9,
        ["submitted"], Upcoming("processing at the third poll from now", "processing", None, 3),
    ),
    (
        Plan(STEPS, "polls", 3, faults=("slow",)), (Fact("polled", 4), Fact("polled", 5)), 9,
        ["submitted, under slow", "poll 2 of 3, under slow"],
        Upcoming("success at the first poll from now", "success", None, 1),
    ),
    (
        PLANS[0], (Fact("forced", 1, "processing", "running"),), 9,
        ["submitted", "forced through the control plane"],
        Upcoming("nothing by itself: it was forced here, and stays until it is moved or paced"),
    ),
    (
        PLANS[0], (Fact("cancelled", 1, "over", "cancelled"),), 9,
        ["submitted", "cancelled"], Upcoming("nothing: the job has ended"),
    ),
    (
        PLANS[0], (Fact("paced", 1, plan=PLANS[2]), Fact("paced", 1, plan=PLANS[3])), 1,
        ["submitted", "pace set to polls:7 through the control plane",
         "pace set to manual through the control plane"],
        Upcoming("nothing by itself: its pace is manual"),
    ),
    (
        PLANS[3], (Fact("paced", 2, plan=Plan(STEPS)),), 2,
        ["submitted", "pace set to time, 0.007 s to the end through the control plane"],
        Upcoming("processing in 0.003 s", "processing", 5),
    ),
    (
        PLANS[3], (Fact("paced", 2, plan=Plan((STEPS[0]._replace(lasts=0), STEPS[2]._replace(lasts=9)))),), 2,
        ["submitted", "planned: queued lasted 0.002 s",
         "pace set to immediate through the control plane"],
        Upcoming("nothing: the job has ended"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "facts", "now", "causes", "following"), SPEEDS)
def test_a_life_has_these_causes_and_this_next_event(
    plan: Plan, facts: tuple[Fact, ...], now: int, causes: list[str], following: Upcoming
) -> None:
    job = Job("id", "tenant", "provider", "submit", "model", {}, 0, plan, facts=facts)

    explanation = explain_job(JobSnapshot(job, now, state_at(job, now)))

    assert [entry.cause for entry in explanation.entries] == causes
    assert explanation.next == following
    assert explanation.faults == plan.faults


def test_a_pace_that_is_set_later_is_not_yet_told() -> None:
    facts = (Fact("paced", 2, plan=PLANS[3]),)
    job = Job("id", "tenant", "provider", "submit", "model", {}, 0, PLANS[0], facts=facts)

    whats = [
        [entry.what for entry in explain_job(JobSnapshot(job, now, state_at(job, now))).entries]
        for now in (1, 2)
    ]

    assert whats == [["state"], ["state", "pace"]]


def test_of_very_many_planned_steps_the_first_are_told() -> None:
    steps = tuple(Step(f"s{number}", "waiting", 10) for number in range(100))
    job = Job("id", "tenant", "provider", "submit", "model", {}, 5, Plan((*steps, STEPS[2])))

    planned = explain_job(JobSnapshot(job, 5, state_at(job, 5))).planned

    assert [(at, step.state) for at, step in planned] == [(5 + 10 * at, f"s{at}") for at in range(1, 65)]


def test_lines_have_the_time_since_the_submit_and_the_reason() -> None:
    failed = Fact("forced", 1500, "failed", "failed", "too hot")
    job = Job("id", "tenant", "provider", "submit", "model", {}, 250, PLANS[3], facts=(failed,))

    assert lines(explain_job(JobSnapshot(job, 9000, state_at(job, 9000)))) == [
        "provider id  model  is failed (failed)",
        "      +0.000 s  queued       submitted",
        "      +1.250 s  failed       forced through the control plane: too hot",
        "          next  nothing: the job has ended",
    ]
