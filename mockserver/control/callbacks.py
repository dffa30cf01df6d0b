"""Callbacks: which were sent, where to, and what came back. Each can be sent again."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheCallbacks
from mockserver.engine.callbacks.delivery_log import DeliveryLog, body_in
from mockserver.real_time import monotonic

router = APIRouter(prefix=ROOT, tags=["callbacks"])


class DeliveryRow(BaseModel):
    """One attempt to deliver a callback. Moments are Unix milliseconds on its tenant's clock.

    `number` is the place of its state after the first; `status` is null where nothing came back; `settled`:
    no further attempt follows; `replays` is the attempt that this one repeats.
    `signature` is of the compact JSON of `body`.
    """

    id: str
    tenant: str
    provider: str
    job: str
    number: int
    state: str
    attempt: int
    due: int
    at: int
    url: str
    status: int | None
    error: str | None
    settled: bool
    signature: str | None
    faults: list[str]
    replays: str | None
    body: Any


class DeliveryPage(BaseModel):
    """The last attempts, oldest first; `count` is how many match without the limit."""

    count: int
    callbacks: list[DeliveryRow]


class DeliveryFilter(NamedTuple):
    """Which attempts; what is not given matches all."""

    provider: str | None = None
    job: str | None = None
    state: str | None = None
    status: int | None = None
    delivered: bool | None = None


async def _delivery_filter(
    provider: str | None = None,
    job: Annotated[str | None, Query(description="The provider's own id of the job.")] = None,
    state: str | None = None,
    status: Annotated[int | None, Query(description="What came back.")] = None,
    delivered: Annotated[bool | None, Query(description="Whether a 2xx came back.")] = None,
) -> DeliveryFilter:
    return DeliveryFilter(provider, job, state, status, delivered)


@router.get("/callbacks")
async def callbacks(
    delivery_filter: Annotated[DeliveryFilter, Depends(_delivery_filter)],
    tenant: Tenant,
    sender: TheCallbacks,
    limit: Annotated[int, Query(ge=1, le=2000)] = 200,
    settle: Annotated[bool, Query(description="First send all that is due.")] = False,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait for `count` matches.")] = 0,
    count: Annotated[int, Query(ge=1)] = 1,
) -> DeliveryPage:
    """Every attempt to deliver a callback."""
    if settle:
        await sender.settle()
    log = sender.delivery_log
    rows = await _matching(log, tenant, delivery_filter)
    end = monotonic() + wait
    while len(rows) < count and not log.closed and (remaining := end - monotonic()) > 0:
        await log.wait_for_news(remaining)
        rows = await _matching(log, tenant, delivery_filter)
    return DeliveryPage(count=len(rows), callbacks=rows[-limit:])


@router.post("/callbacks/{delivery}/replay")
async def replay(delivery: str, sender: TheCallbacks) -> DeliveryRow:
    """Send a callback again as it was, signed with the current secret."""
    tenant, record = await sender.replay(delivery)
    return _row(tenant, record)


async def _matching(log: DeliveryLog, tenant: str, delivery_filter: DeliveryFilter) -> list[DeliveryRow]:
    rows = (
        _row(stored.tenant, stored.document)
        for stored in await log.documents()
        if tenant in ("", stored.tenant)
    )
    return [row for row in rows if _matches(row, delivery_filter)]


def _matches(row: DeliveryRow, delivery_filter: DeliveryFilter) -> bool:
    delivered = row.status is not None and 200 <= row.status < 300
    return all((
        delivery_filter.provider in (None, row.provider),
        delivery_filter.job in (None, row.job),
        delivery_filter.state in (None, row.state),
        delivery_filter.status in (None, row.status),
        delivery_filter.delivered in (None, delivered),
    ))  # fmt: skip


def _row(tenant: str, record: dict[str, Any]) -> DeliveryRow:
    return DeliveryRow(**{"replays": None, **record, "tenant": tenant, "body": body_in(record)})
