"""The journal: query, wait, watch, assert, export."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from mockserver.contract.model import Contract
from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheCallbacks, TheServices
from mockserver.control.index import providers_address
from mockserver.control.recorded import RecordedExchange, record_exchange
from mockserver.control.stream import EventStream, OutlineStream, watch_disconnect
from mockserver.engine.admin.story import tell_story
from mockserver.engine.admin.story_lines import story_lines
from mockserver.engine.journal.delivery import shown_status
from mockserver.engine.journal.exchange import EntryFilter, JournalEntry
from mockserver.engine.journal.har import archive
from mockserver.engine.journal.journal import Journal
from mockserver.engine.services import Services
from mockserver.numerals import plural, whole_number
from mockserver.terms import RequestRole

router = APIRouter(prefix=ROOT, tags=["journal"])
Limit = Annotated[int, Field(ge=1, le=100_000)]


class JournalFilter(BaseModel):
    """Which exchanges: those that match everything that is given."""

    model_config = ConfigDict(extra="forbid")
    provider: str | None = None
    operation: str | None = Field(None, description="An operationId of a contract.")
    role: RequestRole | None = None
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
    """Which exchanges, how many at most, and how long to wait until `count` of them are there."""

    limit: Limit = 100
    bodies: bool = Field(True, description="Whether to show bodies.")
    count: Limit = 1
    wait: float = Field(0, ge=0, le=600, description="Seconds of real time.")


class EventFilter(JournalFilter):
    """Which exchanges to send, from now on unless `since` is given."""

    since: int = Field(-1, ge=-1, description="First those after this number; without it, only new ones.")
    bodies: bool = Field(True, description="Whether to show bodies.")
    outline: bool = Field(
        False,
        description="Only what a list shows, ten times a second; of too many the newest of each kind.",
    )


class JournalClaim(JournalFilter):
    """Which exchanges, and the claim about them: their number, none, or that just one of them made a job."""

    count: int | None = Field(None, ge=0, le=100_000)
    none: bool = False
    submitted_once: bool = False


class JournalPage(BaseModel):
    """Exchanges, oldest first. `ok`: `count` exchanges match; `found` is how many match in all.

    `last` is the newest number of the journal: pass it as `since` next time. `dropped` exchanges fell out.
    """

    ok: bool
    matching: int = Field(alias="found")
    last: int
    dropped: int
    exchanges: list[RecordedExchange]


class Verdict(BaseModel):
    """Whether a claim holds, in a sentence, and the exchanges that it is about, without bodies."""

    ok: bool
    count: int
    sentence: str = Field(alias="said")
    dropped: int
    exchanges: list[RecordedExchange]


class ClearedJournal(BaseModel):
    """How many exchanges were forgotten."""

    cleared: int


class JournalExplanation(BaseModel):
    """What reached the server, as lines of text for people: the last exchanges, why each was refused or what
    broke it, the jobs that they are about with what would come next, and rules that acted on nothing.
    """

    text: list[str]


@router.get("/journal")
async def journal(
    query: Annotated[JournalQuery, Query()], request: Request, services: TheServices
) -> JournalPage:
    """Exchanges that match. With `wait`, as soon as there are `count`, or when the time is over."""
    journal, entry_filter = services.journal, _entry_filter(query, services)
    ok = await _wait_for(journal, entry_filter, query.count, query.wait, request)
    exchanges = journal.match(entry_filter, query.limit, first="since" in query.model_fields_set)
    names = services.live_settings.fault_names
    return JournalPage(
        ok=ok,
        found=journal.count(entry_filter),
        last=journal.last,
        dropped=journal.dropped,
        exchanges=[record_exchange(exchange, names, bodies=query.bodies) for exchange in exchanges],
    )


@router.get("/journal/explain")
async def explain(
    query: Annotated[JournalFilter, Query()], request: Request, services: TheServices, callbacks: TheCallbacks
) -> JournalExplanation:
    """The last exchanges that match and their jobs, as text to show where a client's test failed."""
    story = await tell_story(services, callbacks, _entry_filter(query, services))
    url = providers_address(request, services.settings)
    bases = {name: url + contract.prefixes[0] for name, contract in services.contracts.items()}
    return JournalExplanation(text=story_lines(story, url, bases))


@router.get(
    "/journal/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}}
)
async def events(query: Annotated[EventFilter, Query()], request: Request, services: TheServices) -> Response:
    """Server-sent events: one `exchange` each, and `dropped` where some fell out before they were sent.

    With `outline` they have no headers and bodies, and `skipped` says how many were too many to be sent.
    """
    entry_filter = _entry_filter(query, services)
    last_number = whole_number(request.headers.get("last-event-id", ""))
    if last_number is not None:
        entry_filter = entry_filter._replace(since=last_number)
    elif query.since < 0:
        entry_filter = entry_filter._replace(since=services.journal.last)
    if query.outline:
        return OutlineStream(services.journal, entry_filter, services.live_settings)
    return EventStream(services.journal, entry_filter, services.live_settings, bodies=query.bodies)


@router.get("/journal.har", response_class=JSONResponse)
async def har(query: Annotated[JournalFilter, Query()], services: TheServices) -> Response:
    """Everything that matches as an HTTP archive (HAR 1.2)."""
    entries, dropped = services.journal.match(_entry_filter(query, services)), services.journal.dropped
    content = await asyncio.to_thread(lambda: orjson.dumps(archive(entries, dropped)))
    headers = {"content-disposition": 'attachment; filename="mockserver.har"'}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/journal/assert")
async def claim(claim: Annotated[JournalClaim, Query()], services: TheServices) -> Verdict:
    """Whether `count` exchanges match, or `none` does, or just one of them made a job (`submitted_once`)."""
    if (claim.count is not None) + claim.none + claim.submitted_once != 1:
        raise HTTPException(422, "claim one thing: count=N, none=true or submitted_once=true")
    entries = services.journal.match(_entry_filter(claim, services))
    expected, noun = claim.count or 0, "exchange"
    names = services.live_settings.fault_names
    if claim.submitted_once:
        entries = [entry for entry in entries if entry.role == "submit" and entry.job_id is not None]
        expected, noun = 1, "submit"
    return Verdict(
        ok=len(entries) == expected,
        count=len(entries),
        said=_sentence(entries, expected, noun),
        dropped=services.journal.dropped,
        exchanges=[record_exchange(exchange, names, bodies=False) for exchange in entries],
    )


@router.delete("/journal")
async def clear(tenant: Tenant, services: TheServices) -> ClearedJournal:
    """Forget a tenant's exchanges, or all. Numbers go on."""
    return ClearedJournal(cleared=services.journal.clear(tenant or None))


def _entry_filter(query: JournalFilter, services: Services) -> EntryFilter:
    """The filter of a query."""
    if query.key is not None and query.tenant is not None:
        raise HTTPException(422, "key and tenant name the same thing; give one")
    _check_names(query, services.contracts)
    return EntryFilter(
        provider=query.provider,
        operation=query.operation,
        role=query.role,
        tenant=query.tenant if query.key is None else services.callers.tenant(query.key),
        job=query.job,
        status=query.status,
        fault=query.fault,
        violations=query.violations,
        since=query.since,
    )


def _check_names(query: JournalFilter, contracts: Mapping[str, Contract]) -> None:
    """Refuse an unknown provider or operation: a claim of `none` would always hold of it."""
    if query.provider is not None and query.provider not in contracts:
        raise HTTPException(422, f"no provider {query.provider!r}; providers: {', '.join(contracts)}")
    operations = sorted({name for contract in contracts.values() for name in contract.operations})
    if query.operation is not None and query.operation not in operations:
        raise HTTPException(422, f"no operation {query.operation!r}; operations: {', '.join(operations)}")


async def _wait_for(
    journal: Journal, entry_filter: EntryFilter, count: int, seconds: float, request: Request
) -> bool:
    """Wait until `count` exchanges match, the seconds are over or the client has gone; whether they match."""
    matches, last = journal.count(entry_filter), journal.last
    if matches >= count or not seconds:
        return matches >= count
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    with journal.listen() as listener:
        async with watch_disconnect(request.receive, listener) as gone:
            while matches < count and not gone.done() and not journal.closed:
                if not await listener.wait(max(end - clock(), 0)):
                    break
                matches += journal.count(entry_filter._replace(since=max(last, entry_filter.since)))
                last = journal.last
    return matches >= count


def _sentence(entries: Sequence[JournalEntry], expected: int, noun: str) -> str:
    made = " that made a job" * (noun == "submit")
    sentence = f"{plural(len(entries), noun)}{made}, expected {expected}"
    if not entries:
        return sentence
    shown = [f"#{entry.number} {entry.method} {entry.path} {shown_status(entry)}" for entry in entries[:5]]
    more = f" and {len(entries) - 5} more" if len(entries) > 5 else ""
    return f"{sentence}: {', '.join(shown)}{more}"
