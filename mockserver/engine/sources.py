"""A job that goes on from another one's clip: which job that is, and what its own clip has of it."""

from __future__ import annotations

from typing import Final

from mockserver.contract import pointer
from mockserver.contract.model import ClipSource, Contract
from mockserver.contract.pointer import follow
from mockserver.contract.violation import Violation
from mockserver.engine import clip
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_context import RequestContext
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.stores.base import Store

MOST_STEPS: Final = 100
"""Clips that go on from each other which are looked at: a job from elsewhere may even go on from itself."""


_TAKEN_UP: Final = "source"
"""Where a job that goes on from a session has the id of the job whose clip that took up."""


def source_id(contract: Contract, job: Job) -> str | None:
    """The id of the job from whose clip the job's own goes on, as its request has it."""
    source = contract.source_of(job.operation)
    named = None if source is None else follow(job.request, source.video)
    return named if isinstance(named, str) and named else None


def clip_id(contract: Contract, job: Job) -> str | None:
    """As `source_id`; of one that goes on from a session, the job whose clip the session took up, if any."""
    return job.places.get(_TAKEN_UP, source_id(contract, job)) or None


def source_seconds(contract: Contract, job: Job) -> float | None:
    """The length of the clip from which the job's own goes on."""
    source = contract.source_of(job.operation)
    if source is None or clip_id(contract, job) is None:
        return None
    return max(0.0, clip.seconds(contract, job) - source.adds)


async def continued(store: Store, context: RequestContext, job: Job) -> Job:
    """The new job of a submit, with the model and the length that it has of its source. Raises Refusal."""
    named, source = source_id(context.contract, job), context.operation.source
    if named is None or source is None:
        return job
    earlier = await store.get(context.tenant, context.contract.provider, named)
    if earlier is None or not _is_ready(context, source, earlier):
        raise _refusal(source, named, _expected(context, source))
    length = clip.seconds(context.contract, earlier) + source.adds
    if length > source.most:
        raise _refusal(source, named, f"a video of at most {source.most - source.adds:g} seconds")
    job = job._replace(model=earlier.model, seconds=length)
    if context.contract.operations[earlier.operation].role == "session":
        return job._replace(places={**job.places, _TAKEN_UP: clip_id(context.contract, earlier) or ""})
    return job


async def origin(store: Store, contract: Contract, job: Job) -> Job:
    """The job whose clip the job's own goes on from, by however many steps; else the job itself."""
    for _ in range(MOST_STEPS):
        named = source_id(contract, job)
        earlier = None if named is None else await store.get(job.tenant, job.provider, named)
        if earlier is None:
            break
        job = earlier
    return job


def _expected(context: RequestContext, source: ClipSource) -> str:
    makers = [context.contract.operations.get(name) for name in source.of or ()]
    if any(maker is not None and maker.role == "session" for maker in makers):
        return "the id of a session of this account"
    return "the id of a finished video of this account that can go on"


def _is_ready(context: RequestContext, source: ClipSource, job: Job) -> bool:
    if source.of is not None and job.operation not in source.of:
        return False
    return state_at(job, latest(job, context.now)).phase == "succeeded"


def _refusal(source: ClipSource, named: str, expected: str) -> Refusal:
    text = Violation("body", pointer.write(source.video), "x-source", named, expected, "").text()
    return Refusal("invalid", text, (text,), ("body", *source.video))
