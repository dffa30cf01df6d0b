"""A cache of decoded jobs, which a store on disk need not read again."""

from __future__ import annotations

from collections import OrderedDict

from mockserver.jobs.job import Job


class DecodedJobs:
    """The jobs that were used last, by serial and without their facts, up to `limit` bytes of JSON.

    Without its facts, and a length that is noted later, a job never changes. No serial is given twice, so no
    entry grows stale.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._jobs: OrderedDict[int, tuple[Job, int]] = OrderedDict()
        self._serials: dict[tuple[str, str], int] = {}

    def get(self, serial: int) -> Job | None:
        """The job of that serial, if it is in the cache."""
        entry = self._jobs.get(serial)
        if entry is None:
            return None
        self._jobs.move_to_end(serial)
        return entry[0]

    def find(self, provider: str, job_id: str) -> tuple[int, Job] | None:
        """The serial and the job of this id, if it is in the cache.

        The caller has to check that the store still has it.
        """
        serial = self._serials.get((provider, job_id))
        if serial is None:
            return None
        job = self.get(serial)
        if job is None:
            return None
        return serial, job

    def put(self, serial: int, job: Job, size: int) -> None:
        """Add a job whose JSON has `size` bytes, and drop those that were not used for longest."""
        cost = size + 2048
        if cost > self._limit:
            return
        self._jobs[serial] = (job, cost)
        self._serials[job.provider, job.id] = serial
        self._size += cost
        while self._size > self._limit:
            serial, (job, dropped) = self._jobs.popitem(last=False)
            self._size -= dropped
            if self._serials.get((job.provider, job.id)) == serial:
                del self._serials[job.provider, job.id]
