"""Clocks: one for everybody, and one for each tenant that was given its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, iso
from mockserver.engine.admin.clocks import ClockControl, ClockReading, Event
from mockserver.jobs.reading import LATEST

router = APIRouter(prefix=ROOT, tags=["clock"])
_SECONDS: Final = range(10**9, 10**11)
"""Numbers that are seconds from 2001 on; as milliseconds they would lie before 1974."""


class Clock(BaseModel):
    """What a clock shows: `now` in Unix milliseconds, `at` for people, `ahead` of the wall clock in ms.

    `tenant` null is everybody's clock; `own` says that the tenant has a clock of its own.
    """

    tenant: str | None
    own: bool
    mode: Literal["real", "scaled", "frozen"]
    rate: float
    now: int
    at: str
    ahead: int


class ClockUpdate(BaseModel):
    """What to change; the rest stays. `now` is Unix milliseconds or ISO 8601."""

    model_config = ConfigDict(extra="forbid")
    mode: Literal["real", "scaled", "frozen"] | None = None
    rate: float | None = Field(None, gt=0, le=1_000_000)
    now: Annotated[int, Field(ge=0, le=LATEST)] | datetime | None = None


class Advance(BaseModel):
    """How far to move on."""

    model_config = ConfigDict(extra="forbid")
    seconds: float = Field(ge=0, le=1_000_000_000)


class ClockTarget(BaseModel):
    """The job whose next event to jump to; without it, the next event of any job."""

    model_config = ConfigDict(extra="forbid")
    provider: str
    job: str


class ClockEvent(BaseModel):
    """What a clock jumped to: a job enters `state`, or, where `job` is null, a callback is due."""

    at: int
    tenant: str
    provider: str | None
    job: str | None
    state: str | None


class Jumped(BaseModel):
    """By how many seconds the clock moved, and to what; `event` null: nothing is due, it did not move."""

    seconds: float
    event: ClockEvent | None
    clock: Clock


async def _clock_control(request: Request) -> ClockControl:
    state = request.app.state
    if not hasattr(state, "clock_control"):
        state.clock_control = ClockControl(state.services, state.job_control, state.job_list, state.callbacks)
    clock_control: ClockControl = state.clock_control
    return clock_control


TheClockControl = Annotated[ClockControl, Depends(_clock_control)]


@router.get("/clock")
async def show(tenant: Tenant, clock_control: TheClockControl) -> Clock:
    """The clock that a tenant, or everybody, goes by."""
    return _clock(await clock_control.read(tenant))


@router.put("/clock")
async def change(update: ClockUpdate, tenant: Tenant, clock_control: TheClockControl) -> Clock:
    """Freeze a clock, let it run at a rate, or set it to a moment; with jobs it cannot go back."""
    now = _milliseconds(update.now) if isinstance(update.now, datetime) else update.now
    if isinstance(update.now, int) and update.now in _SECONDS:
        raise HTTPException(
            422, f"now is milliseconds; {update.now} looks like seconds: send {update.now}000"
        )
    if now is None and update.mode is None and update.rate is None:
        raise HTTPException(422, "give mode, rate or now")
    return _clock(await clock_control.set(tenant, update.mode, update.rate, now))


@router.delete("/clock")
async def drop(tenant: Tenant, clock_control: TheClockControl) -> Clock:
    """Let a tenant go by everybody's clock again, or everybody by the wall's."""
    return _clock(await clock_control.drop(tenant))


@router.post("/clock/advance")
async def advance(step: Advance, tenant: Tenant, clock_control: TheClockControl) -> Clock:
    """Move a clock on by so many seconds."""
    return _clock(await clock_control.advance(tenant, round(step.seconds * 1000)))


@router.post("/clock/jump")
async def jump(tenant: Tenant, clock_control: TheClockControl, target: ClockTarget | None = None) -> Jumped:
    """Move a clock to what happens next: to one job (its tenant's clock moves), or to any."""
    if target is not None:
        jumped = await clock_control.jump_job(target.provider, target.job)
    else:
        jumped = await clock_control.jump(tenant)
    event = None if jumped.event is None else _event(jumped.event)
    return Jumped(seconds=jumped.moved / 1000, event=event, clock=_clock(jumped.reading))


def _event(event: Event) -> ClockEvent:
    return ClockEvent(
        at=event.at, tenant=event.tenant, provider=event.provider, job=event.job_id, state=event.state
    )


def _clock(reading: ClockReading) -> Clock:
    setting = reading.setting
    return Clock(
        tenant=reading.tenant or None,
        own=reading.own,
        mode=setting.mode,
        rate=setting.rate,
        now=reading.now,
        at=iso(reading.now),
        ahead=reading.now - reading.wall,
    )


def _milliseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    milliseconds = round(aware.timestamp() * 1000)
    if milliseconds < 0:
        raise HTTPException(422, f"{moment.isoformat()} is before 1970")
    return milliseconds
