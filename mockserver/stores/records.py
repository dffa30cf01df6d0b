"""The decoded jobs that a store on disk need not read again."""

from __future__ import annotations

from collections import OrderedDict

from mockserver.jobs.job import Job


class Records:
    """Jobs without their facts by serial, the last used ones, up to `limit` bytes of JSON.

    They never change and no serial is given twice, so nothing here grows stale.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[int, tuple[Job, int]] = OrderedDict()
        self._serials: dict[tuple[str, str], int] = {}

    def get(self, serial: int) -> Job | None:
        """The job of that serial, if it is still here."""
        entry = self._kept.get(serial)
        if entry is None:
            return None
        self._kept.move_to_end(serial)
        return entry[0]

    def find(self, provider: str, job_id: str) -> tuple[int, Job] | None:
        """The job that had this id when it was last here, if it is still here, and its serial.

        Whether it is still in the store is for the caller to ask.
        """
        serial = self._serials.get((provider, job_id))
        job = None if serial is None else self.get(serial)
        return None if serial is None or job is None else (serial, job)

    def put(self, serial: int, job: Job, size: int) -> None:
        """Remember a job whose JSON has `size` bytes, and let the longest unused ones go."""
        cost = size + 2048
        if cost > self._limit:
            return
        self._kept[serial] = (job, cost)
        self._serials[job.provider, job.id] = serial
        self._size += cost
        while self._size > self._limit:
            serial, (job, dropped) = self._kept.popitem(last=False)
            self._size -= dropped
            if self._serials.get((job.provider, job.id)) == serial:
                del self._serials[job.provider, job.id]
