"""A job's course as text, and what is no course."""

from __future__ import annotations

import orjson
import pytest

from mockserver.jobs.course import Milestone, course_of, dump_course, load_course, planned_course
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.jobs.records import MOST_STEPS

FIRST = Milestone(0, "queued", "waiting")


def test_a_course_has_as_many_milestones_as_a_plan_has_steps_and_the_state_it_begins_in() -> None:
    longest = (FIRST,) * (MOST_STEPS + 1)
    assert load_course(dump_course(longest)) == longest
    with pytest.raises(ValueError, match="course"):
        load_course(dump_course((*longest, FIRST)))


@pytest.mark.parametrize("milestone", [[0, "queued"], [0, "queued", "waiting", 1], [], [-1, "q", "waiting"]])
def test_a_milestone_that_is_none_is_named(milestone: list[object]) -> None:
    with pytest.raises(ValueError, match=r"^course\[1\]"):
        load_course(orjson.dumps([[*FIRST], milestone]).decode())


def test_a_course_may_have_its_beginning_alone() -> None:
    assert load_course(dump_course((FIRST,))) == (FIRST,)


def test_a_job_without_facts_has_its_plans_course_from_its_submission_on() -> None:
    steps = (
        Step("queued", "waiting", 2000),
        Step("processing", "running", 6000),
        Step("success", "succeeded"),
    )
    course = (FIRST, Milestone(2000, "processing", "running"), Milestone(8000, "success", "succeeded"))

    assert planned_course(Plan(steps)) == course
    assert course_of(Job("a", "t", "p", "o", "m", {}, 5000, Plan(steps))) == (course, 5000)


def test_the_course_of_a_job_with_facts_begins_at_the_last_of_them() -> None:
    steps = (Step("queued", "waiting", 2000), Step("processing", "running", 6000), Step("end", "succeeded"))
    polled, held = Fact("polled", 9000), Fact("forced", 8000, "processing", "running")
    job = Job("a", "t", "p", "o", "m", {}, 5000, Plan(steps))

    assert course_of(job._replace(facts=(polled,))) == (
        (Milestone(0, "processing", "running"), Milestone(4000, "end", "succeeded")), 9000
    )  # fmt: skip
    assert course_of(job._replace(facts=(polled, held))) == ((Milestone(0, "processing", "running"),), 9000)


@pytest.mark.parametrize("text", ["[]", "{}", "null"])
def test_a_course_has_a_milestone(text: str) -> None:
    with pytest.raises(ValueError, match="course"):
        load_course(text)
