"""Lists the jobs of all tenants: a page costs what its jobs cost, however many others there are."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from mockserver.engine.admin.jobs import JobSnapshot, take_snapshot
from mockserver.engine.counting import count_states, patiently
from mockserver.engine.services import Services
from mockserver.stores.base import Group, Place
from mockserver.terms import Phase

_BATCH: Final = 500
"""Jobs whose states are computed at once, some milliseconds' work."""
_SKIP: Final = 10_000
"""Jobs that are skipped at once, some milliseconds' work."""


class JobFilter(NamedTuple):
    """Which jobs to list: of a tenant ("" is everybody), provider, model, and state or phase; None is any."""

    tenant: str = ""
    provider: str | None = None
    model: str | None = None
    state: str | None = None
    phase: Phase | None = None

    def matches(self, state: str, phase: str) -> bool:
        """Whether a job in that state is wanted."""
        return self.state in (None, state) and self.phase in (None, phase)


class JobList:
    """Lists and counts jobs."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def groups(self, tenant: str = "", provider: str | None = None) -> Sequence[Group]:
        """The groups of jobs of the providers that this server has."""
        groups = await self._services.store.tally.groups(tenant or None, provider)
        return [group for group in groups if group.provider in self._services.contracts]

    async def count(self, wanted: JobFilter) -> int:
        """How many jobs match."""
        number = 0
        groups = await self.groups(wanted.tenant, wanted.provider)
        async for group in patiently(group for group in groups if wanted.model in (None, group.model)):
            if wanted.state is wanted.phase is None:
                number += group.number
                continue
            now = self._services.live_settings.now(group.tenant)
            counts = await count_states(self._services.store.tally, group, now)
            number += sum(count for word, count in counts.items() if wanted.matches(*word))
        return number

    async def page(self, wanted: JobFilter, offset: int, limit: int) -> tuple[int, list[JobSnapshot]]:
        """How many jobs match, and some of them, newest first, without their requests."""
        await self._services.live_settings.refresh()
        count = await self.count(wanted)
        if offset >= count:
            return count, []
        if wanted.state is wanted.phase is None:
            return count, await self._plain_page(wanted, offset, limit)
        page: list[JobSnapshot] = []
        end = min(count, offset + limit)
        number = 0
        async for snapshot in self._matching(wanted):
            if number >= offset:
                page.append(snapshot)
            number += 1
            if number >= end:
                break
        return count, page

    async def _plain_page(self, wanted: JobFilter, offset: int, limit: int) -> list[JobSnapshot]:
        before: Place | None = None
        while offset >= _SKIP:
            _, before = await self._some(wanted, before, _SKIP - 1, 1)
            offset -= _SKIP
            await sleep(0)
        page, _ = await self._some(wanted, before, offset, limit)
        return page

    async def _matching(self, wanted: JobFilter) -> AsyncIterator[JobSnapshot]:
        """The jobs in the wanted states, newest first. Every job on the way is looked at."""
        before: Place | None = None
        while True:
            some, before = await self._some(wanted, before, 0, _BATCH)
            if not some:
                return
            for snapshot in some:
                if wanted.matches(snapshot.state.word, snapshot.state.phase):
                    yield snapshot
            await sleep(0)

    async def _some(
        self, wanted: JobFilter, before: Place | None, skip: int, limit: int
    ) -> tuple[list[JobSnapshot], Place | None]:
        """Jobs in any state from a place on, and the place of the last of them."""
        services = self._services
        providers = [name for name in services.contracts if wanted.provider in (None, name)]
        tenant = wanted.tenant or None
        placed = await services.store.page(
            tenant, providers, model=wanted.model, before=before, skip=skip, limit=limit
        )
        snapshots = [take_snapshot(services.live_settings, job) for _, job in placed]
        return snapshots, placed[-1].place if placed else None
