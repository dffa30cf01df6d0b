"""What the store in SQLite reads of jobs without reading their requests."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import orjson

from mockserver.errors import UnreadableJob
from mockserver.jobs.codec import load_facts, load_plan
from mockserver.jobs.job import Job
from mockserver.jobs.reading import moment
from mockserver.stores import tally_statements as sql
from mockserver.stores.base import Place, PlacedJob
from mockserver.stores.patience import patient
from mockserver.stores.sqlite_connection import SqliteConnection
from mockserver.stores.sqlite_tally import SqliteTally
from mockserver.stores.unreadable import JOB

_MOST_PARTS: Final = 50
"""Parts of a statement that merges lists; SQLite takes 500, and its time grows with them."""
_AT_ONCE: Final = 8 << 20
"""Bytes of requests that are read at once: those of one job with a picture."""
_MOST_AT_ONCE: Final = 200
"""Jobs whose requests are read at once, some milliseconds' work."""
_LATEST: Final = Place(2**63 - 1, 2**63 - 1)


class SqlitePages(SqliteConnection):
    """The part of a store in SQLite that gives pages of jobs."""

    tally: SqliteTally

    @abstractmethod
    def _job(self, serial: int, facts: str, seconds: float | None) -> Job:
        """The job of that serial with its request, and with what was noted of it since."""

    @patient
    def page(
        self,
        tenant: str | None,
        providers: Sequence[str],
        *,
        model: str | None = None,
        before: Place | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Sequence[PlacedJob]:
        tenants = self._tenants_with_jobs() if tenant is None else [tenant]
        owners = ((owner, provider) for owner in tenants for provider in providers)
        places: list[tuple[int, int]] = []
        while some := [*islice(owners, _MOST_PARTS)]:
            places += self._newest(some, model, before or _LATEST, skip + limit)
        places.sort(reverse=True)
        return self._without_requests([serial for _, serial in places[skip : skip + limit]])

    @patient
    def unmeasured(self, provider: str) -> Sequence[Job]:
        jobs: list[Job] = []
        left = _AT_ONCE
        for serial, facts, size in self._run(sql.UNMEASURED, (provider, _MOST_AT_ONCE)):
            left -= size or 0
            if jobs and left < 0:
                break
            try:
                jobs.append(self._job(serial, facts, None))
            except UnreadableJob:
                # Nobody will ever measure it: it must not be given again and again.
                self._run(sql.SET_NO_SECONDS, (serial,))
        return jobs

    @patient
    def set_seconds(self, lengths: Mapping[tuple[str, str], float]) -> None:
        self.revisions += 1
        with self._transaction():
            for key, seconds in lengths.items():
                for row in self._run(sql.SET_SECONDS, (seconds, *key)):
                    self.tally.add_seconds(row)

    def _tenants_with_jobs(self) -> list[str]:
        return [tenant for (tenant,) in self._run(sql.TENANTS_WITH_JOBS, ())]

    def _newest(
        self, owners: Sequence[tuple[str, str]], model: str | None, before: Place, limit: int
    ) -> Sequence[tuple[int, int]]:
        """The creation and serial of the newest jobs of some tenants and providers."""
        statement = " UNION ALL ".join([sql.NEWEST] * len(owners)) + sql.ORDERED
        values = [value for owner in owners for value in (*owner, *before, model)]
        return self._run(statement, (*values, limit))

    def _job_without_request(self, serial: int) -> Job | None:
        return next((placed.job for placed in self._without_requests([serial])), None)

    def _without_requests(self, serials: Sequence[int]) -> list[PlacedJob]:
        return [*self._placed(self._run(sql.ROWS, (orjson.dumps(serials).decode(),)))]

    def _placed(self, rows: Sequence[Any]) -> Iterator[PlacedJob]:
        for serial, *values in rows:
            try:
                job = _read_row(*values)
            except ValueError as error:
                self._unreadable(serial, str(error))
                continue
            yield PlacedJob(Place(job.created_at, serial), job)

    def _unreadable(self, serial: int, reason: str) -> UnreadableJob:
        """Note that a job cannot be read; the error says so."""
        provider, job_id, tenant = self._run(sql.OWNER, (serial,))[0]
        self.unreadable.note(JOB, tenant, f"{provider}/{job_id}", reason)
        return UnreadableJob(f"job {job_id} of {provider} is in the store, but cannot be read: {reason}")


def _read_row(
    job_id: str,
    tenant: str,
    provider: str,
    operation: str,
    model: str,
    created_at: int,
    plan: str,
    alias: str | None,
    facts: str,
    seconds: float | None,
) -> Job:
    """A row of ROWS, but for its serial, as a job without its request. Raises ValueError."""
    moment(created_at, "created_at")
    return Job(
        job_id, tenant, provider, operation, model, {}, created_at,
        load_plan(plan), alias, load_facts(facts), seconds,
    )  # fmt: skip
