"""A job and a moment give a state. Nothing else decides one.

Moments are Unix milliseconds. Facts count in the order in which they were noted, and none takes
effect before its predecessor: replicas whose clocks differ by a little then still agree, and
an ending somebody was told of stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice
from typing import NamedTuple

from mockserver.jobs.job import Fact, Job, Plan, State, Step


def state_at(job: Job, now: int) -> State:
    """The state of `job` at `now` (Unix milliseconds). Pure: same arguments, same answer.

    A fact counts from its own moment on, and only while the job had not ended before it.
    """
    if job.facts:
        return _entered(_course(job, now), now)[-1]
    if job.plan.pace == "time":
        return _by_time(job.plan, job.created_at, now)
    return _enter(job.plan, job.plan.steps[0], job.created_at)


def history(job: Job, now: int) -> tuple[State, ...]:
    """Every state that `job` entered up to `now`, in order; the first is the beginning, the last `state_at`.

    A step that is passed at once, as it lasts no time or as one poll leads to a later one, is entered
    too, at the moment of its successor. So is a state that a fact names, also when it has the word of
    the one before; a new plan enters nothing by itself.
    """
    passed: list[State] = []
    course = _begin(job)
    for fact, moment in _facts(job, now):
        following = _follow(course, fact, moment)
        if following is not course:
            passed += _until(course, moment, following.first)
            course = following
    return (*passed, *_entered(course, now))


def plan_at(job: Job, now: int) -> Plan | None:
    """The plan by which `job` goes on at `now`; None while a fact holds it in a state."""
    return _course(job, now).plan if job.facts else job.plan


def next_event(job: Job, now: int) -> int | None:
    """The moment, after `now`, of the next planned change; None when nothing is due by itself."""
    course = _course(job, now)
    if course.plan is None or course.plan.pace != "time":
        return None
    coming = _coming(course.plan, course.start, course.polls)
    return next((moment for moment, _ in coming if moment > now), None)


def latest(job: Job, now: int) -> int:
    """`now`, or the moment of the last fact to take effect, where that is later.

    Who has just noted a fact answers as of this moment and so always sees it, also when another
    replica's clock runs ahead.
    """
    return max(now, job.created_at, *(fact.at for fact in job.facts))


class _Course(NamedTuple):
    """What decides from `start` on: a plan, its first step being the state `first`, and the polls since.

    Without a plan the job stays at `first`.
    """

    plan: Plan | None
    start: int
    first: State
    polls: list[int]


def _begin(job: Job) -> _Course:
    return _Course(job.plan, job.created_at, _enter(job.plan, job.plan.steps[0], job.created_at), [])


def _course(job: Job, now: int) -> _Course:
    """The course in force at `now`, with the polls up to then."""
    course = _begin(job)
    for fact, moment in _facts(job, now):
        course = _follow(course, fact, moment)
    return course


def _facts(job: Job, now: int) -> Iterator[tuple[Fact, int]]:
    """The facts in force at `now`, each with the moment at which it took effect."""
    moment = job.created_at
    for fact in job.facts:
        moment = max(moment, fact.at)
        if moment > now:
            return
        yield fact, moment


def _follow(course: _Course, fact: Fact, moment: int) -> _Course:
    """The course after `fact`: the same one, where it changes nothing or adds a poll."""
    if fact.kind == "polled":
        course.polls.append(moment)
        return course
    before = _entered(course, moment)[-1]
    if before.ended:
        return course
    if fact.kind == "paced":
        return course if fact.plan is None else _Course(_rest(fact.plan, before), moment, before, [])
    if fact.state is None or fact.phase is None:
        return course
    return _Course(None, moment, State(fact.state, fact.phase, moment, fact.reason), [])


def _rest(plan: Plan, before: State) -> Plan:
    """The plan from the step with the state's word on.

    That is the first step, unless the job moved while the plan was being made: then it does not go back.
    """
    words = [step.state for step in plan.steps]
    here = words.index(before.word) if before.word in words else 0
    return plan._replace(steps=plan.steps[here:]) if here else plan


def _until(course: _Course, moment: int, following: State) -> list[State]:
    """The states of a course that ends at `moment`, but for one that the next course begins with."""
    entered = _entered(course, moment)
    return entered[:-1] if entered[-1] == following else entered


def _entered(course: _Course, now: int) -> list[State]:
    """The states of a course from its first one to that at `now`."""
    states = [course.first]
    if course.plan is not None:
        for moment, step in _coming(course.plan, course.start, course.polls):
            if moment > now:
                break
            states.append(_enter(course.plan, step, moment))
    return states


def _coming(plan: Plan, start: int, polls: list[int]) -> Iterator[tuple[int, Step]]:
    """Each step but the first, as far as it is known when it is entered, with that moment."""
    if plan.pace == "time":
        return _timed(plan, start)
    if plan.pace == "polls":
        return _found(plan, polls)
    return iter(())


def _timed(plan: Plan, start: int) -> Iterator[tuple[int, Step]]:
    """The steps that time leads to, when each before them has lasted."""
    moments = accumulate((step.lasts for step in plan.steps), initial=start)
    return islice(zip(moments, plan.steps, strict=False), 1, None)


def _found(plan: Plan, polls: list[int]) -> Iterator[tuple[int, Step]]:
    """The steps that polls led to: the `plan.polls`-th to the last, those before evenly to the others."""
    last, needed = len(plan.steps) - 1, max(1, plan.polls)
    for index, step in enumerate(plan.steps[1:], 1):
        earlier = -(-index * (needed - 1) // last)
        if earlier >= len(polls):
            return
        yield polls[earlier], step


def _by_time(plan: Plan, created_at: int, now: int) -> State:
    moment, step = created_at, plan.steps[0]
    for following in plan.steps[1:]:
        left = moment + step.lasts
        if left > now:
            break
        moment, step = left, following
    return _enter(plan, step, moment)


def _enter(plan: Plan, step: Step, moment: int) -> State:
    return State(step.state, step.phase, moment, plan.reason if step.phase == "failed" else None)
