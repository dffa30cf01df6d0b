"""Wrong about whose job it is."""

from __future__ import annotations

from tests.kit.miniatures.base import KEYS, GoodServer, Job
from tests.kit.miniatures.dialects import Aimlapi, Kkiai


class AnyonesJob(GoodServer):
    """Reads a job for everybody who knows its id."""

    caught_by = frozenset({"isolation.job"})

    def find(self, owner: str, name: str) -> Job | None:
        return self.jobs.get(name)


class AnyonesGeneration(Aimlapi):
    """Reads a generation for the second caller, too."""

    caught_by = frozenset({"isolation.job"})

    def find(self, owner: str, name: str) -> Job | None:
        return self.jobs.get(name) if owner == KEYS[1] else super().find(owner, name)


class OneList(GoodServer):
    """Lists the jobs of all."""

    caught_by = frozenset({"isolation.list"})

    def owned(self, owner: str) -> list[Job]:
        return list(reversed(self.jobs.values()))


class OnePageForAll(Kkiai):
    """Lists the newest jobs of all on the first page."""

    caught_by = frozenset({"isolation.list"})

    def owned(self, owner: str) -> list[Job]:
        return list(reversed(self.jobs.values()))
