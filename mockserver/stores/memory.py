"""A store in memory: it ends with its process and is not shared."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from itertools import count, islice
from typing import Any, TypeVar

import orjson

from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Fact, Job
from mockserver.stores.base import Store, StoredDocument
from mockserver.stores.snapshot import Snapshot, read_snapshot, write_document, write_snapshot

_Key = tuple[str, str]
_Place = tuple[int, int, _Key]
_Name = TypeVar("_Name", bound=tuple[str, ...])


class MemoryStore(Store):
    """A store in dictionaries. No method waits inside, so in one event loop each is atomic."""

    def __init__(self) -> None:
        # Each list of places is sorted by creation, then by serial: inserting is a binary search, and a page
        # of the newest jobs is read from the end without sorting. A place has only the key of its job, so
        # that appending a fact replaces the job in one dictionary.
        self._jobs: dict[_Key, Job] = {}
        self._places: defaultdict[tuple[str, str], list[_Place]] = defaultdict(list)
        self._named: defaultdict[tuple[str, str, str], list[_Place]] = defaultdict(list)
        self._serials = count()
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._documents: dict[tuple[str, str, str], bytes] = {}

    async def add(self, job: Job) -> None:
        key = (job.provider, job.id)
        if key in self._jobs:
            raise DuplicateJob(f"{job.provider} already has a job {job.id}")
        place = (job.created_at, next(self._serials), key)
        self._jobs[key] = job
        insort(self._places[job.tenant, job.provider], place)
        if job.alias is not None:
            insort(self._named[job.tenant, job.provider, job.alias], place)

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        job = self._jobs.get((provider, job_id))
        if job is None or job.tenant != tenant:
            return None
        return job

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
    ) -> list[Job]:
        places = self._places.get((tenant, provider), ())
        jobs = self._newest(places, model, operations)
        end = None if limit is None else offset + limit
        return [*islice(jobs, offset, end)]

    async def count(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
    ) -> int:
        places = self._places.get((tenant, provider), ())
        if model is None and operations is None:
            return len(places)
        return sum(1 for _ in self._newest(places, model, operations))

    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        job = await self.get(tenant, provider, job_id)
        if job is None or _has_enough(job, fact, most):
            return job
        changed_job = job._replace(facts=(*job.facts, fact))
        self._jobs[provider, job_id] = changed_job
        return changed_job

    async def delete(self, tenant: str, provider: str, job_id: str) -> bool:
        job = await self.get(tenant, provider, job_id)
        if job is None:
            return False
        del self._jobs[provider, job_id]
        _remove(self._places[tenant, provider], job)
        if job.alias is not None:
            _remove(self._named[tenant, provider, job.alias], job)
        return True

    async def increment(self, tenant: str, name: str = "job") -> int:
        self._numbers[tenant, name] += 1
        return self._numbers[tenant, name]

    async def put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        if document is None:
            self._documents.pop((tenant, kind, name), None)
        else:
            self._documents[tenant, kind, name] = write_document(tenant, kind, name, document)

    async def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        # Decoded anew each time, so that no caller holds what another changes.
        texts = self._documents.items()
        return [StoredDocument(*key, orjson.loads(text)) for key, text in texts if kind in (None, key[1])]

    def changed(self) -> bool:
        return False

    async def tenants(self) -> Sequence[str]:
        places = {tenant for (tenant, _), placed in self._places.items() if placed}
        owners = {tenant for tenant, _, _ in self._documents}
        return sorted({*places, *owners, *(tenant for tenant, _ in self._numbers)} - {""})

    async def clear(self, tenant: str | None) -> int:
        before = len(self._jobs)
        for (owner, _), places in self._places.items():
            if tenant in (None, owner):
                for _, _, key in places:
                    del self._jobs[key]
        _drop_tenant(self._places, tenant)
        _drop_tenant(self._named, tenant)
        _drop_tenant(self._numbers, tenant)
        _drop_tenant(self._documents, tenant)
        return before - len(self._jobs)

    async def dump(self, tenant: str) -> dict[str, Any]:
        places: list[_Place] = []
        for (owner, _), placed in self._places.items():
            if owner == tenant:
                places += placed
        jobs = [self._jobs[key] for _, _, key in sorted(places)]
        documents = [stored for stored in await self.documents() if stored.tenant == tenant]
        numbers = {name: last for (owner, name), last in self._numbers.items() if owner == tenant}
        return write_snapshot(tenant, jobs, documents, numbers)

    async def restore(self, tenant: str, snapshot: dict[str, Any]) -> None:
        content = read_snapshot(tenant, snapshot)
        self._refuse_duplicates(content)
        await self.clear(tenant)
        for job in content.jobs:
            await self.add(job)
        for stored in content.documents:
            await self.put_document(stored.tenant, stored.kind, stored.name, stored.document)
        for name, last in content.numbers.items():
            self._numbers[tenant, name] = last

    async def close(self) -> None:
        """There is nothing to close."""

    def _refuse_duplicates(self, content: Snapshot) -> None:
        keys: set[_Key] = set()
        for job in content.jobs:
            key = (job.provider, job.id)
            twin = self._jobs.get(key)
            if key in keys or (twin is not None and twin.tenant != content.tenant):
                raise DuplicateJob(f"{job.provider} already has a job {job.id}")
            keys.add(key)

    def _newest(
        self, places: Sequence[_Place], model: str | None, operations: Sequence[str] | None
    ) -> Iterator[Job]:
        jobs = (self._jobs[key] for _, _, key in reversed(places))
        return (
            job
            for job in jobs
            if model in (None, job.model) and (operations is None or job.operation in operations)
        )


def _has_enough(job: Job, fact: Fact, most: int | None) -> bool:
    return most is not None and sum(earlier.kind == fact.kind for earlier in job.facts) >= most


def _remove(places: list[_Place], job: Job) -> None:
    index = bisect_left(places, (job.created_at,))
    while places[index][2] != (job.provider, job.id):
        index += 1
    del places[index]


def _drop_tenant(entries: MutableMapping[_Name, Any], tenant: str | None) -> None:
    """Remove the entries whose key begins with the tenant, or all."""
    for key in [key for key in entries if tenant in (None, key[0])]:
        del entries[key]
