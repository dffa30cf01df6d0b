"""Moves clocks: set, advance, jump to the next event. One move at a time, so that none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import NamedTuple

from mockserver.engine.admin.job_list import JobList
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.counting import PlannedChange, next_change, patiently
from mockserver.engine.documents.live import FASTEST
from mockserver.engine.services import Services
from mockserver.errors import Conflict, SettingsError
from mockserver.jobs.clock import REAL, ClockSetting, moment
from mockserver.jobs.job import Job
from mockserver.jobs.reading import LATEST
from mockserver.jobs.timeline import latest, next_event, state_at
from mockserver.terms import EVERYBODY


class ClockReading(NamedTuple):
    """A clock: how it runs, its moment and the wall clock's (Unix milliseconds).

    `own` says that the tenant has a clock of its own, and not everybody's.
    """

    tenant: str
    setting: ClockSetting
    now: int
    wall: int
    own: bool


class Event(NamedTuple):
    """What happens at a moment: a job enters a state, or, without a job, a callback is due."""

    at: int
    tenant: str
    provider: str | None = None
    job_id: str | None = None
    state: str | None = None


class Jump(NamedTuple):
    """The clock after a jump, by how many milliseconds it moved, and to what; None where nothing is due."""

    reading: ClockReading
    moved: int
    event: Event | None


class ClockControl:
    """Moves the clocks. The tenant "" is everybody without a clock of its own."""

    def __init__(
        self, services: Services, job_control: JobControl, job_list: JobList, callbacks: CallbackSender
    ) -> None:
        self._services = services
        self._job_control = job_control
        self._job_list = job_list
        self._callbacks = callbacks
        self._lock = asyncio.Lock()

    async def read(self, tenant: str = EVERYBODY) -> ClockReading:
        """The tenant's clock: its own, or everybody's."""
        await self._services.live_settings.refresh()
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
        """Give the tenant everybody's clock again, or everybody the wall clock. Raises Conflict."""
        async with self._lock:
            before = await self.read(tenant)
            live_settings = self._services.live_settings
            after = live_settings.now(EVERYBODY) if tenant else self._services.wall_clock()
            await self._check_direction(before, after)
            await self._services.store.put_document(tenant, "clock", "-", None)
            await live_settings.load()
            self._services.changes.notify()
            return await self.read(tenant)

    async def jump(self, tenant: str = EVERYBODY) -> Jump:
        """Move the clock to the next event of the tenant, or of all tenants that have everybody's clock."""
        async with self._lock:
            before = await self.read(tenant)
            return await self._jump_to(before, await self._next(before))

    async def jump_job(self, provider: str, job_id: str) -> Jump:
        """Move the clock of the job's tenant to the job's next event. Raises NotFoundError."""
        async with self._lock:
            snapshot = await self._job_control.find(provider, job_id)
            before = await self.read(snapshot.job.tenant)
            return await self._jump_to(before, event_of(snapshot.job, before.now))

    async def _next(self, before: ClockReading) -> Event | None:
        followers = set(await self._followers(before.tenant))
        change = await self._next_change(followers, before)
        callback: Event | None = None
        for tenant in followers:
            due = await self._callbacks.next_event(tenant)
            if due is not None and before.now < due <= LATEST and (callback is None or due < callback.at):
                callback = Event(due, tenant)
        # At the same moment, a job's change comes before a callback.
        if change is None or (callback is not None and callback.at < change.at):
            return callback
        job = await self._services.store.tally.find_started(change.group, change.start)
        return None if job is None else event_of(job, change.at - 1)

    async def _next_change(self, tenants: Collection[str], before: ClockReading) -> PlannedChange | None:
        """The first planned change of any job of the tenants."""
        first: PlannedChange | None = None
        groups = await self._job_list.groups(before.tenant)
        async for group in patiently(group for group in groups if group.tenant in tenants):
            change = await next_change(self._services.store.tally, group, before.now)
            if change is not None and change.at <= LATEST and (first is None or change.at < first.at):
                first = change
        return first

    async def _jump_to(self, before: ClockReading, event: Event | None) -> Jump:
        if event is None:
            return Jump(before, 0, None)
        moved = max(0, event.at - before.now)
        after = await self._move(before, _changed(before, None, None, before.now + moved))
        return Jump(after, moved, event)

    async def _move(self, before: ClockReading, setting: ClockSetting) -> ClockReading:
        after = before.wall if setting == REAL else setting.virtual_at
        await self._check_direction(before, after)
        await self._services.live_settings.set_clock(before.tenant, setting)
        self._services.changes.notify()
        return await self.read(before.tenant)

    async def _check_direction(self, before: ClockReading, after: int) -> None:
        """Raise Conflict where a clock would go back that jobs have lived by, as a job cannot go back."""
        if after >= before.now:
            return
        followers = set(await self._followers(before.tenant))
        if any(group.tenant in followers for group in await self._job_list.groups(before.tenant)):
            back = (before.now - after) / 1000
            raise Conflict(f"the clock would go back {back:g} s under jobs that lived it; reset first")

    async def _followers(self, tenant: str) -> list[str]:
        """The tenants that have this clock."""
        if tenant:
            return [tenant]
        owners = await self._owners()
        return [name for name in await self._services.store.tenants() if name not in owners]

    async def _owners(self) -> frozenset[str]:
        return frozenset(clock.tenant for clock in await self._services.store.documents("clock"))

    def _reading(self, tenant: str, owners: frozenset[str]) -> ClockReading:
        setting, wall = self._services.live_settings.clock_setting(tenant), self._services.wall_clock()
        return ClockReading(tenant, setting, moment(setting, wall), wall, own=tenant in owners)


def _changed(before: ClockReading, mode: str | None, rate: float | None, now: int | None) -> ClockSetting:
    if mode == "real":
        if rate is not None or now is not None:
            raise SettingsError("the real clock is the wall's; scaled with rate 1 may stand elsewhere")
        return REAL
    stands = before.now if now is None else now
    # A clock that is given a rate and no mode is scaled, and so is a real one that is moved.
    if mode == "frozen" or (mode is None and rate is None and before.setting.mode == "frozen"):
        if rate is not None:
            raise SettingsError("a frozen clock has no rate")
        return ClockSetting("frozen", 0.0, before.wall, stands)
    if rate is None:
        rate = before.setting.rate or 1.0
    if not 0 < rate <= FASTEST:
        raise SettingsError(
            f"rate {rate:g} must be above 0 and at most {FASTEST:g}; mode frozen stops a clock"
        )
    return ClockSetting("scaled", rate, before.wall, stands)


def event_of(job: Job, now: int) -> Event | None:
    """The job's next planned change after `now`, None where nothing happens to it by itself."""
    at = next_event(job, latest(job, now))
    if at is None or at > LATEST:
        return None
    return Event(at, job.tenant, job.provider, job.id, state_at(job, at).word)
