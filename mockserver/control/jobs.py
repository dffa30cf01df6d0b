"""Jobs: list, show, explain, force, fail, cancel, delete, pace. A job is named by provider and id."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheCallbacks, TheJobControl, TheJobList, TheServices
from mockserver.engine.admin.explanation import Explanation, explain_job, lines
from mockserver.engine.admin.job_list import JobFilter
from mockserver.engine.admin.jobs import JobSnapshot
from mockserver.engine.admin.touches import touches
from mockserver.jobs.codec import dump_fact, plan_document
from mockserver.settings import read_pace
from mockserver.terms import Phase

router = APIRouter(prefix=ROOT, tags=["jobs"])


class JobRow(BaseModel):
    """A job and its state since `since`; moments are Unix milliseconds on its tenant's clock."""

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
    """A job with the request that submitted it, its plan and its facts."""

    operation: str
    request: dict[str, Any]
    plan: dict[str, Any]
    facts: list[dict[str, Any]]


class TimelineRow(BaseModel):
    """One event of a job's life. `what` is state, pace, fault or callback; `cause` says why."""

    at: int
    what: str
    cause: str
    state: str | None
    phase: str | None
    reason: str | None


class NextEvent(BaseModel):
    """What happens next, as a sentence; where known, the state and its moment or the polls until then."""

    text: str = Field(alias="said")
    state: str | None
    at: int | None
    polls: int | None


class PlannedRow(BaseModel):
    """A state that the job enters by itself, and when."""

    at: int
    state: str
    phase: Phase


class ExplanationShown(BaseModel):
    """Why the job is in its state, and what is `planned` after it; `text` has the same as lines."""

    job: JobRow
    now: int
    timeline: list[TimelineRow]
    next: NextEvent
    planned: list[PlannedRow]
    text: list[str]


class ForceRequest(BaseModel):
    """A state of the provider's."""

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
    job_list: TheJobList,
    provider: str | None = None,
    state: Annotated[str | None, Query(description="A word of the provider's states.")] = None,
    phase: Phase | None = None,
    model: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> JobPage:
    """The jobs of a tenant, or of everybody."""
    wanted = JobFilter(tenant, provider, model, state, phase)
    count, snapshots = await job_list.page(wanted, offset, limit)
    return JobPage(count=count, jobs=[job_row(snapshot) for snapshot in snapshots])


@router.get("/jobs/{provider}/{job_id}")
async def show(provider: str, job_id: str, job_control: TheJobControl) -> JobShown:
    """One job with its request, plan and facts."""
    snapshot = await job_control.find(provider, job_id)
    job = snapshot.job
    return JobShown(
        **job_row(snapshot).model_dump(),
        operation=job.operation,
        request=job.request,
        plan={name: value for name, value in plan_document(job.plan).items() if value is not None},
        facts=[orjson.loads(dump_fact(fact)) for fact in job.facts],
    )


@router.get("/jobs/{provider}/{job_id}/explain")
async def explain(
    provider: str, job_id: str, job_control: TheJobControl, services: TheServices, callbacks: TheCallbacks
) -> ExplanationShown:
    """The job's timeline: each state with its cause, what touched it, what is next and when."""
    snapshot = await job_control.find(provider, job_id)
    return explanation_shown(explain_job(snapshot, await touches(services, callbacks, snapshot.job)))


@router.post("/jobs/{provider}/{job_id}/force")
async def force(provider: str, job_id: str, target: ForceRequest, job_control: TheJobControl) -> JobRow:
    """Put the job into a state; from then on it stays there until it is moved."""
    return job_row(await job_control.force(provider, job_id, target.state, target.reason))


@router.post("/jobs/{provider}/{job_id}/fail")
async def fail(
    provider: str, job_id: str, job_control: TheJobControl, failure: FailRequest | None = None
) -> JobRow:
    """Let the job fail, with a reason of the contract or any other."""
    reason = None if failure is None else failure.reason
    return job_row(await job_control.fail(provider, job_id, reason))


@router.post("/jobs/{provider}/{job_id}/cancel")
async def cancel(provider: str, job_id: str, job_control: TheJobControl) -> JobRow:
    """Cancel the job as somebody else would; it fails where the provider has no such state."""
    return job_row(await job_control.cancel(provider, job_id))


@router.post("/jobs/{provider}/{job_id}/pace")
async def pace(provider: str, job_id: str, change: PaceChange, job_control: TheJobControl) -> JobRow:
    """Let this job go on at another pace."""
    return job_row(await job_control.pace(provider, job_id, read_pace(change.pace, change.speed)))


@router.delete("/jobs/{provider}/{job_id}", status_code=204)
async def delete(provider: str, job_id: str, job_control: TheJobControl) -> None:
    """Delete the job: its provider does not know it any more."""
    await job_control.delete(provider, job_id)


def job_row(snapshot: JobSnapshot) -> JobRow:
    """A job and its state as one record."""
    job, state = snapshot.job, snapshot.state
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


def explanation_shown(explanation: Explanation) -> ExplanationShown:
    """An explanation as one record."""
    upcoming = explanation.next
    return ExplanationShown(
        job=job_row(explanation.snapshot),
        now=explanation.snapshot.now,
        timeline=[TimelineRow(**entry._asdict()) for entry in explanation.entries],
        next=NextEvent(said=upcoming.text, state=upcoming.state, at=upcoming.at, polls=upcoming.polls),
        planned=[PlannedRow(at=at, state=step.state, phase=step.phase) for at, step in explanation.planned],
        text=lines(explanation),
    )
