"""The journal: query, wait, watch, assert, export."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control.naming import Tenant, TheEngine
from mockserver.control.recorded import RecordedExchange, show
from mockserver.control.stream import EventStream, company
from mockserver.engine.journal.exchange import EntryFilter, JournalEntry
from mockserver.engine.journal.har import archive
from mockserver.engine.journal.journal import Journal
from mockserver.engine.pipeline import Engine
from mockserver.jobs.ids import tenant_of

router = APIRouter(tags=["journal"])
Some = Annotated[int, Field(ge=1, le=100_000)]


class JournalFilter(BaseModel):
    """Which exchanges are meant; all that agree with whatever is given."""

    model_config = ConfigDict(extra="forbid")
    provider: str | None = None
    operation: str | None = Field(None, description="An operationId of a contract.")
    role: Literal["submit", "read", "list", "cancel", "models", "model", "media"] | None = None
    key: str | None = Field(None, min_length=1, description="An API key; its tenant is meant.")
    tenant: str | None = Field(None, pattern="^[0-9a-f]{32}$")
    job: str | None = Field(None, description="A job's id.")
    status: str | None = Field(
        None, pattern="^[1-5]([0-9]{2}|xx)$", description="404, or 4xx for all of them."
    )
    fault: str | None = Field(None, description="The name of a fault that it met.")
    violations: bool | None = Field(None, description="Whether it was refused for breaking the contract.")
    since: int = Field(0, ge=0, description="Only exchanges after this number.")


class JournalQuery(JournalFilter):
    """Which, how many at most, and how long to wait until `count` of them are there."""

    limit: Some = 100
    bodies: bool = Field(True, description="Whether to show bodies.")
    count: Some = 1
    wait: float = Field(0, ge=0, le=600, description="Seconds of real time.")


class EventFilter(JournalFilter):
    """Which exchanges to be told of, from now on unless `since` is given."""

    since: int = Field(-1, ge=-1, description="First those after this number; without it, only new ones.")
    bodies: bool = Field(True, description="Whether to show bodies.")


class JournalClaim(JournalFilter):
    """Which, and what is said of them: a number, none at all, or that just one of them made a job."""

    count: int | None = Field(None, ge=0, le=100_000)
    none: bool = False
    submitted_once: bool = False


class JournalPage(BaseModel):
    """Exchanges, oldest first. `ok`: there are as many as were asked for; `found` says how many are kept.

    `last` is the newest number of all: ask again with `since=` it. `dropped` exchanges fell out.
    """

    ok: bool
    found: int
    last: int
    dropped: int
    exchanges: list[RecordedExchange]


class Verdict(BaseModel):
    """Whether a claim holds, in a sentence, and the exchanges that it is about, without bodies."""

    ok: bool
    count: int
    said: str
    dropped: int
    exchanges: list[RecordedExchange]


class ClearedJournal(BaseModel):
    """How many exchanges were forgotten."""

    cleared: int


@router.get("/journal")
async def journal(
    asked: Annotated[JournalQuery, Query()], request: Request, engine: TheEngine
) -> JournalPage:
    """Exchanges that match. With `wait`, as soon as there are `count`, or when the time is over."""
    kept, wanted = engine.journal, _wanted(asked, engine)
    ok = await _enough(kept, wanted, asked.count, asked.wait, request)
    exchanges = kept.match(wanted, asked.limit, first="since" in asked.model_fields_set)
    return JournalPage(
        ok=ok,
        found=kept.count(wanted),
        last=kept.last,
        dropped=kept.dropped,
        exchanges=[show(exchange, bodies=asked.bodies) for exchange in exchanges],
    )


@router.get(
    "/journal/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}}
)
async def events(watch: Annotated[EventFilter, Query()], request: Request, engine: TheEngine) -> Response:
    """Server-sent events: one `exchange` each, and `dropped` where some fell out before they were sent."""
    wanted = _wanted(watch, engine)
    begun = request.headers.get("last-event-id", "")
    if begun.isdecimal() and len(begun) < 19:
        wanted = wanted._replace(since=int(begun))
    elif watch.since < 0:
        wanted = wanted._replace(since=engine.journal.last)
    return EventStream(engine.journal, wanted, bodies=watch.bodies)


@router.get("/journal.har", response_class=JSONResponse)
async def har(which: Annotated[JournalFilter, Query()], engine: TheEngine) -> Response:
    """Everything that matches as an HTTP archive (HAR 1.2)."""
    found, dropped = engine.journal.match(_wanted(which, engine)), engine.journal.dropped
    content = await asyncio.to_thread(lambda: orjson.dumps(archive(found, dropped)))
    headers = {"content-disposition": 'attachment; filename="mockserver.har"'}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/journal/assert")
async def claim(claim: Annotated[JournalClaim, Query()], engine: TheEngine) -> Verdict:
    """Whether `count` exchanges match, or `none` does, or just one of them made a job (`submitted_once`)."""
    if (claim.count is not None) + claim.none + claim.submitted_once != 1:
        raise HTTPException(422, "claim one thing: count=N, none=true or submitted_once=true")
    found = engine.journal.match(_wanted(claim, engine))
    if claim.submitted_once:
        found = [one for one in found if one.role == "submit" and one.job_id is not None]
    expected = 1 if claim.submitted_once else claim.count or 0
    what = "submits that made a job" if claim.submitted_once else "exchanges"
    return Verdict(
        ok=len(found) == expected,
        count=len(found),
        said=_said(found, expected, what),
        dropped=engine.journal.dropped,
        exchanges=[show(exchange, bodies=False) for exchange in found],
    )


@router.delete("/journal")
async def clear(tenant: Tenant, engine: TheEngine) -> ClearedJournal:
    """Forget a tenant's exchanges, or all. Numbers go on."""
    return ClearedJournal(cleared=engine.journal.clear(tenant or None))


def _wanted(which: JournalFilter, engine: Engine) -> EntryFilter:
    """The filter. A name that nothing has is refused: `none` would hold for every one of them."""
    if which.key is not None and which.tenant is not None:
        raise HTTPException(422, "key and tenant name the same thing; give one")
    contracts = engine.contracts
    if which.provider is not None and which.provider not in contracts:
        raise HTTPException(422, f"no provider {which.provider!r}; providers: {', '.join(contracts)}")
    operations = sorted({name for contract in contracts.values() for name in contract.operations})
    if which.operation is not None and which.operation not in operations:
        raise HTTPException(422, f"no operation {which.operation!r}; operations: {', '.join(operations)}")
    return EntryFilter(
        provider=which.provider,
        operation=which.operation,
        role=which.role,
        tenant=tenant_of(which.key) if which.key is not None else which.tenant,
        job=which.job,
        status=which.status,
        fault=which.fault,
        violations=which.violations,
        since=which.since,
    )


async def _enough(kept: Journal, wanted: EntryFilter, count: int, seconds: float, request: Request) -> bool:
    """Whether `count` exchanges match, at the latest when the seconds are over or the client has gone."""
    found, seen = kept.count(wanted), kept.last
    if found >= count or not seconds:
        return found >= count
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    with kept.listen() as listener:
        async with company(request.receive, listener) as gone:
            while found < count and not gone.done() and not kept.closed:
                if not await listener.wait(max(end - clock(), 0)):
                    break
                found += kept.count(wanted._replace(since=max(seen, wanted.since)))
                seen = kept.last
    return found >= count


def _said(found: Sequence[JournalEntry], expected: int, what: str) -> str:
    said = f"{len(found)} {what}, expected {expected}"
    if not found:
        return said
    shown = [f"#{one.number} {one.method} {one.path} {one.status}" for one in found[:5]]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{said}: {', '.join(shown)}{more}"
