"""Why a job is in its state: everything that happened to it, each with its cause, and what comes next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice, pairwise
from typing import Final, Literal, NamedTuple

from mockserver.engine.admin.jobs import JobSnapshot
from mockserver.jobs.job import Fact, Job, Plan, State, Step
from mockserver.jobs.timeline import history, next_event, next_poll, outlook, plan_at, poll_numbers, state_at

Kind = Literal["state", "pace", "fault", "callback"]
_MOST_PLANNED: Final = 64


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
    """A job's life up to now, and what is next; `faults` are the rules that changed its plan.

    `planned` are the steps that follow by themselves, each with its moment; of very many the first.
    """

    snapshot: JobSnapshot
    entries: tuple[TimelineEntry, ...]
    next: Upcoming
    faults: tuple[str, ...]
    planned: tuple[tuple[int, Step], ...]


def explain_job(snapshot: JobSnapshot, others: Iterable[TimelineEntry] = ()) -> Explanation:
    """Explain a job; `others` are the entries that the journal and the delivery log have of it."""
    job, now = snapshot.job, snapshot.now
    entries = [*_states(job, history(job, now)), *_paces(job, now), *others]
    # The sort is stable: of two entries of the same moment, the state comes first.
    entries.sort(key=lambda entry: entry.at)
    _, changes = outlook(job, now)
    return Explanation(
        snapshot, tuple(entries), _next(snapshot), job.plan.faults, tuple(islice(changes, _MOST_PLANNED))
    )


def _states(job: Job, states: Sequence[State]) -> Iterable[TimelineEntry]:
    causes = _Causes(job)
    yield _entered(states[0], f"submitted{_under(job.plan)}")
    for before, state in pairwise(states):
        yield _entered(state, causes.of(before, state))


def _entered(state: State, cause: str) -> TimelineEntry:
    return TimelineEntry(state.since, "state", cause, state.word, state.phase, state.reason)


class _Causes:
    """What brought a job into its states. Looks its facts through once, as there may be 100,000."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._facts: dict[tuple[str | None, str | None, int], Fact] = {}
        moment = job.created_at
        for fact in job.facts:
            moment = max(moment, fact.at)
            self._facts.setdefault((fact.state, fact.phase, moment), fact)
        numbers = (number for number, fact in enumerate(job.facts) if fact.kind == "paced" and fact.plan)
        paced = sorted((job.facts[number].at, number) for number in numbers)
        self._moments = [at for at, _ in paced]
        # Facts count in the order in which they were noted, whatever their moments.
        self._latest = [*accumulate((number for _, number in paced), max)]

    def of(self, before: State, state: State) -> str:
        """The cause of `state`, which followed `before`."""
        fact = self._facts.get((state.word, state.phase, state.since))
        if fact is not None and fact.kind == "cancelled":
            return "cancelled"
        if fact is not None:
            return "forced through the control plane"
        plan = self._plan_at(state.since)
        if plan.pace == "polls":
            return f"poll {_poll(plan, state)} of {plan.polls}{_under(plan)}"
        return f"planned: {before.word} lasted {_seconds(state.since - before.since)}{_under(plan)}"

    def _plan_at(self, moment: int) -> Plan:
        """The plan of the submit, or of the last change of pace up to a moment."""
        changes = bisect_right(self._moments, moment)
        plan = self._job.facts[self._latest[changes - 1]].plan if changes else None
        return plan or self._job.plan


def _under(plan: Plan) -> str:
    return f", under {', '.join(plan.faults)}" if plan.faults else ""


def _poll(plan: Plan, state: State) -> int:
    """The number of the poll that finds the state."""
    return next(poll for poll, step in poll_numbers(plan) if step.state == state.word)


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
    coming = next_poll(job, now)
    if coming is not None:
        more, following = coming
        text = f"{following.word} at the {_nth(more)} poll from now"
        return Upcoming(text, following.word, None, more)
    return Upcoming("nothing by itself: its plan has no more steps")


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
