"""Which faults a request meets.

A rule fires when its predicates hold and its times are not used up; a marker in a prompt or key is a
rule for that one job or tenant. A plan fault acts when the job is submitted, a wire fault on answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine.body import text_at
from mockserver.engine.late_call import LateCall
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.request_context import RequestContext
from mockserver.faults.seams import RequestFacts
from mockserver.jobs.job import Job
from mockserver.stores.base import Store

if TYPE_CHECKING:
    from mockserver.faults.base import Fault
    from mockserver.faults.marker_rules import Marked
    from mockserver.faults.rule import Rule

_MARKER: Final = "[mock:"


class Fired(NamedTuple):
    """A fault that acts on this request, and the rule or marker that called it."""

    cause: str
    fault: Fault


class ActiveFaults(NamedTuple):
    """The faults that act on a request, and the facts by which they were selected."""

    facts: RequestFacts
    fired: Sequence[Fired]


class FaultSelector:
    """Selects the faults that are due; counts in the store, so replicas and restarts agree."""

    def __init__(self, live_settings: LiveSettings, store: Store, seed: int | None) -> None:
        self._live_settings = live_settings
        self._store = store
        self._seed = seed

    def may_act(self, context: RequestContext) -> bool:
        """Whether a rule or marker is to be tried on the request, or a fault has acted on its job before."""
        if context.marker_rules or self._live_settings.has_rules:
            return True
        return context.job is not None and bool(context.job.plan.faults)

    async def select(self, context: RequestContext) -> ActiveFaults:
        """The faults that act on the request. Their names are put into its context."""
        if context.job is not None:
            await read_prompt_markers(context)
        facts = await self._request_facts(context)
        faults = await self._due(facts, context.marker_rules)
        context.faults = tuple(fired.cause for fired in faults)
        return ActiveFaults(facts, faults)

    async def select_media(self, contract: Contract, job: Job, name: str, now: int) -> Sequence[Fired]:
        """The faults that act on a fetch of a job's clip or thumbnail."""
        if not self._live_settings.has_rules and not job.plan.faults:
            return ()
        facts = await self._media_facts(contract, job, name, now)
        marker_rules: Sequence[Rule] = ()
        if _MARKER in facts.prompt:
            marker_rules = (await _read_markers(facts.prompt)).rules
        return await self._due(facts, marker_rules)

    async def _due(self, facts: RequestFacts, marker_rules: Iterable[Rule]) -> Sequence[Fired]:
        return [
            Fired(rule.id, rule.make())
            for rule in (*self._live_settings.rules, *marker_rules)
            if rule.holds(facts) and await self._has_times(rule, facts.tenant)
        ]

    async def _has_times(self, rule: Rule, tenant: str) -> bool:
        if rule.times is None:
            return True
        return await self._store.increment(tenant, f"fired/{rule.id}") <= rule.times

    async def _request_facts(self, context: RequestContext) -> RequestFacts:
        """What rules know of a request; of one about a job, that job's own prompt and model."""
        contract, role = context.contract, context.operation.role
        number = await self._store.increment(context.tenant, f"seen/{contract.provider}/{role}")
        facts = RequestFacts(
            provider=contract.provider,
            operation=context.operation.id,
            role=role,
            tenant=context.tenant,
            model=_model(context),
            prompt=_text(context.operation.media.value(context.body, "prompt")),
            job_id="",
            number=number,
            chance=self._chance(context.tenant, contract.provider, role, number),
            now=context.now,
        )
        job = context.job
        if job is None:
            return facts
        if role == "read":
            facts = facts._replace(reads=await self._store.increment(context.tenant, f"reads/{job.id}"))
        age = max(0, context.now - job.created_at) / 1000
        prompt = _text(contract.media_of(job.operation).value(job.request, "prompt"))
        return facts._replace(job_id=job.id, model=job.model, prompt=prompt, age=age)

    async def next_link(self, context: RequestContext) -> str:
        """The end of a job's media links, which tells one shown earlier from one shown later."""
        assert context.job is not None
        number = await self._store.increment(context.tenant, f"links/{context.job.id}")
        return f"?link={number}&shown={context.now}"

    async def _media_facts(self, contract: Contract, job: Job, name: str, now: int) -> RequestFacts:
        number = await self._store.increment(job.tenant, f"seen/{job.provider}/media")
        return RequestFacts(
            provider=job.provider,
            operation=name,
            role="media",
            tenant=job.tenant,
            model=job.model,
            prompt=_text(contract.media_of(job.operation).value(job.request, "prompt")),
            job_id=job.id,
            number=number,
            chance=self._chance(job.tenant, job.provider, "media", number),
            age=max(0, now - job.created_at) / 1000,
            now=now,
        )

    def _chance(self, *parts: Any) -> float:
        if self._seed is None:
            return random.random()  # noqa: S311
        return random.Random("/".join(map(str, (self._seed, *parts)))).random()  # noqa: S311


async def read_prompt_markers(context: RequestContext) -> None:
    """Add the rules of the markers in the job's prompt or, where there is no job yet, in the body's.

    A marker in a body that makes no rule is a warning.
    """
    job = context.job
    body, media = context.body, context.operation.media
    if job is not None:
        body, media = job.request, context.contract.media_of(job.operation)
    prompt = _text(media.value(body, "prompt"))
    if _MARKER not in prompt:
        return
    marked = await _read_markers(prompt)
    context.marker_rules = (*context.marker_rules, *marked.rules)
    if job is None:
        context.warnings += marked.complaints


def _prompt_rules(prompt: str) -> Marked:
    # Imported here, as a server whose prompts carry no marker needs none of it.
    from mockserver.faults.marker_rules import prompt_rules

    return prompt_rules(prompt)


_read_markers: Final = LateCall(_prompt_rules)


def _model(context: RequestContext) -> str:
    """The model that a request names; empty where it names none."""
    if context.operation.model_places:
        return context.submitted_model
    return text_at(context.body, context.operation.model_at)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
