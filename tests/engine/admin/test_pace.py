"""What is left of a job's plan when its pace changes where the plan does not go."""

from __future__ import annotations

import pytest

from mockserver.engine.actions import _polls_before
from mockserver.engine.admin.jobs import JobSnapshot, change_pace
from mockserver.jobs.job import Fact, FactKind, Job, Plan, State, Step
from mockserver.settings import read_pace
from mockserver.terms import Phase
from tests.engine.callbacks.test_sender import contract, job_of


@pytest.mark.parametrize(
    ("word", "phase", "words"),
    [
        ("submitted", "waiting", ["submitted", "processing", "succeed"]),
        ("processing", "running", ["processing", "succeed"]),
        ("of-no-contract", "running", ["of-no-contract"]),
    ],
)
def test_off_its_plan_a_job_goes_on_as_the_contract_has_it(word: str, phase: Phase, words: list[str]) -> None:
    plan = Plan((Step("succeed", "succeeded"),))
    before = JobSnapshot(job_of(None, plan.steps), 0, State(word, phase, 0))

    after = change_pace(plan, before, read_pace("manual"), contract().states)

    assert [step.state for step in after.steps] == words


def test_off_its_plan_a_job_goes_through_states_that_lead_back_once() -> None:
    states = contract().states
    words = ("submitted", "processing")
    round_trip = {**states, **{word: states[word]._replace(next=words[::-1]) for word in words}}
    before = JobSnapshot(job_of(None, ()), 0, State("submitted", "waiting", 0))

    after = change_pace(Plan((Step("succeed", "succeeded"),)), before, read_pace("manual"), round_trip)

    assert tuple(step.state for step in after.steps) == words


@pytest.mark.parametrize(
    ("kinds", "before"),
    [
        ([], 0),
        (["polled", "polled"], 0),
        (["polled", "polled", "paced"], 2),
        (["polled", "paced", "polled", "forced", "paced", "polled"], 2),
    ],
)
def test_polls_before_the_last_change_of_pace_no_longer_count(kinds: list[FactKind], before: int) -> None:
    job = Job("1", "t", "p", "o", "m", {}, 0, Plan((Step("queued", "waiting"),)))

    assert _polls_before(job._replace(facts=tuple(Fact(kind, 0) for kind in kinds))) == before
