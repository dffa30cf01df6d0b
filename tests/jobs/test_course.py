"""A job's course as text, and what is no course."""

from __future__ import annotations

import orjson
import pytest

from mockserver.jobs.course import Milestone, dump_course, load_course
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


@pytest.mark.parametrize("text", ["[]", "{}", "null"])
def test_a_course_has_a_milestone(text: str) -> None:
    with pytest.raises(ValueError, match="course"):
        load_course(text)
