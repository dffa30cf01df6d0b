"""A store in memory: it ends with its process and is not shared."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, count, islice
from typing import Any

import orjson

from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Fact, Job
from mockserver.stores.base import Place, PlacedJob, SnapshotPart, Store, StoredDocument, StoredNumber
from mockserver.stores.memory_numbers import MemoryNumbers
from mockserver.stores.memory_places import drop_tenant, places_before, remove_place
from mockserver.stores.memory_tally import JobKey, JobPlace, MemoryTally
from mockserver.stores.rows import write_document

_AT_ONCE = 200


class MemoryStore(Store):
    """A store in dictionaries. No method waits inside, so in one event loop each is atomic."""

    def __init__(self) -> None:
        super().__init__()
        # Each list of places is sorted by creation, then by serial: inserting is a binary search, and a page
        # of the newest jobs is read from the end without sorting. A place has only the key of its job, so
        # that appending a fact replaces the job in one dictionary.
        self._jobs: dict[JobKey, Job] = {}
        self._providers: set[str] = set()
        self._place_of: dict[JobKey, JobPlace] = {}
        self._places: defaultdict[tuple[str, str], list[JobPlace]] = defaultdict(list)
        self._named: defaultdict[tuple[str, str, str], list[JobPlace]] = defaultdict(list)
        self._unmeasured: defaultdict[str, dict[JobKey, None]] = defaultdict(dict)
        self.tally = self._tally = MemoryTally(self._jobs.get)
        self._serials = count()
        self._numbers = MemoryNumbers(self._has_jobs)
        self._documents: dict[tuple[str, str, str], bytes] = {}

    def add_soon(self, job: Job, request: bytes, done: Callable[[bool], None]) -> bool:
        try:
            self._add(job)
        except DuplicateJob:
            done(False)
        else:
            done(True)
        return True

    async def add(self, job: Job) -> None:
        self._add(job)

    def _add(self, job: Job) -> None:
        key = (job.provider, job.id)
        if key in self._jobs:
            raise DuplicateJob(f"{job.provider} already has a job {job.id}")
        place, self.additions = (job.created_at, next(self._serials), key), self.additions + 1
        self._jobs[key] = job
        self._providers.add(job.provider)
        self._place_of[key] = place
        insort(self._places[job.tenant, job.provider], place)
        if job.alias is not None:
            insort(self._named[job.tenant, job.provider, job.alias], place)
        if job.seconds is None:
            self._unmeasured[job.provider][key] = None
        self._tally.add(job, place)

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        job = self._jobs.get((provider, job_id))
        return None if job is None or job.tenant != tenant else job

    async def find(
        self, tenant: str, provider: str, alias: str, *, operations: Sequence[str] | None = None
    ) -> Job | None:
        places = self._named.get((tenant, provider, alias), ())
        return next(self._newest(places, None, operations), None)

    async def get_for_any_tenant(self, provider: str, job_id: str) -> Job | None:
        return self._jobs.get((provider, job_id))

    async def list(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = 100,
        requests: bool = True,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> list[Job]:
        places: Sequence[JobPlace] = self._places.get((tenant, provider), ())
        if after is not None:
            places = self._behind(places, (provider, after), oldest_first=oldest_first)
        jobs = self._newest(places, model, operations, oldest_first=oldest_first)
        end = None if limit is None else offset + limit
        page = islice(jobs, offset, end)
        return [*page] if requests else [job._replace(request={}) for job in page]

    async def count(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
    ) -> int:
        return self._tally.number(tenant, provider, model, operations)

    async def page(
        self,
        tenant: str | None,
        providers: Sequence[str],
        *,
        model: str | None = None,
        before: Place | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Sequence[PlacedJob]:
        lists = [
            places_before(places, before)
            for (owner, provider), places in self._places.items()
            if tenant in (None, owner) and provider in providers
        ]
        newest = (
            place for place in merge(*lists, reverse=True) if model in (None, self._jobs[place[2]].model)
        )
        return [
            PlacedJob(Place(created_at, serial), self._jobs[key]._replace(request={}))
            for created_at, serial, key in islice(newest, skip, skip + limit)
        ]

    async def unmeasured(self, provider: str) -> Sequence[Job]:
        return [self._jobs[key] for key in islice(self._unmeasured.get(provider, ()), _AT_ONCE)]

    async def set_seconds(self, lengths: Mapping[tuple[str, str], float]) -> None:
        for key, seconds in lengths.items():
            if self._unmeasured[key[0]].pop(key, True) is None:
                self.revisions += 1
                self._tally.measure(self._jobs[key], seconds)
                self._jobs[key] = self._jobs[key]._replace(seconds=seconds)

    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        job = await self.get(tenant, provider, job_id)
        if job is None or _has_enough(job, fact, most):
            return job
        self.revisions += 1
        changed_job = self._jobs[provider, job_id] = job._replace(facts=(*job.facts, fact))
        self._tally.change(self._place_of[provider, job_id])
        return changed_job

    async def delete(self, tenant: str, provider: str, *job_ids: str) -> int:
        jobs = [
            job
            for job_id in dict.fromkeys(job_ids)
            if (job := await self.get(tenant, provider, job_id)) is not None
        ]
        for job in jobs:
            place = self._forget((provider, job.id))
            self._tally.remove(job, place)
            remove_place(self._places, (tenant, provider), place)
            if job.alias is not None:
                remove_place(self._named, (tenant, provider, job.alias), place)
        return len(jobs)

    async def increment(self, tenant: str, name: str = "job") -> int:
        return self._numbers.increment(tenant, name)

    async def drop_numbers(self, tenant: str, prefix: str, but: str) -> None:
        self._numbers.drop(tenant, prefix, but)

    async def put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        self.unreadable.forget(kind, tenant, name)
        if document is None:
            self._documents.pop((tenant, kind, name), None)
        else:
            self._documents[tenant, kind, name] = write_document(tenant, kind, name, document)

    async def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        # Decoded anew each time, so that no caller holds what another changes.
        keys = [key for key in self._documents if kind in (None, key[1])]
        return [StoredDocument(*key, orjson.loads(self._documents[key])) for key in keys]

    async def document(self, kind: str, name: str, tenant: str | None = None) -> StoredDocument | None:
        keys = (key for key in self._documents if key[1:] == (kind, name) and tenant in (None, key[0]))
        key = next(keys, None)
        return None if key is None else StoredDocument(*key, orjson.loads(self._documents[key]))

    async def kinds(self) -> Sequence[str]:
        return [*dict.fromkeys(kind for _, kind, _ in self._documents)]

    def changed(self) -> bool:
        return False

    async def tenants(self) -> Sequence[str]:
        places = {tenant for (tenant, _), placed in self._places.items() if placed}
        owners = {tenant for tenant, _, _ in self._documents}
        return sorted({*places, *owners, *self._numbers.tenants()} - {""})

    async def clear(self, tenant: str | None) -> int:
        self.unreadable.forget_tenant(tenant)
        before = len(self._jobs)
        for (owner, _), places in self._places.items():
            if tenant in (None, owner):
                for _, _, key in places:
                    self._forget(key)
        self._tally.clear(tenant)
        drop_tenant(self._places, tenant)
        drop_tenant(self._named, tenant)
        self._numbers.clear(tenant)
        drop_tenant(self._documents, tenant)
        return before - len(self._jobs)

    async def parts(self, tenant: str) -> AsyncGenerator[SnapshotPart, None]:
        # What is here at this moment; no part of it ever changes.
        placed = [places for (owner, _), places in self._places.items() if owner == tenant]
        jobs = [self._jobs[key] for _, _, key in sorted(chain.from_iterable(placed))]
        texts = [(key, text) for key, text in self._documents.items() if key[0] == tenant]
        documents = (StoredDocument(*key, orjson.loads(text)) for key, text in texts)
        numbers = [StoredNumber(*number) for number in self._numbers.of(tenant).items()]
        for part in chain[SnapshotPart](jobs, documents, numbers):
            yield part

    async def replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        content = await asyncio.to_thread(list, parts)
        self._refuse_duplicates(tenant, [part for part in content if isinstance(part, Job)])
        await self.clear(tenant)
        for part in content:
            if isinstance(part, Job):
                await self.add(part)
            elif isinstance(part, StoredDocument):
                await self.put_document(tenant, part.kind, part.name, part.document)
            else:
                self._numbers.put(tenant, part.name, part.last)

    def end_waits(self) -> None:
        """Nobody waits here."""

    async def close(self) -> None:
        """There is nothing to close."""

    def _refuse_duplicates(self, tenant: str, jobs: Iterable[Job]) -> None:
        keys: set[JobKey] = set()
        for job in jobs:
            key = (job.provider, job.id)
            twin = self._jobs.get(key)
            if key in keys or (twin is not None and twin.tenant != tenant):
                raise DuplicateJob(f"{job.provider} already has a job {job.id}")
            keys.add(key)

    def _has_jobs(self, tenant: str) -> bool:
        return any(self._places.get((tenant, provider)) for provider in self._providers)

    def _forget(self, key: JobKey) -> JobPlace:
        self.revisions += 1
        del self._jobs[key]
        self._unmeasured[key[0]].pop(key, None)
        return self._place_of.pop(key)

    def _behind(
        self, places: Sequence[JobPlace], key: tuple[str, str], *, oldest_first: bool
    ) -> Sequence[JobPlace]:
        """The places behind that of a job, which may be a job of somebody else."""
        index = bisect_left(places, place) if (place := self._place_of.get(key)) else len(places)
        if index == len(places) or places[index] != place:
            return ()
        return places[index + 1 :] if oldest_first else places[:index]

    def _newest(
        self,
        places: Sequence[JobPlace],
        model: str | None,
        operations: Sequence[str] | None,
        *,
        oldest_first: bool = False,
    ) -> Iterator[Job]:
        jobs = (self._jobs[key] for _, _, key in (places if oldest_first else reversed(places)))
        return (
            job
            for job in jobs
            if model in (None, job.model) and (operations is None or job.operation in operations)
        )


def _has_enough(job: Job, fact: Fact, most: int | None) -> bool:
    return most is not None and sum(earlier.kind == fact.kind for earlier in job.facts) >= most
