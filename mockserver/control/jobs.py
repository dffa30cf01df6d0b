"""Jobs: list, show, explain, force, fail, cancel, delete, pace. A job is named by provider and id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control.naming import Tenant, TheEngine, TheSteer
from mockserver.engine.admin.explanation import Explanation, TimelineEntry, lines, tell
from mockserver.engine.admin.jobs import JobSnapshot
from mockserver.engine.journal.exchange import EntryFilter
from mockserver.engine.pipeline import Engine
from mockserver.jobs.codec import dump_fact, plan_document
from mockserver.settings import read_pace
from mockserver.terms import Phase

router = APIRouter(tags=["jobs"])


class JobRow(BaseModel):
    """A job and where it is; moments are Unix milliseconds on its tenant's clock."""

    provider: str
    id: str
    tenant: str
    alias: str | None
    model: str
    state: str
    phase: Phase
    since: int
    reason: str | None
    created_at: int
    faults: list[str]


class JobPage(BaseModel):
    """Jobs, newest first; `count` is how many there are without limit and offset."""

    count: int
    jobs: list[JobRow]


class JobShown(JobRow):
    """A job with what was asked, what was planned and what was noted."""

    operation: str
    request: dict[str, Any]
    plan: dict[str, Any]
    facts: list[dict[str, Any]]


class TimelineRow(BaseModel):
    """One thing that happened. `what` is state, pace, fault or callback; `cause` says why."""

    at: int
    what: str
    cause: str
    state: str | None
    phase: str | None
    reason: str | None


class NextEvent(BaseModel):
    """What is next, in words; where known, the state and its moment or the number of polls until then."""

    said: str
    state: str | None
    at: int | None
    polls: int | None


class ExplanationShown(BaseModel):
    """Why the job is where it is; `text` tells the same in lines."""

    job: JobRow
    now: int
    timeline: list[TimelineRow]
    next: NextEvent
    text: list[str]


class ForceRequest(BaseModel):
    """A word of the provider's states."""

    model_config = ConfigDict(extra="forbid")
    state: str
    reason: str | None = Field(None, max_length=2000)


class FailRequest(BaseModel):
    """A reason by its name in the contract, or any text; null is the provider's default."""

    model_config = ConfigDict(extra="forbid")
    reason: str | None = Field(None, max_length=2000)


class PaceChange(BaseModel):
    """`immediate`, `time` (with `speed`), `polls:N` or `manual`."""

    model_config = ConfigDict(extra="forbid")
    pace: str
    speed: float = 1.0


@router.get("/jobs")
async def listing(
    tenant: Tenant,
    steer: TheSteer,
    provider: str | None = None,
    state: Annotated[str | None, Query(description="A word of the provider's states.")] = None,
    phase: Phase | None = None,
    model: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> JobPage:
    """The jobs of a tenant, or of everybody."""
    asked = {"state": state, "phase": phase, "model": model}
    rows = [row(seen) for seen in await steer.jobs(tenant, provider)]
    found = [
        one
        for one in rows
        if all(value is None or getattr(one, name) == value for name, value in asked.items())
    ]
    return JobPage(count=len(found), jobs=found[offset : offset + limit])


@router.get("/jobs/{provider}/{job_id}")
async def show(provider: str, job_id: str, steer: TheSteer) -> JobShown:
    """One job with its request, plan and facts."""
    seen = await steer.find(provider, job_id)
    job = seen.job
    return JobShown(
        **row(seen).model_dump(),
        operation=job.operation,
        request=job.request,
        plan={name: value for name, value in plan_document(job.plan).items() if value is not None},
        facts=[orjson.loads(dump_fact(fact)) for fact in job.facts],
    )


@router.get("/jobs/{provider}/{job_id}/explain")
async def explain(provider: str, job_id: str, steer: TheSteer, engine: TheEngine) -> ExplanationShown:
    """The job's timeline: each state with its cause, what touched it, what is next and when."""
    seen = await steer.find(provider, job_id)
    return _explained(tell(seen, [*_faulted(engine, seen), *await _called_back(engine, seen)]))


@router.post("/jobs/{provider}/{job_id}/force")
async def force(provider: str, job_id: str, what: ForceRequest, steer: TheSteer) -> JobRow:
    """Put the job into a state; from then on it stays there until it is moved."""
    return row(await steer.force(provider, job_id, what.state, what.reason))


@router.post("/jobs/{provider}/{job_id}/fail")
async def fail(provider: str, job_id: str, steer: TheSteer, what: FailRequest | None = None) -> JobRow:
    """Let the job fail, with a reason of the contract or any other."""
    return row(await steer.fail(provider, job_id, what.reason if what else None))


@router.post("/jobs/{provider}/{job_id}/cancel")
async def cancel(provider: str, job_id: str, steer: TheSteer) -> JobRow:
    """Cancel the job as somebody else would; it fails where the provider has no such state."""
    return row(await steer.cancel(provider, job_id))


@router.post("/jobs/{provider}/{job_id}/pace")
async def pace(provider: str, job_id: str, what: PaceChange, steer: TheSteer) -> JobRow:
    """Let this one job go on at another pace."""
    return row(await steer.pace(provider, job_id, read_pace(what.pace, what.speed)))


@router.delete("/jobs/{provider}/{job_id}", status_code=204)
async def delete(provider: str, job_id: str, steer: TheSteer) -> None:
    """Forget the job: its provider does not know it any more."""
    await steer.delete(provider, job_id)


def row(seen: JobSnapshot) -> JobRow:
    """A job and its state as one record."""
    job, state = seen.job, seen.state
    return JobRow(
        provider=job.provider,
        id=job.id,
        tenant=job.tenant,
        alias=job.alias,
        model=job.model,
        state=state.word,
        phase=state.phase,
        since=state.since,
        reason=state.reason,
        created_at=job.created_at,
        faults=list(job.plan.faults),
    )


def _faulted(engine: Engine, seen: JobSnapshot) -> Iterator[TimelineEntry]:
    """The answers about this job that faults touched, as far as the journal still has them."""
    job = seen.job
    wanted = EntryFilter(provider=job.provider, tenant=job.tenant, job=job.id)
    for exchange in engine.journal.match(wanted):
        if exchange.faults:
            faults, asked = ", ".join(exchange.faults), f"{exchange.method} {exchange.path}"
            yield TimelineEntry(exchange.at, "fault", f"{faults} touched {asked}: {exchange.status}")


async def _called_back(engine: Engine, seen: JobSnapshot) -> list[TimelineEntry]:
    """The tries of this job's callbacks."""
    job = seen.job
    tries = [kept.document for kept in await engine.callbacks.sent.all() if kept.tenant == job.tenant]
    return [
        TimelineEntry(
            one["at"], "callback", f"try {one['attempt']} of telling {one['state']!r}: {_came(one)}"
        )
        for one in tries
        if (one["provider"], one["job"]) == (job.provider, job.id)
    ]


def _came(one: dict[str, Any]) -> str:
    return str(one["error"]) if one["status"] is None else f"{one['status']} from {one['url']}"


def _explained(story: Explanation) -> ExplanationShown:
    return ExplanationShown(
        job=row(story.seen),
        now=story.seen.now,
        timeline=[TimelineRow(**entry._asdict()) for entry in story.entries],
        next=NextEvent(**story.next._asdict()),
        text=lines(story),
    )
