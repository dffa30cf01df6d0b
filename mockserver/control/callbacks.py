"""Callbacks: which were sent, where to, and what came back; one can be sent again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from mockserver.control.naming import Tenant, TheEngine
from mockserver.engine.callbacks.delivery_log import DeliveryLog, body_in

router = APIRouter(tags=["callbacks"])


class DeliveryRow(BaseModel):
    """One try of a callback. Moments are Unix milliseconds on its tenant's clock.

    `number` says which state it tells of, counted after the first; `status` is what came back, null where
    nothing did; `settled` that no try follows because of it; `replays` the try that this one repeats.
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
    """Tries, oldest first, the last of them; `count` is how many match without the limit."""

    count: int
    callbacks: list[DeliveryRow]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which tries are meant; what is not given matches all."""

    provider: str | None = None
    job: Annotated[str | None, Query(description="The provider's own id of the job.")] = None
    state: str | None = None
    status: Annotated[int | None, Query(description="What came back.")] = None
    delivered: Annotated[bool | None, Query(description="Whether a 2xx came back.")] = None


@router.get("/callbacks")
async def callbacks(
    wanted: Annotated[DeliveryFilter, Depends()],
    tenant: Tenant,
    engine: TheEngine,
    limit: Annotated[int, Query(ge=1, le=2000)] = 200,
    settle: Annotated[bool, Query(description="First send all that is due.")] = False,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait for `count` matches.")] = 0,
    count: Annotated[int, Query(ge=1)] = 1,
) -> DeliveryPage:
    """The journal of callbacks."""
    if settle:
        await engine.callbacks.settle()
    sent = engine.callbacks.sent
    found = await _matching(sent, tenant, wanted)
    end = time.monotonic() + wait
    while len(found) < count and (left := end - time.monotonic()) > 0:
        await sent.news(left)
        found = await _matching(sent, tenant, wanted)
    return DeliveryPage(count=len(found), callbacks=found[-limit:])


@router.post("/callbacks/{delivery}/replay")
async def replay(delivery: str, engine: TheEngine) -> DeliveryRow:
    """Send a callback of the journal again, as it was, signed with the secret of now."""
    tenant, record = await engine.callbacks.replay(delivery)
    return _shown(tenant, record)


async def _matching(sent: DeliveryLog, tenant: str, wanted: DeliveryFilter) -> list[DeliveryRow]:
    shown = (_shown(kept.tenant, kept.document) for kept in await sent.all() if tenant in ("", kept.tenant))
    return [one for one in shown if _matches(one, wanted)]


def _matches(one: DeliveryRow, wanted: DeliveryFilter) -> bool:
    delivered = one.status is not None and 200 <= one.status < 300
    return all((
        wanted.provider in (None, one.provider),
        wanted.job in (None, one.job),
        wanted.state in (None, one.state),
        wanted.status in (None, one.status),
        wanted.delivered in (None, delivered),
    ))  # fmt: skip


def _shown(tenant: str, record: dict[str, Any]) -> DeliveryRow:
    return DeliveryRow(**{"replays": None, **record, "tenant": tenant, "body": body_in(record)})
