"""What becomes of a job by itself, apart from who it is: jobs of one course can be counted together."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple, get_args

import orjson

from mockserver.jobs.job import Job, Plan
from mockserver.jobs.reading import LATEST, TEXT, choice, items, whole
from mockserver.jobs.reading import text as read_text
from mockserver.jobs.records import MOST_STEPS
from mockserver.jobs.timeline import latest, outlook
from mockserver.terms import Phase

_LONGEST: Final = MOST_STEPS * LATEST
"""Milliseconds of the longest plan."""


class Milestone(NamedTuple):
    """A state of a course, which is entered `after` milliseconds from the course's start."""

    after: int
    state: str
    phase: Phase


Course = tuple[Milestone, ...]
"""The state at the start, `after` 0, and those that follow from it unless a fact is noted."""


def course_of(job: Job) -> tuple[Course, int]:
    """The job's course, and its start: the moment, in Unix milliseconds, from which all its facts count.

    At a moment `now` after the start the job is at the last milestone whose `after` is at most `now - start`;
    before it, it is at the first one. So says `state_at(job, latest(job, now))` too.
    """
    if not job.facts:
        return planned_course(job.plan), job.created_at
    start = latest(job, job.created_at)
    return _course(job, start), start


@lru_cache(1024)
def planned_course(plan: Plan) -> Course:
    """The course of a job of that plan without facts, whose start is its submission."""
    return _course(Job("", "", "", "", "", {}, 0, plan), 0)


def load_course(text: str) -> Course:
    """The course in what `dump_course` wrote. Raises ValueError, with the place, when it is anything else."""
    milestones = items(orjson.loads(text), "course", MOST_STEPS + 1, least=1)
    return tuple(_milestone(milestone, f"course[{index}]") for index, milestone in enumerate(milestones))


def _milestone(value: Any, place: str) -> Milestone:
    after, state, phase = items(value, place, 3, least=3)
    return Milestone(
        whole(after, f"{place}[0]", 0, _LONGEST),
        read_text(state, f"{place}[1]", TEXT),
        choice(phase, f"{place}[2]", get_args(Phase)),
    )


def dump_course(course: Course) -> str:
    """The course as JSON: the same text for the same course."""
    return orjson.dumps([[*milestone] for milestone in course]).decode()


def _course(job: Job, start: int) -> Course:
    state, changes = outlook(job, start)
    following = (Milestone(moment - start, step.state, step.phase) for moment, step in changes)
    return (Milestone(0, state.word, state.phase), *following)
