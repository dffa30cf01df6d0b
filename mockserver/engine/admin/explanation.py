"""Why a job is where it is: everything that happened to it, each with its cause, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from mockserver.engine.admin.jobs import JobSnapshot, last_plan
from mockserver.jobs.job import Fact, Job, Plan, State
from mockserver.jobs.timeline import history, next_event, plan_at, state_at

What = Literal["state", "pace", "fault", "callback"]


class TimelineEntry(NamedTuple):
    """One thing that happened, at a moment in Unix milliseconds.

    `state` and `phase` are given where the job entered a state; `cause` is a plain sentence part.
    """

    at: int
    what: What
    cause: str
    state: str | None = None
    phase: str | None = None
    reason: str | None = None


class Upcoming(NamedTuple):
    """What comes next: the state and its moment, or after how many polls; else only why nothing does."""

    said: str
    state: str | None = None
    at: int | None = None
    polls: int | None = None


class Explanation(NamedTuple):
    """A job's life up to now, and what is next; `faults` are the rules that bent its plan."""

    seen: JobSnapshot
    entries: tuple[TimelineEntry, ...]
    next: Upcoming
    faults: tuple[str, ...]


def tell(seen: JobSnapshot, others: Iterable[TimelineEntry] = ()) -> Explanation:
    """The story of a job; `others` are what the journal and the callbacks know of it."""
    job = seen.job
    entries = [*_states(job, history(job, seen.now)), *_paces(job, seen.now), *others]
    # A stable sort: of two things in one moment the state comes first.
    entries.sort(key=lambda entry: entry.at)
    return Explanation(seen, tuple(entries), _next(seen), job.plan.faults)


def _states(job: Job, states: Sequence[State]) -> Iterable[TimelineEntry]:
    first = states[0]
    bent = f", under {', '.join(job.plan.faults)}" if job.plan.faults else ""
    yield _entered(first, f"submitted{bent}")
    for before, state in pairwise(states):
        yield _entered(state, _cause(job, before, state))


def _entered(state: State, cause: str) -> TimelineEntry:
    return TimelineEntry(state.since, "state", cause, state.word, state.phase, state.reason)


def _cause(job: Job, before: State, state: State) -> str:
    fact = _brought(job, state)
    if fact is not None:
        return "cancelled" if fact.kind == "cancelled" else "forced through the control plane"
    plan = last_plan(job, state.since)
    bent = f", under {', '.join(plan.faults)}" if plan.faults else ""
    if plan.pace == "polls":
        return f"poll {_poll(plan, state)} of {plan.polls}{bent}"
    return f"planned: {before.word} lasted {_seconds(state.since - before.since)}{bent}"


def _poll(plan: Plan, state: State) -> int:
    """Which poll of the plan's finds the state."""
    index, last = [step.state for step in plan.steps].index(state.word), len(plan.steps) - 1
    return -(-index * (max(1, plan.polls) - 1) // last) + 1


def _brought(job: Job, state: State) -> Fact | None:
    """The fact that brought the state about, if one did."""
    moment = job.created_at
    for fact in job.facts:
        moment = max(moment, fact.at)
        if (fact.state, fact.phase, moment) == (state.word, state.phase, state.since):
            return fact
    return None


def _paces(job: Job, now: int) -> Iterable[TimelineEntry]:
    for fact in job.facts:
        if fact.kind == "paced" and fact.plan is not None and fact.at <= now:
            yield TimelineEntry(fact.at, "pace", f"pace set to {_pace(fact.plan)} through the control plane")


def _pace(plan: Plan) -> str:
    if plan.pace == "polls":
        return f"polls:{plan.polls}"
    if plan.pace == "time":
        left = sum(step.lasts for step in plan.steps[:-1])
        return f"time, {_seconds(left)} to the end" if left else "immediate"
    return plan.pace


def _next(seen: JobSnapshot) -> Upcoming:
    job, state, now = seen.job, seen.state, seen.now
    plan = plan_at(job, now)
    if state.ended:
        return Upcoming("nothing: the job has ended")
    if plan is None:
        return Upcoming("nothing by itself: it was forced here, and stays until it is moved or paced")
    at = next_event(job, now)
    if at is not None:
        word = state_at(job, at).word
        return Upcoming(f"{word} in {_seconds(at - now)}", word, at)
    if plan.pace == "polls" and (found := _after_polls(seen, plan)) is not None:
        return found
    if plan.pace == "manual":
        return Upcoming("nothing by itself: its pace is manual")
    return Upcoming("nothing by itself: its plan has no more steps")


def _after_polls(seen: JobSnapshot, plan: Plan) -> Upcoming | None:
    job = seen.job
    for more in range(1, plan.polls + 1):
        job = job._replace(facts=(*job.facts, Fact("polled", seen.now)))
        state = state_at(job, seen.now)
        if state.word != seen.state.word:
            return Upcoming(f"{state.word} at the {_nth(more)} poll from now", state.word, None, more)
    return None


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g} s"


def lines(story: Explanation) -> list[str]:
    """The story as lines of text: moments in seconds since the submit."""
    job, state = story.seen.job, story.seen.state
    told = [f"{job.provider} {job.id}  {job.model}  is {state.word} ({state.phase})"]
    for entry in story.entries:
        since = f"+{(entry.at - job.created_at) / 1000:.3f} s"
        reason = f": {entry.reason}" if entry.reason else ""
        told.append(f"  {since:>12}  {entry.state or entry.what:<12} {entry.cause}{reason}")
    return [*told, f"  {'next':>12}  {story.next.said}"]
