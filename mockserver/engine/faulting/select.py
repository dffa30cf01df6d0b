"""Which faults a request meets, and what they make of it.

A rule fires when its predicates hold and its times are not used up; a marker in a prompt or key is a
rule for that one job or tenant. A plan fault acts when the job is submitted, a wire fault on answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.contract.model import Contract
from mockserver.contract.pointer import follow
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.message import Response
from mockserver.engine.request_context import RequestContext
from mockserver.faults.seams import PlanDraft, Replacement, Reply, RequestFacts, Vocabulary
from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores.base import Store

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault, Fault
    from mockserver.faults.rule import Rule


class Fired(NamedTuple):
    """A fault that acts on this request, and the rule or marker that called it."""

    cause: str
    fault: Fault


class FaultSelector:
    """Finds the faults that are due; counts in the store, so replicas and restarts agree."""

    def __init__(self, board: LiveSettings, store: Store, seed: int | None) -> None:
        self._board = board
        self._store = store
        self._seed = seed

    async def due(self, subject: RequestFacts, extra: Iterable[Rule] = ()) -> list[Fired]:
        """The faults that rules, or the rules of markers, call up for the subject."""
        return [
            Fired(rule.id, rule.make())
            for rule in (*self._board.rules, *extra)
            if rule.holds(subject) and await self._has_times(rule, subject.tenant)
        ]

    async def _has_times(self, rule: Rule, tenant: str) -> bool:
        if rule.times is None:
            return True
        return await self._store.number(tenant, f"fired/{rule.id}") <= rule.times

    async def subject(self, call: RequestContext, job: Job | None) -> RequestFacts:
        """What rules see of a call; for a job that is asked about, its own prompt and model."""
        contract, role = call.contract, call.operation.role
        provider = contract.provider
        number = await self._store.number(call.tenant, f"seen/{provider}/{role}")
        body = job.request if job else call.body if isinstance(call.body, dict) else {}
        model = job.model if job else _text(body, call.operation.model_at)
        prompt = _text(body, contract.media.get("prompt", ()))
        subject = RequestFacts(
            provider, call.operation.id, role, call.tenant, model, prompt, job.id if job else "",
            number, self._chance(call.tenant, provider, role, number), now=call.now,
        )  # fmt: skip
        if job is None:
            return subject
        reads = await self._store.number(call.tenant, f"reads/{job.id}") if role == "read" else 0
        return subject._replace(reads=reads, age=max(0, call.now - job.created_at) / 1000)

    async def link(self, call: RequestContext) -> str:
        """What a job's media links end in, so that one shown earlier can be told from one shown later."""
        assert call.job is not None
        number = await self._store.number(call.tenant, f"links/{call.job.id}")
        return f"?link={number}&shown={call.now}"

    async def media(self, contract: Contract, job: Job, name: str, now: int) -> RequestFacts:
        """What rules see of a fetch of a job's clip or thumbnail."""
        number = await self._store.number(job.tenant, f"seen/{job.provider}/media")
        prompt = _text(job.request, contract.media.get("prompt", ()))
        chance = self._chance(job.tenant, job.provider, "media", number)
        age = max(0, now - job.created_at) / 1000
        return RequestFacts(
            job.provider, name, "media", job.tenant, job.model, prompt, job.id, number, chance, 0, age, now
        )

    def _chance(self, *parts: Any) -> float:
        if self._seed is None:
            return random.random()  # noqa: S311
        return random.Random("/".join(map(str, (self._seed, *parts)))).random()  # noqa: S311


def _text(body: Mapping[str, Any], path: tuple[str, ...]) -> str:
    value = follow(body, path) if path else ""
    return value if isinstance(value, str) else ""


def bend(contract: Contract, plan: Plan, fired: Sequence[Fired]) -> Plan:
    """The plan as the plan faults among `fired` will have it."""
    from mockserver.faults.base import PlanFault

    bending = [one for one in fired if isinstance(one.fault, PlanFault)]
    if not bending:
        return plan
    so_far = tuple((step.state, step.phase, step.lasts) for step in plan.steps)
    course = PlanDraft(so_far, plan.reason, frozenset(plan.quirks))
    for one in bending:
        assert isinstance(one.fault, PlanFault)
        course = one.fault.bend(course, words(contract))
    steps = tuple(Step(word, phase, lasts) for word, phase, lasts in course.steps)  # type: ignore[arg-type]
    known = all(step.state in contract.states for step in steps)
    quirks = tuple(sorted(course.quirks | (frozenset() if known else {"off-contract"})))
    names = (*plan.faults, *(one.cause for one in bending))
    return Plan(steps, plan.pace, plan.polls, course.reason, quirks, names)


def words(contract: Contract) -> Vocabulary:
    """The contract's vocabulary as plan faults need it."""
    endings: dict[str, str] = {}
    for state in contract.states.values():
        endings.setdefault(state.phase, state.word)
    way = tuple((state.word, state.phase, state.lasts) for state in contract.way)
    return Vocabulary(way, endings, contract.reasons)


def callback_faults(fired: Sequence[Fired]) -> tuple[CallbackFault, ...]:
    """The callback faults among `fired`."""
    from mockserver.faults.base import CallbackFault

    return tuple(one.fault for one in fired if isinstance(one.fault, CallbackFault))


def instead(fired: Sequence[Fired], subject: RequestFacts) -> Replacement | None:
    """The answer that the first wire fault which has one gives in place of the real one."""
    from mockserver.faults.base import WireFault

    for one in fired:
        if isinstance(one.fault, WireFault) and (answer := one.fault.before(subject)) is not None:
            return answer
    return None


def change(response: Response, fired: Sequence[Fired], subject: RequestFacts) -> Response:
    """The response as the wire faults will have it reach the client."""
    from mockserver.faults.base import WireFault

    reply = Reply(response.status, response.headers, response.body, job_id=subject.job_id)
    for one in fired:
        if isinstance(one.fault, WireFault):
            one.fault.after(reply, subject)
    return Response(reply.status, reply.headers, reply.body, reply)
