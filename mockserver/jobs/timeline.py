"""The state of a job at a moment. Only the job's record and the moment decide it.

Moments are Unix milliseconds. Facts count in the order in which they were noted, and none takes
effect before its predecessor: replicas whose clocks differ a little still agree then, and an
ending that a client has read stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, dropwhile, islice
from typing import NamedTuple

from mockserver.jobs.job import Fact, Job, Plan, State, Step

# A job's life is a chain of segments. The first is the job's plan from its submission on; a fact that
# changes the course (cancelled, forced, paced) ends the segment in force and begins the next, in the state
# that the job is in. So no clock has to run and nothing is stored but the facts, and a state that has ended
# can never change: no fact begins a segment after it.


def state_at(job: Job, now: int) -> State:
    """The state of `job` at `now` (Unix milliseconds). Pure: same arguments, same answer.

    A fact counts from its own moment on, and only while the job had not ended before it.
    """
    if job.facts:
        return _entered(_segment_at(job, now), now)[-1]
    if job.plan.pace == "time":
        return _by_time(job.plan, job.created_at, now)
    return _enter(job.plan, job.plan.steps[0], job.created_at)


def history(job: Job, now: int) -> tuple[State, ...]:
    """Every state that `job` entered up to `now`, in order; the first is the beginning, the last `state_at`.

    A step that is passed at once is entered too, at the moment of its successor: one that lasts no time,
    or one that a single poll skips. A state that a fact names is entered even if it has the word of the
    state before. A new plan by itself enters no state.
    """
    passed: list[State] = []
    segment = _begin(job)
    for fact, moment in _facts(job, now):
        following = _apply_fact(segment, fact, moment)
        if following is not segment:
            passed += _entered_before(segment, moment, following.first)
            segment = following
    return (*passed, *_entered(segment, now))


def segments(job: Job, now: int) -> list[tuple[Segment, int]]:
    """The segments of the job's life up to `now`, each with the moment up to which it was in force."""
    entered, segment = [], _begin(job)
    for fact, moment in _facts(job, now):
        following = _apply_fact(segment, fact, moment)
        if following is not segment:
            entered.append((segment, moment))
            segment = following
    return [*entered, (segment, now)]


def plan_at(job: Job, now: int) -> Plan | None:
    """The plan by which `job` goes on at `now`; None while a fact holds it in a state."""
    if not job.facts:
        return job.plan
    return _segment_at(job, now).plan


def next_event(job: Job, now: int) -> int | None:
    """The moment, after `now`, of the next planned change; None when none is planned."""
    return next((moment for moment, _ in _planned_changes(_segment_at(job, now), now)), None)


def outlook(job: Job, now: int) -> tuple[State, Iterator[tuple[int, Step]]]:
    """The state at `now`, and every planned change after it: its moment, and the step that begins with it."""
    segment = _segment_at(job, now)
    return _entered(segment, now)[-1], _planned_changes(segment, now)


def next_poll(job: Job, now: int) -> tuple[int, State] | None:
    """After how many more polls `job` is in another state than at `now`, and in which; None if none helps."""
    segment = _segment_at(job, now)
    plan, made = segment.plan, len(segment.polls)
    if plan is None or plan.pace != "polls":
        return None
    word = _entered(segment, now)[-1].word
    # Of several steps at one poll, the last is the one that stays.
    for poll, step in dict(poll_numbers(plan)).items():
        if made < poll <= made + plan.polls and step.state != word:
            return poll - made, _enter(plan, step, now)
    return None


def latest(job: Job, now: int) -> int:
    """`now`, or the moment of the last fact to take effect, where that is later.

    Whoever has just noted a fact answers as of this moment and so always sees it, even when another
    replica's clock runs ahead.
    """
    return max(now, job.created_at, *(fact.at for fact in job.facts))


class Segment(NamedTuple):
    """A part of a job's life: from `start` on, in the state `first`, by a plan and the polls since.

    Without a plan the job stays at `first`.
    """

    plan: Plan | None
    start: int
    first: State
    polls: list[int]


def _planned_changes(segment: Segment, now: int) -> Iterator[tuple[int, Step]]:
    if segment.plan is None or segment.plan.pace != "time":
        return iter(())
    return dropwhile(lambda change: change[0] <= now, _timed(segment.plan, segment.start))


def _begin(job: Job) -> Segment:
    return Segment(job.plan, job.created_at, _enter(job.plan, job.plan.steps[0], job.created_at), [])


def _segment_at(job: Job, now: int) -> Segment:
    """The segment in force at `now`, with the polls up to then."""
    course = _begin(job)
    for fact, moment in _facts(job, now):
        course = _apply_fact(course, fact, moment)
    return course


def _facts(job: Job, now: int) -> Iterator[tuple[Fact, int]]:
    """The facts in effect at `now`, each with the moment at which it took effect."""
    moment = job.created_at
    for fact in job.facts:
        moment = max(moment, fact.at)
        if moment > now:
            return
        yield fact, moment


def _apply_fact(segment: Segment, fact: Fact, moment: int) -> Segment:
    """The segment after `fact`: the same one where it only adds a poll or changes nothing."""
    if fact.kind == "polled":
        segment.polls.append(moment)
        return segment
    before = _entered(segment, moment)[-1]
    if before.ended:
        return segment
    if fact.kind == "paced":
        if fact.plan is None:
            return segment
        return Segment(_remaining(fact.plan, before), moment, before, [])
    if fact.state is None or fact.phase is None:
        return segment
    return Segment(None, moment, State(fact.state, fact.phase, moment, fact.reason), [])


def _remaining(plan: Plan, before: State) -> Plan:
    """The plan, beginning with the step of the job's current state.

    That is the first step, unless the job moved on while the plan was being made: it does not go back.
    """
    words = [step.state for step in plan.steps]
    if before.word not in words:
        return plan
    return plan._replace(steps=plan.steps[words.index(before.word) :])


def _entered_before(segment: Segment, moment: int, following: State) -> list[State]:
    """The states of a segment that ends at `moment`, without one that the next segment begins with."""
    entered = _entered(segment, moment)
    if entered[-1] == following:
        entered.pop()
    return entered


def _entered(segment: Segment, now: int) -> list[State]:
    """The states of a segment, from its first one to the one at `now`."""
    states = [segment.first]
    if segment.plan is not None:
        for moment, step in _later_steps(segment.plan, segment.start, segment.polls):
            if moment > now:
                break
            states.append(_enter(segment.plan, step, moment))
    return states


def _later_steps(plan: Plan, start: int, polls: list[int]) -> Iterator[tuple[int, Step]]:
    """Each step after the first with the moment at which it is entered, as far as that is known."""
    if plan.pace == "time":
        return _timed(plan, start)
    if plan.pace == "polls":
        return _polled(plan, polls)
    return iter(())


def _timed(plan: Plan, start: int) -> Iterator[tuple[int, Step]]:
    """Each step is entered when all steps before it have lasted."""
    moments = accumulate((step.lasts for step in plan.steps), initial=start)
    return islice(zip(moments, plan.steps, strict=False), 1, None)


def _polled(plan: Plan, polls: list[int]) -> Iterator[tuple[int, Step]]:
    for poll, step in poll_numbers(plan):
        if poll > len(polls):
            return
        yield polls[poll - 1], step


def poll_numbers(plan: Plan) -> Iterator[tuple[int, Step]]:
    """The poll, from 1, at which each later step is entered.

    That is the `plan.polls`-th for the last step; the others are evenly spread over those before.
    """
    last, needed = len(plan.steps) - 1, max(1, plan.polls)
    for index, step in enumerate(plan.steps[1:], 1):
        # The share of the polls before the last one, rounded up: `-(-a // b)` is a division that does so.
        yield -(-index * (needed - 1) // last) + 1, step


def _by_time(plan: Plan, created_at: int, now: int) -> State:
    """The state of a job without facts, as `_entered` gives it, without making those before it."""
    moment, step = created_at, plan.steps[0]
    for following in plan.steps[1:]:
        left = moment + step.lasts
        if left > now:
            break
        moment, step = left, following
    return _enter(plan, step, moment)


def _enter(plan: Plan, step: Step, moment: int) -> State:
    return State(step.state, step.phase, moment, plan.reason if step.phase == "failed" else None)
