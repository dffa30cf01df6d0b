"""How far a job has come: shares of its planned time, or of its polls, and the moments of its life.

Pure, as the timeline is: the job's record and the moment decide. Moments are Unix milliseconds.
"""

from __future__ import annotations

from itertools import takewhile
from math import ceil
from typing import Final

from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import Segment, history, poll_numbers, segments, state_at

LONGEST_QUEUE: Final = 5
"""The place in the queue of a job that has just begun to wait."""
_ALMOST: Final = 99


def progress(job: Job, now: int) -> int:
    """Per cent of the way to success: 100 only at success; of a job that failed, what it was then."""
    state = state_at(job, now)
    if state.phase == "succeeded":
        return 100
    if state.ended:
        now = min(now, state.since)
    passed = 0.0
    for segment, moment in segments(job, now):
        passed += (1 - passed) * _share(segment, moment)
    return min(_ALMOST, int(100 * passed))


def _share(segment: Segment, now: int) -> float:
    """The share of a segment's plan that has passed."""
    plan = segment.plan
    if plan is None:
        return 0.0
    if plan.pace == "polls":
        return _part(len(segment.polls), max(1, plan.polls))
    if plan.pace == "time":
        return _part(now - segment.start, sum(step.lasts for step in plan.steps[:-1]))
    return 0.0


def queue_position(job: Job, now: int) -> int:
    """The place in the queue: 0 when the job no longer waits, else it counts down to 1 with the time left."""
    if state_at(job, now).phase != "waiting":
        return 0
    segment, _ = segments(job, now)[-1]
    return max(1, ceil(LONGEST_QUEUE * (1 - _waited(segment, now))))


def _waited(segment: Segment, now: int) -> float:
    """The share of a segment's waiting that is over."""
    plan = segment.plan
    if plan is None:
        return 0.0
    waits = [*takewhile(lambda step: step.phase == "waiting", plan.steps)]
    if plan.pace == "polls":
        needed = next((poll for poll, step in poll_numbers(plan) if step.phase != "waiting"), 0)
        return _part(len(segment.polls), needed)
    if plan.pace == "time":
        return _part(now - segment.start, sum(step.lasts for step in waits))
    return 0.0


def _part(passed: float, whole: float) -> float:
    return min(1.0, max(0.0, passed / whole)) if whole > 0 else 0.0


def started_at(job: Job, now: int) -> int | None:
    """When the job first entered a state of the phase running; None where it has not."""
    return next((state.since for state in history(job, now) if state.phase == "running"), None)


def ended_at(state: State) -> int | None:
    """When a job entered the state that it ended in; None where it has not ended."""
    return state.since if state.ended else None


def run_seconds(job: Job, now: int) -> float | None:
    """Seconds from the start to the end; None where there has not been both."""
    begun, ended = started_at(job, now), ended_at(state_at(job, now))
    return None if begun is None or ended is None else (ended - begun) / 1000
