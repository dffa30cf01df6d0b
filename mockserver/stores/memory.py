"""Jobs in this process's memory: gone when it ends, and not shared with another."""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Fact, Job
from mockserver.stores.base import Store

_Key = tuple[str, str]
_Place = tuple[int, int, _Key]


class MemoryStore(Store):
    """A store in dictionaries. No method waits inside, so in one event loop each is atomic."""

    def __init__(self) -> None:
        self._jobs: dict[_Key, Job] = {}
        self._places: defaultdict[tuple[str, str], list[_Place]] = defaultdict(list)
        self._named: defaultdict[tuple[str, str, str], list[_Place]] = defaultdict(list)
        self._numbers: Counter[str] = Counter()

    async def add(self, job: Job) -> None:
        key = (job.provider, job.id)
        if key in self._jobs:
            raise DuplicateJob(f"{job.provider} already has a job {job.id}")
        place = (job.created_at, len(self._jobs), key)
        self._jobs[key] = job
        insort(self._places[job.tenant, job.provider], place)
        if job.alias is not None:
            insort(self._named[job.tenant, job.provider, job.alias], place)

    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        job = self._jobs.get((provider, job_id))
        return job if job is not None and job.tenant == tenant else None

    async def find(self, tenant: str, provider: str, alias: str) -> Job | None:
        places = self._named.get((tenant, provider, alias))
        return self._jobs[places[-1][2]] if places else None

    async def unlock(self, provider: str, job_id: str) -> Job | None:
        return self._jobs.get((provider, job_id))

    async def list(
        self, tenant: str, provider: str, *, model: str | None = None, offset: int = 0, limit: int = 100
    ) -> list[Job]:
        return [*islice(self._newest(tenant, provider, model), offset, offset + limit)]

    async def count(self, tenant: str, provider: str, *, model: str | None = None) -> int:
        if model is None:
            return len(self._places.get((tenant, provider), ()))
        return sum(1 for _ in self._newest(tenant, provider, model))

    async def note(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        job = await self.get(tenant, provider, job_id)
        if job is None or _has(job, fact, most):
            return job
        noted = replace(job, facts=(*job.facts, fact))
        self._jobs[provider, job_id] = noted
        return noted

    async def number(self, tenant: str) -> int:
        self._numbers[tenant] += 1
        return self._numbers[tenant]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _newest(self, tenant: str, provider: str, model: str | None) -> Iterator[Job]:
        places = reversed(self._places.get((tenant, provider), ()))
        jobs = (self._jobs[key] for _, _, key in places)
        return (job for job in jobs if model is None or job.model == model)


def _has(job: Job, fact: Fact, most: int | None) -> bool:
    return most is not None and sum(noted.kind == fact.kind for noted in job.facts) >= most
