"""Steers jobs from outside: find, force, fail, cancel, pace, delete.

Each is one fact, and the timeline decides what follows from it: of two requests that end a job at the same
time, the first that the store notes wins, and the other gets a Conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from mockserver.contract.lifecycle import StateWord, first_of_phase
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.services import Services
from mockserver.errors import Conflict, NotFoundError, SettingsError
from mockserver.jobs.job import MOST_NOTED, Fact, Job, Plan, State, Step
from mockserver.jobs.timeline import latest, state_at
from mockserver.settings import Pace


class JobSnapshot(NamedTuple):
    """A job, the moment on its tenant's clock (Unix milliseconds), and its state then."""

    job: Job
    now: int
    state: State


class JobControl:
    """Finds and steers the jobs of all tenants. `job_id` is the provider's own id."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def find(self, provider: str, job_id: str) -> JobSnapshot:
        """The job of that id, of whichever tenant. Raises NotFoundError."""
        await self._services.live_settings.refresh()
        job = await self._services.store.get_for_any_tenant(provider, job_id)
        return self._snapshot(self._existing(provider, job_id, job))

    async def force(self, provider: str, job_id: str, word: str, reason: str | None = None) -> JobSnapshot:
        """Put the job into a state of the provider's. Raises NotFoundError, SettingsError or Conflict."""
        states = self._states(provider)
        if word not in states:
            raise SettingsError(f"{provider} has no state {word!r}; states: {', '.join(states)}")
        if reason is None:
            reason = _default_reason(self._services.contracts[provider].reasons, states[word].phase)
        return await self._enter(provider, job_id, "forced", states[word], reason)

    async def fail(self, provider: str, job_id: str, reason: str | None = None) -> JobSnapshot:
        """Let the job fail for a reason: a name of the contract's, or a text. Raises as `force` does."""
        word = first_of_phase(self._states(provider), "failed")
        assert word is not None
        reasons = self._services.contracts[provider].reasons
        text = _default_reason(reasons, "failed") if reason is None else reasons.get(reason, reason)
        return await self._enter(provider, job_id, "forced", word, text)

    async def cancel(self, provider: str, job_id: str) -> JobSnapshot:
        """Cancel the job; where the provider has no such state it fails. Raises NotFoundError or Conflict."""
        states = self._states(provider)
        word = first_of_phase(states, "cancelled") or first_of_phase(states, "failed")
        assert word is not None
        reason = _default_reason(self._services.contracts[provider].reasons, "cancelled")
        return await self._enter(provider, job_id, "cancelled", word, reason)

    async def pace(self, provider: str, job_id: str, pace: Pace) -> JobSnapshot:
        """Let the job go on at another pace from its state. Raises NotFoundError or Conflict."""
        before = await self.find(provider, job_id)
        if before.state.ended:
            raise _ended(before)
        plan = change_pace(last_plan(before.job, before.now), before, pace, self._states(provider))
        return await self._note(before, Fact("paced", before.now, plan=plan))

    async def delete(self, provider: str, job_id: str) -> None:
        """Delete the job. Raises NotFoundError."""
        job = (await self.find(provider, job_id)).job
        if not await self._services.store.delete(job.tenant, provider, job_id):
            self._existing(provider, job_id, None)
        self._services.answering.forget()
        self._services.changes.notify()

    async def reset(self, tenant: str = "") -> int:
        """Delete everything of a tenant, or of everybody. Returns the number of jobs that were deleted."""
        services = self._services
        deleted = await services.store.clear(tenant or None)
        await services.live_settings.load()
        services.answering.forget()
        services.usage.forget(tenant)
        services.changes.notify()
        return deleted

    async def _enter(
        self,
        provider: str,
        job_id: str,
        kind: Literal["forced", "cancelled"],
        word: StateWord,
        reason: str | None,
    ) -> JobSnapshot:
        before = await self.find(provider, job_id)
        if before.state.ended:
            if before.state.word == word.word and kind == "cancelled":
                return before
            raise _ended(before)
        fact = Fact(kind, before.now, word.word, word.phase, reason)
        after = await self._note(before, fact)
        if (after.state.word, after.state.reason) != (word.word, reason) and after.state.ended:
            raise _ended(after)
        return after

    async def _note(self, before: JobSnapshot, fact: Fact) -> JobSnapshot:
        job = before.job
        if len(job.facts) >= MOST_NOTED:
            raise Conflict(f"{MOST_NOTED} facts are noted of job {job.id}, and no more; delete it")
        # A job is cancelled once: of several requests at the same time, one fact stands.
        most = 1 if fact.kind == "cancelled" else None
        noted = await self._services.store.append_fact(job.tenant, job.provider, job.id, fact, most=most)
        self._services.changes.notify()
        return self._snapshot(self._existing(job.provider, job.id, noted))

    def _states(self, provider: str) -> Mapping[str, StateWord]:
        contract = self._services.contracts.get(provider)
        if contract is None:
            raise NotFoundError(f"no provider {provider!r}; providers: {', '.join(self._services.contracts)}")
        return contract.states

    def _existing(self, provider: str, job_id: str, job: Job | None) -> Job:
        if job is not None:
            return job
        self._states(provider)
        raise NotFoundError(f"{provider} has no job {job_id!r}")

    def _snapshot(self, job: Job) -> JobSnapshot:
        return take_snapshot(self._services.live_settings, job)


def take_snapshot(live_settings: LiveSettings, job: Job) -> JobSnapshot:
    """The job as it is now."""
    now = latest(job, live_settings.now(job.tenant))
    return JobSnapshot(job, now, state_at(job, now))


def _default_reason(reasons: Mapping[str, str], phase: str) -> str | None:
    if phase == "failed":
        return reasons.get("default", "failed")
    if phase == "cancelled":
        return reasons.get("cancelled", "cancelled")
    return None


def _ended(snapshot: JobSnapshot) -> Conflict:
    return Conflict(f"job {snapshot.job.id} has ended as {snapshot.state.word!r}; nothing can follow")


def last_plan(job: Job, now: int) -> Plan:
    """The plan of the submit or of the last change of pace, even if the job was forced off it since."""
    plans = [fact.plan for fact in job.facts if fact.plan is not None and fact.at <= now]
    return plans[-1] if plans else job.plan


def change_pace(plan: Plan, snapshot: JobSnapshot, pace: Pace, states: Mapping[str, StateWord]) -> Plan:
    """The rest of `plan` from the job's state, at another pace.

    A step lasts as long as in the contract, or in a plan that a fault has changed, divided by the speed.
    """
    left = list(_left(plan, snapshot.state, states))
    steps = tuple(step._replace(lasts=_lasts(plan, step, states, pace)) for step in left)
    if pace.kind == "immediate":
        return plan._replace(steps=steps, pace="time", polls=pace.polls)
    return plan._replace(steps=steps, pace=pace.kind, polls=pace.polls)


def _left(plan: Plan, state: State, states: Mapping[str, StateWord]) -> Iterator[Step]:
    """The job's step and those after it; off its plan they are the contract's first successors."""
    words = [step.state for step in plan.steps]
    if state.word in words:
        yield from plan.steps[words.index(state.word) :]
        return
    yield Step(state.word, state.phase)
    passed = {state.word}
    following: Sequence[str] = ()
    if state.word in states:
        following = states[state.word].next
    while following and following[0] not in passed:
        word = states[following[0]]
        passed.add(word.word)
        yield Step(word.word, word.phase, word.lasts)
        following = word.next


def _lasts(plan: Plan, step: Step, states: Mapping[str, StateWord], pace: Pace) -> int:
    if pace.kind != "time":
        return 0
    lasts = step.lasts
    if step.state in states and not plan.faults:
        lasts = states[step.state].lasts
    return round(lasts / pace.speed)
