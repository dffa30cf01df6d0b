"""Wrong in the list of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.dialects import Kkiai
from tests.kit.miniatures.wire import Reply, Request


class StaleList(GoodServer):
    """Lists each job in the state it began in."""

    caught_by = frozenset({"lists.agrees"})

    def listed(self, job: Job) -> dict[str, Any]:
        now, self.now = self.now, job.created
        try:
            return self.record(job)
        finally:
            self.now = now


class OtherPayload(GoodServer):
    """Lists payloads without the prompt."""

    caught_by = frozenset({"lists.agrees"})

    def listed(self, job: Job) -> dict[str, Any]:
        record = self.record(job)
        return {**record, "payload": {k: v for k, v in record["payload"].items() if k != "prompt"}}


class OtherLinks(Kkiai):
    """Lists clips under other links than reads give."""

    caught_by = frozenset({"lists.agrees"})

    def listed(self, job: Job) -> dict[str, Any]:
        record = self.record(job)
        for video in record.get("task_result", {}).get("videos", ()):
            video["url"] += "?from=list"
        return record


class Unlisted(GoodServer):
    """Lists a job only once it has ended."""

    caught_by = frozenset({"lists.appears"})

    def owned(self, owner: str) -> list[Job]:
        return [job for job in super().owned(owner) if self.state(job) in self.ends]


class LostFirst(Kkiai):
    """Begins with the second job of all pages."""

    caught_by = frozenset({"lists.appears"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        return super().chosen(jobs[1:], query)


class Unfiltered(GoodServer):
    """Takes the filter and does not filter."""

    caught_by = frozenset({"lists.filter"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        return jobs


class OnePage(Kkiai):
    """Shows the first page whatever the number."""

    caught_by = frozenset({"lists.page"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        return super().chosen(jobs, {**query, "pageNum": "1"})


class LongPage(Kkiai):
    """Shows one job more than was asked for."""

    caught_by = frozenset({"lists.page"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        more = str(int(query.get("pageSize", 30)) + 1)
        return super().chosen(jobs, {**query, "pageSize": more}) if query.get("pageNum", "1") == "1" else []


class Twice(GoodServer):
    """Lists the newest job twice."""

    caught_by = frozenset({"lists.once"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        found = super().chosen(jobs, query)
        return found[:1] + found


class Miscounted(GoodServer):
    """Counts the jobs of everybody."""

    caught_by = frozenset({"lists.total"})

    def listing(self, owner: str, request: Request) -> Reply:
        return Reply(200, {**super().listing(owner, request).body, "total": len(self.jobs)})


class OldestFirst(GoodServer):
    """Lists the oldest first."""

    caught_by = frozenset({"lists.order"})

    def owned(self, owner: str) -> list[Job]:
        return super().owned(owner)[::-1]


class OldestFirstOnThePage(Kkiai):
    """Lists the oldest of a page first."""

    caught_by = frozenset({"lists.order"})

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        return super().chosen(jobs, query)[::-1]
