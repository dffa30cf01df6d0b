"""A job and a moment give a state. Nothing else decides one.

Moments are Unix milliseconds. Facts count in the order in which they were noted, and none takes
effect before its predecessor: replicas whose clocks differ by a little then still agree, and
an ending somebody was told of stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from mockserver.jobs.job import Fact, Job, Plan, State, Step


def state_at(job: Job, now: int) -> State:
    """The state of `job` at `now` (Unix milliseconds). Pure: same arguments, same answer.

    A fact counts from its own moment on, and only while the job had not ended before it.
    """
    if not job.facts:
        return planned_state(job, (), now)
    held, polls = _happened(job, now)
    return held or planned_state(job, polls, now)


def planned_state(job: Job, polls: tuple[int, ...], now: int) -> State:
    """The state by the plan alone.

    `polls` holds, in order, the moments at or before `now` at which the job was polled.
    """
    plan = job.plan
    if plan.pace == "time":
        return _by_time(plan, job.created_at, now)
    if plan.pace == "polls":
        return _by_polls(plan, job.created_at, polls)
    return _enter(plan, plan.steps[0], job.created_at)


def next_event(job: Job, now: int) -> int | None:
    """The moment, after `now`, of the next planned change; None when nothing is due by itself."""
    held, _ = _happened(job, now)
    if held or job.plan.pace != "time":
        return None
    return next((moment for moment, _ in _entries(job.plan, job.created_at) if moment > now), None)


def latest(job: Job, now: int) -> int:
    """`now`, or the moment of the last fact to take effect, where that is later.

    Who has just noted a fact answers as of this moment and so always sees it, also when another
    replica's clock runs ahead.
    """
    return max(now, job.created_at, *(fact.at for fact in job.facts))


def _happened(job: Job, now: int) -> tuple[State | None, tuple[int, ...]]:
    """The state that facts hold the job in, if any, and when it was polled."""
    held: State | None = None
    polls: list[int] = []
    for fact, moment in _facts(job, now):
        if fact.kind == "polled":
            polls.append(moment)
        else:
            before = held or planned_state(job, tuple(polls), moment)
            held = _follow(before, fact, moment) or held
    return held, tuple(polls)


def _facts(job: Job, now: int) -> Iterator[tuple[Fact, int]]:
    """The facts in force at `now`, each with the moment at which it took effect."""
    moment = job.created_at
    for fact in job.facts:
        moment = max(moment, fact.at)
        if moment > now:
            return
        yield fact, moment


def _follow(before: State, fact: Fact, moment: int) -> State | None:
    """The state that `fact` brings about, or None where it changes nothing."""
    if before.ended or fact.state is None or fact.phase is None:
        return None
    return State(fact.state, fact.phase, moment, fact.reason)


def _by_time(plan: Plan, created_at: int, now: int) -> State:
    moment, step = created_at, plan.steps[0]
    for following in plan.steps[1:]:
        left = moment + step.lasts
        if left > now:
            break
        moment, step = left, following
    return _enter(plan, step, moment)


def _entries(plan: Plan, created_at: int) -> Iterator[tuple[int, Step]]:
    """Each step with the moment at which it is entered under pace `time`."""
    moments = accumulate((step.lasts for step in plan.steps), initial=created_at)
    return zip(moments, plan.steps, strict=False)


def _by_polls(plan: Plan, created_at: int, polls: tuple[int, ...]) -> State:
    last = len(plan.steps) - 1
    index = _reached(len(polls), plan.polls, last)
    first = next((p for p in range(len(polls)) if _reached(p, plan.polls, last) == index), len(polls))
    return _enter(plan, plan.steps[index], polls[first - 1] if first else created_at)


def _reached(polled: int, needed: int, last: int) -> int:
    """The index of the step after `polled` polls, when the `needed`-th poll finds the last."""
    if polled == 0:
        return 0
    if needed <= 1:
        return last
    return min(last, (polled - 1) * last // (needed - 1))


def _enter(plan: Plan, step: Step, moment: int) -> State:
    return State(step.state, step.phase, moment, plan.reason if step.phase == "failed" else None)
