"""The tally of the store in memory: for each group its number, and its starts in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from mockserver.jobs.course import Course, course_of, planned_course
from mockserver.jobs.job import Job
from mockserver.stores.base import Group, Tally

JobKey = tuple[str, str]
"""A job's provider and id."""
JobPlace = tuple[int, int, JobKey]
"""A moment, a job's serial, and its key."""
_GroupKey = tuple[str, str, str, str, Course]
_MOST_CHANGED = 256
"""Changed jobs that wait to be counted anew, so that no question finds many and a job's polls count once."""


@dataclass(slots=True)
class _Counts:
    """A group's jobs. `starts` is empty where the course has one milestone: it does not matter then."""

    number: int = 0
    seconds: float = 0.0
    starts: list[JobPlace] = field(default_factory=list)


class MemoryTally(Tally):
    """Counts the jobs that `find` gives. A job is counted by its plan until a fact is noted of it."""

    def __init__(self, find: Callable[[JobKey], Job | None]) -> None:
        self._find = find
        self._groups: defaultdict[str, dict[_GroupKey, _Counts]] = defaultdict(dict)
        self._by_facts: dict[JobKey, tuple[_GroupKey, JobPlace]] = {}
        self._changed: dict[JobKey, JobPlace] = {}

    def add(self, job: Job, place: JobPlace) -> None:
        """Count a new job, which has that place in the order of creation."""
        if job.facts:
            course, start = course_of(job)
            group, place = _group_key(job, course), (start, *place[1:])
            self._by_facts[place[2]] = group, place
        else:
            group = _group_key(job, planned_course(job.plan))
        self._count(group, place, job.seconds or 0.0)

    def change(self, place: JobPlace) -> None:
        """Note that a job has a new fact."""
        self._changed[place[2]] = place
        if len(self._changed) >= _MOST_CHANGED:
            self._catch_up()

    def remove(self, job: Job, place: JobPlace) -> None:
        """Count a job no more."""
        self._changed.pop(place[2], None)
        self._uncount(job, place)

    def clear(self, tenant: str | None) -> None:
        """Count no job of the tenant, or none at all, any more."""
        for owner in [owner for owner in self._groups if tenant in (None, owner)]:
            del self._groups[owner]
        for key in [key for key, (group, _) in self._by_facts.items() if tenant in (None, group[0])]:
            del self._by_facts[key]
        self._changed = {key: place for key, place in self._changed.items() if self._find(key)}

    def number(
        self, tenant: str, provider: str, model: str | None = None, operations: Sequence[str] | None = None
    ) -> int:
        """How many jobs there are of the tenant and provider, and of the model and operations if given."""
        return sum(
            counts.number
            for (_, owner, operation, name, _), counts in self._groups.get(tenant, {}).items()
            if owner == provider and model in (None, name) and (operations is None or operation in operations)
        )

    def measure(self, job: Job, seconds: float) -> None:
        """Add the length of the clip of a job whose length was missing."""
        counted = self._by_facts.get((job.provider, job.id))
        group = counted[0] if counted else _group_key(job, planned_course(job.plan))
        self._groups[job.tenant][group].seconds += seconds

    async def groups(self, tenant: str | None = None, provider: str | None = None) -> Sequence[Group]:
        self._catch_up()
        owners = [*self._groups] if tenant is None else [tenant]
        counted = chain.from_iterable(self._groups.get(owner, {}).items() for owner in owners)
        return [
            Group(key, *key, counts.number, counts.seconds)
            for key, counts in counted
            if provider in (None, key[1])
        ]

    async def count_started(self, group: Group, until: int) -> int:
        return bisect_left(self._starts(group), (until + 1,))

    async def first_started(self, group: Group, after: int) -> int | None:
        starts = self._starts(group)
        index = bisect_left(starts, (after + 1,))
        return starts[index][0] if index < len(starts) else None

    async def find_started(self, group: Group, start: int) -> Job | None:
        starts = self._starts(group)
        index = bisect_left(starts, (start + 1,)) - 1
        if index < 0 or starts[index][0] != start:
            return None
        job = self._find(starts[index][2])
        return job and job._replace(request={})

    def _starts(self, group: Group) -> list[JobPlace]:
        counts = self._groups.get(group.tenant, {}).get(group.id)
        return counts.starts if counts else []

    def _catch_up(self) -> None:
        for key, place in self._changed.items():
            job = self._find(key)
            if job is not None:
                self._uncount(job, place)
                self.add(job, place)
        self._changed.clear()

    def _count(self, group: _GroupKey, place: JobPlace, seconds: float) -> None:
        counts = self._groups[group[0]].setdefault(group, _Counts())
        counts.number += 1
        counts.seconds += seconds
        if len(group[-1]) > 1:
            insort(counts.starts, place)

    def _uncount(self, job: Job, place: JobPlace) -> None:
        planned = _group_key(job, planned_course(job.plan))
        group, place = self._by_facts.pop(place[2], (planned, place))
        counts = self._groups[group[0]][group]
        counts.number -= 1
        counts.seconds -= job.seconds or 0.0
        if len(group[-1]) > 1:
            del counts.starts[bisect_right(counts.starts, place) - 1]
        if not counts.number:
            del self._groups[group[0]][group]
            if not self._groups[group[0]]:
                del self._groups[group[0]]


def _group_key(job: Job, course: Course) -> _GroupKey:
    return job.tenant, job.provider, job.operation, job.model, course
