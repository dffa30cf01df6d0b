"""Why a job is in its state: everything that happened to it, each with its cause, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from mockserver.engine.admin.jobs import JobSnapshot, last_plan
from mockserver.jobs.job import Fact, Job, Plan, State
from mockserver.jobs.timeline import history, next_event, plan_at, state_at

Kind = Literal["state", "pace", "fault", "callback"]


class TimelineEntry(NamedTuple):
    """Something that happened to a job, at a moment in Unix milliseconds.

    `state` and `phase` are given where the job entered a state; `cause` is a part of a sentence.
    """

    at: int
    what: Kind
    cause: str
    state: str | None = None
    phase: str | None = None
    reason: str | None = None


class Upcoming(NamedTuple):
    """What comes next: the state and its moment, or after how many polls; else only why nothing comes."""

    text: str
    state: str | None = None
    at: int | None = None
    polls: int | None = None


class Explanation(NamedTuple):
    """A job's life up to now, and what is next; `faults` are the rules that changed its plan."""

    snapshot: JobSnapshot
    entries: tuple[TimelineEntry, ...]
    next: Upcoming
    faults: tuple[str, ...]


def explain_job(snapshot: JobSnapshot, others: Iterable[TimelineEntry] = ()) -> Explanation:
    """Explain a job; `others` are the entries that the journal and the delivery log have of it."""
    job, now = snapshot.job, snapshot.now
    entries = [*_states(job, history(job, now)), *_paces(job, now), *others]
    # The sort is stable: of two entries of the same moment, the state comes first.
    entries.sort(key=lambda entry: entry.at)
    return Explanation(snapshot, tuple(entries), _next(snapshot), job.plan.faults)


def _states(job: Job, states: Sequence[State]) -> Iterable[TimelineEntry]:
    first = states[0]
    yield _entered(first, f"submitted{_under(job.plan)}")
    for before, state in pairwise(states):
        yield _entered(state, _cause(job, before, state))


def _entered(state: State, cause: str) -> TimelineEntry:
    return TimelineEntry(state.since, "state", cause, state.word, state.phase, state.reason)


def _cause(job: Job, before: State, state: State) -> str:
    fact = _fact_of(job, state)
    if fact is not None:
        if fact.kind == "cancelled":
            return "cancelled"
        return "forced through the control plane"
    plan = last_plan(job, state.since)
    if plan.pace == "polls":
        return f"poll {_poll(plan, state)} of {plan.polls}{_under(plan)}"
    return f"planned: {before.word} lasted {_seconds(state.since - before.since)}{_under(plan)}"


def _under(plan: Plan) -> str:
    return f", under {', '.join(plan.faults)}" if plan.faults else ""


def _poll(plan: Plan, state: State) -> int:
    """The number of the poll that finds the state."""
    index, last = [step.state for step in plan.steps].index(state.word), len(plan.steps) - 1
    return -(-index * (max(1, plan.polls) - 1) // last) + 1


def _fact_of(job: Job, state: State) -> Fact | None:
    """The fact that put the job into the state, if one did."""
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
        if not left:
            return "immediate"
        return f"time, {_seconds(left)} to the end"
    return plan.pace


def _next(snapshot: JobSnapshot) -> Upcoming:
    job, state, now = snapshot.job, snapshot.state, snapshot.now
    plan = plan_at(job, now)
    if state.ended:
        return Upcoming("nothing: the job has ended")
    if plan is None:
        return Upcoming("nothing by itself: it was forced here, and stays until it is moved or paced")
    at = next_event(job, now)
    if at is not None:
        word = state_at(job, at).word
        return Upcoming(f"{word} in {_seconds(at - now)}", word, at)
    if plan.pace == "manual":
        return Upcoming("nothing by itself: its pace is manual")
    if plan.pace == "polls":
        upcoming = _after_polls(snapshot, plan)
        if upcoming is not None:
            return upcoming
    return Upcoming("nothing by itself: its plan has no more steps")


def _after_polls(snapshot: JobSnapshot, plan: Plan) -> Upcoming | None:
    job = snapshot.job
    for more in range(1, plan.polls + 1):
        job = job._replace(facts=(*job.facts, Fact("polled", snapshot.now)))
        state = state_at(job, snapshot.now)
        if state.word != snapshot.state.word:
            return Upcoming(f"{state.word} at the {_nth(more)} poll from now", state.word, None, more)
    return None


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g} s"


def lines(explanation: Explanation) -> list[str]:
    """The explanation as lines of text: moments in seconds since the submit."""
    job, state = explanation.snapshot.job, explanation.snapshot.state
    texts = [f"{job.provider} {job.id}  {job.model}  is {state.word} ({state.phase})"]
    for entry in explanation.entries:
        since = f"+{(entry.at - job.created_at) / 1000:.3f} s"
        reason = f": {entry.reason}" if entry.reason else ""
        texts.append(f"  {since:>12}  {entry.state or entry.what:<12} {entry.cause}{reason}")
    return [*texts, f"  {'next':>12}  {explanation.next.text}"]
