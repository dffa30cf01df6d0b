"""What becomes of a job by itself, apart from who it is: jobs of one course can be counted together."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import orjson

from mockserver.jobs.job import Job, Plan
from mockserver.jobs.timeline import latest, planned_changes, state_at
from mockserver.terms import Phase


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


def dump_course(course: Course) -> str:
    """The course as JSON: the same text for the same course."""
    return orjson.dumps([[*milestone] for milestone in course]).decode()


def _course(job: Job, start: int) -> Course:
    state = state_at(job, start)
    changes = planned_changes(job, start)
    following = (Milestone(moment - start, step.state, step.phase) for moment, step in changes)
    return (Milestone(0, state.word, state.phase), *following)
