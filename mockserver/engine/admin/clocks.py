"""Moving clocks: set, advance, jump to what happens next. One move at a time, so none is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.engine.admin.jobs import JobControl, JobSnapshot, wake
from mockserver.errors import Conflict, SettingsError
from mockserver.jobs.clock import REAL, ClockSetting
from mockserver.jobs.timeline import latest, next_event, state_at
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
    from mockserver.engine.pipeline import Engine

FASTEST: Final = 1_000_000.0


class ClockReading(NamedTuple):
    """A clock: how it runs, what it shows and what the wall clock does (Unix milliseconds).

    `own` says that the tenant has a clock of its own; else it goes by everybody's.
    """

    tenant: str
    setting: ClockSetting
    now: int
    wall: int
    own: bool


class Event(NamedTuple):
    """What happens at a moment: a job enters a state, or, without a job, something else is due."""

    at: int
    tenant: str
    provider: str | None = None
    job_id: str | None = None
    state: str | None = None


class Jump(NamedTuple):
    """Where the clock stands now, by how much it moved, and what it went to; None where nothing is due."""

    reading: ClockReading
    moved: int
    event: Event | None


class ClockControl:
    """The hand of the control plane on the clocks. The tenant "" is everybody without a clock of its own."""

    def __init__(self, engine: Engine, steer: JobControl) -> None:
        self._engine = engine
        self._steer = steer
        self._lock = asyncio.Lock()

    async def read(self, tenant: str = EVERYBODY) -> ClockReading:
        """The clock that the tenant goes by."""
        await self._engine.board.refresh()
        return self._reading(tenant, await self._owners())

    async def set(
        self, tenant: str, mode: str | None = None, rate: float | None = None, now: int | None = None
    ) -> ClockReading:
        """Change how a clock runs, or where it stands; the rest stays. Raises SettingsError or Conflict."""
        async with self._lock:
            before = await self.read(tenant)
            return await self._move(before, _changed(before, mode, rate, now))

    async def advance(self, tenant: str, milliseconds: int) -> ClockReading:
        """Move a clock on."""
        async with self._lock:
            before = await self.read(tenant)
            return await self._move(before, _changed(before, None, None, before.now + milliseconds))

    async def drop(self, tenant: str) -> ClockReading:
        """Let the tenant go by everybody's clock again, or everybody by the wall clock. Raises Conflict."""
        async with self._lock:
            before = await self.read(tenant)
            board = self._engine.board
            after = board.now(EVERYBODY) if tenant else self._engine.wall()
            await self._check_way(before, after)
            await self._engine.store.keep(tenant, "clock", "-", None)
            await board.load()
            wake(self._engine.wake)
            return await self.read(tenant)

    async def jump(self, tenant: str = EVERYBODY) -> Jump:
        """Move the clock to the next event of the tenant, or of everybody who goes by everybody's clock."""
        async with self._lock:
            before = await self.read(tenant)
            return await self._to(before, await self._next(before))

    async def jump_job(self, provider: str, job_id: str) -> Jump:
        """Move the clock of the job's tenant to the job's next event. Raises NotFound."""
        async with self._lock:
            seen = await self._steer.find(provider, job_id)
            before = await self.read(seen.job.tenant)
            return await self._to(before, event_of(seen, before.now))

    async def _next(self, before: ClockReading) -> Event | None:
        followers = await self._followers(before.tenant)
        seen = [one for tenant in followers for one in await self._steer.jobs(tenant)]
        events = [event for one in seen if (event := event_of(one, before.now)) is not None]
        for source in self._engine.event_sources:
            for tenant in followers:
                due = await source(tenant)
                if due is not None and due > before.now:
                    events.append(Event(due, tenant))
        return min(events, key=lambda event: event.at, default=None)

    async def _to(self, before: ClockReading, event: Event | None) -> Jump:
        if event is None:
            return Jump(before, 0, None)
        moved = max(0, event.at - before.now)
        return Jump(await self._move(before, _changed(before, None, None, before.now + moved)), moved, event)

    async def _move(self, before: ClockReading, setting: ClockSetting) -> ClockReading:
        after = before.wall if setting == REAL else setting.virtual_at
        await self._check_way(before, after)
        await self._engine.board.set_clock(before.tenant, setting)
        wake(self._engine.wake)
        return await self.read(before.tenant)

    async def _check_way(self, before: ClockReading, after: int) -> None:
        """A job's life has no way back, so a clock with jobs has none either."""
        if after >= before.now:
            return
        for tenant in await self._followers(before.tenant):
            if await self._steer.jobs(tenant):
                back = (before.now - after) / 1000
                raise Conflict(f"the clock would go back {back:g} s under jobs that lived it; reset first")

    async def _followers(self, tenant: str) -> list[str]:
        """The tenants that a clock moves."""
        if tenant:
            return [tenant]
        owners = await self._owners()
        return [one for one in await self._engine.store.tenants() if one not in owners]

    async def _owners(self) -> frozenset[str]:
        return frozenset(kept.tenant for kept in await self._engine.store.kept("clock"))

    def _reading(self, tenant: str, owners: frozenset[str]) -> ClockReading:
        board = self._engine.board
        return ClockReading(
            tenant, board.setting(tenant), board.now(tenant), self._engine.wall(), tenant in owners
        )


def _changed(before: ClockReading, mode: str | None, rate: float | None, now: int | None) -> ClockSetting:
    if mode == "real":
        if rate is not None or now is not None:
            raise SettingsError("the real clock is the wall's; scaled with rate 1 may stand elsewhere")
        return REAL
    kind = mode or ("scaled" if rate is not None or before.setting.mode == "real" else before.setting.mode)
    stands = before.now if now is None else now
    if kind == "frozen":
        if rate is not None:
            raise SettingsError("a frozen clock has no rate")
        return ClockSetting("frozen", 0.0, before.wall, stands)
    pace = rate if rate is not None else before.setting.rate or 1.0
    if not 0 < pace <= FASTEST:
        raise SettingsError(
            f"rate {pace:g} must be above 0 and at most {FASTEST:g}; mode frozen stops a clock"
        )
    return ClockSetting("scaled", pace, before.wall, stands)


def event_of(seen: JobSnapshot, now: int) -> Event | None:
    """The job's next planned change after `now`, None where nothing happens to it by itself."""
    job = seen.job
    at = next_event(job, latest(job, now))
    if at is None:
        return None
    return Event(at, job.tenant, job.provider, job.id, state_at(job, at).word)
