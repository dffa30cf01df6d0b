"""The causes in an explanation: worked out once for all states, as if each were looked for by itself."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.admin.explanation import explain_job
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
