"""What a hand does to jobs: find, force, fail, cancel, pace, delete.

Each is one fact, and the timeline decides what it brings about: of two hands that end a job at the same time
the first that the store notes wins, and the other is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockserver.contract.lifecycle import StateWord, ending
from mockserver.errors import Conflict, NotFoundError, SettingsError
from mockserver.jobs.job import Fact, Job, Plan, State, Step
from mockserver.jobs.timeline import latest, state_at
from mockserver.settings import Pace

if TYPE_CHECKING:
    from mockserver.engine.pipeline import Engine

_AT_ONCE = 1


class JobSnapshot(NamedTuple):
    """A job, the moment on its tenant's clock (Unix milliseconds), and its state then."""

    job: Job
    now: int
    state: State


class JobControl:
    """The hand of the control plane on the jobs of an engine. `job_id` is the provider's own id."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(self, provider: str, job_id: str) -> JobSnapshot:
        """The job of that id, whoever's it is. Raises NotFound."""
        await self._engine.board.refresh()
        return self._seen(self._there(provider, job_id, await self._engine.store.unlock(provider, job_id)))

    async def jobs(self, tenant: str = "", provider: str | None = None) -> list[JobSnapshot]:
        """The jobs of a tenant, or of everybody, newest first."""
        engine = self._engine
        await engine.board.refresh()
        tenants = [tenant] if tenant else await engine.store.tenants()
        found = [
            job
            for one in tenants
            for name in engine.contracts
            if provider in (None, name)
            for job in await engine.store.list(one, name, limit=None)
        ]
        found.sort(key=lambda job: -job.created_at)
        return [self._seen(job) for job in found]

    async def force(self, provider: str, job_id: str, word: str, reason: str | None = None) -> JobSnapshot:
        """Put the job into a state of the provider's. Raises NotFound, SettingsError or Conflict."""
        states = self._states(provider)
        if word not in states:
            raise SettingsError(f"{provider} has no state {word!r}; states: {', '.join(states)}")
        if reason is None:
            reason = _default_reason(self._engine.contracts[provider].reasons, states[word].phase)
        return await self._hold(provider, job_id, "forced", states[word], reason)

    async def fail(self, provider: str, job_id: str, reason: str | None = None) -> JobSnapshot:
        """Let the job fail for a reason of the contract's by its name, or a text. Raises as `force` does."""
        reasons = self._engine.contracts[provider].reasons if provider in self._engine.contracts else {}
        word = ending(self._states(provider), "failed")
        assert word is not None
        text = _default_reason(reasons, "failed") if reason is None else reasons.get(reason, reason)
        return await self._hold(provider, job_id, "forced", word, text)

    async def cancel(self, provider: str, job_id: str) -> JobSnapshot:
        """Cancel the job; where the provider has no such state it fails. Raises NotFound or Conflict."""
        states = self._states(provider)
        word = ending(states, "cancelled") or ending(states, "failed")
        assert word is not None
        reason = _default_reason(self._engine.contracts[provider].reasons, "cancelled")
        return await self._hold(provider, job_id, "cancelled", word, reason)

    async def pace(self, provider: str, job_id: str, pace: Pace) -> JobSnapshot:
        """Let the job go on at another pace from where it is. Raises NotFound or Conflict."""
        before = await self.find(provider, job_id)
        if before.state.ended:
            raise _ended(before)
        plan = paced(last_plan(before.job, before.now), before, pace, self._states(provider))
        return await self._note(before, Fact("paced", before.now, plan=plan))

    async def delete(self, provider: str, job_id: str) -> None:
        """Forget the job. Raises NotFound."""
        job = (await self.find(provider, job_id)).job
        if not await self._engine.store.delete(job.tenant, provider, job_id):
            self._there(provider, job_id, None)
        self._engine.forget()
        self._wake()

    async def reset(self, tenant: str = "") -> int:
        """Forget everything of a tenant, or of everybody, and say how many jobs that was."""
        engine = self._engine
        forgotten = await engine.store.clear(tenant or None)
        await engine.board.load()
        engine.forget()
        for entry in [entry for entry in engine.usage if tenant in ("", entry[0])]:
            del engine.usage[entry]
        self._wake()
        return forgotten

    async def _hold(
        self, provider: str, job_id: str, kind: str, word: StateWord, reason: str | None
    ) -> JobSnapshot:
        before = await self.find(provider, job_id)
        if before.state.ended:
            if before.state.word == word.word and kind == "cancelled":
                return before
            raise _ended(before)
        fact = Fact("forced" if kind == "forced" else "cancelled", before.now, word.word, word.phase, reason)
        after = await self._note(before, fact)
        if (after.state.word, after.state.reason) != (word.word, reason) and after.state.ended:
            raise _ended(after)
        return after

    async def _note(self, before: JobSnapshot, fact: Fact) -> JobSnapshot:
        job = before.job
        most = _AT_ONCE if fact.kind == "cancelled" else None
        noted = await self._engine.store.note(job.tenant, job.provider, job.id, fact, most=most)
        self._wake()
        return self._seen(self._there(job.provider, job.id, noted))

    def _states(self, provider: str) -> Mapping[str, StateWord]:
        contract = self._engine.contracts.get(provider)
        if contract is None:
            raise NotFoundError(f"no provider {provider!r}; providers: {', '.join(self._engine.contracts)}")
        return contract.states

    def _there(self, provider: str, job_id: str, job: Job | None) -> Job:
        if job is not None:
            return job
        self._states(provider)
        raise NotFoundError(f"{provider} has no job {job_id!r}")

    def _seen(self, job: Job) -> JobSnapshot:
        now = latest(job, self._engine.board.now(job.tenant))
        return JobSnapshot(job, now, state_at(job, now))

    def _wake(self) -> None:
        wake(self._engine.wake)


def wake(hooks: Sequence[Callable[[], None]]) -> None:
    """Tell those who listen that a clock or a job has changed."""
    for hook in hooks:
        hook()


def _default_reason(reasons: Mapping[str, str], phase: str) -> str | None:
    if phase == "failed":
        return reasons.get("default", "failed")
    return reasons.get("cancelled", "cancelled") if phase == "cancelled" else None


def _ended(seen: JobSnapshot) -> Conflict:
    return Conflict(f"job {seen.job.id} has ended as {seen.state.word!r}; nothing can follow")


def last_plan(job: Job, now: int) -> Plan:
    """The plan of the job's submit, or of the last change of pace, also where a fact holds it since."""
    plans = [fact.plan for fact in job.facts if fact.kind == "paced" and fact.plan and fact.at <= now]
    return plans[-1] if plans else job.plan


def paced(plan: Plan, seen: JobSnapshot, pace: Pace, states: Mapping[str, StateWord]) -> Plan:
    """What is left of `plan` from the state the job is in, at another pace.

    A step lasts as long as the contract says, or a fault that bent the plan, divided by the speed.
    """
    left = list(_left(plan, seen.state, states))
    steps = tuple(step._replace(lasts=_lasts(plan, step, states, pace)) for step in left)
    kind = "time" if pace.kind == "immediate" else pace.kind
    return plan._replace(steps=steps, pace=kind, polls=pace.polls)


def _left(plan: Plan, state: State, states: Mapping[str, StateWord]) -> Iterator[Step]:
    """The step the job is in and those after it; off its plan, by the contract's first successors."""
    words = [step.state for step in plan.steps]
    if state.word in words:
        yield from plan.steps[words.index(state.word) :]
        return
    yield Step(state.word, state.phase)
    seen = {state.word}
    following = states[state.word].next if state.word in states else ()
    while following and following[0] not in seen:
        word = states[following[0]]
        seen.add(word.word)
        yield Step(word.word, word.phase, word.lasts)
        following = word.next


def _lasts(plan: Plan, step: Step, states: Mapping[str, StateWord], pace: Pace) -> int:
    if pace.kind != "time":
        return 0
    known = states.get(step.state)
    lasts = known.lasts if known is not None and not plan.faults else step.lasts
    return round(lasts / pace.speed)
