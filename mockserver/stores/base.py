"""What a store can do. Every implementation passes the one suite in tests/stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.jobs.job import Fact, Job


class StoredDocument(NamedTuple):
    """A small JSON document that is kept for a tenant; tenant "" stands for everybody."""

    tenant: str
    kind: str
    name: str
    document: dict[str, Any]


class Store(ABC):
    """Jobs by tenant, provider and id, and what else a tenant leaves: numbers and small documents.

    Every method is atomic, also between processes. A job is safe, also from `kill -9`, when `add`
    has returned.
    """

    @abstractmethod
    async def add(self, job: Job) -> None:
        """Keep a new job.

        Raises `errors.DuplicateJob` when the provider already has a job of that id,
        whoever's it is, and `errors.StoreError` when it cannot be written.
        """

    @abstractmethod
    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        """The tenant's job with all its facts, or None; another tenant's job is None."""

    @abstractmethod
    async def find(
        self, tenant: str, provider: str, alias: str, *, operations: Sequence[str] | None = None
    ) -> Job | None:
        """The tenant's newest job that its submitter gave the name `alias`, or None.

        Here as in `list`, only jobs that one of the `operations` submitted count; with None all do.
        """

    @abstractmethod
    async def unlock(self, provider: str, job_id: str) -> Job | None:
        """The job of that id, whoever's it is: media links carry no key."""

    @abstractmethod
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
        """The tenant's jobs, newest first; within one moment, last added first; all with limit None."""

    @abstractmethod
    async def count(
        self,
        tenant: str,
        provider: str,
        *,
        model: str | None = None,
        operations: Sequence[str] | None = None,
    ) -> int:
        """How many jobs `list` would give without a limit."""

    @abstractmethod
    async def note(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        """Append a fact and give the job with it, or None when there is no such job.

        Where the job has `most` facts of this kind already, nothing is appended and the
        job comes back as it stands: `most=1` is set-once.
        """

    @abstractmethod
    async def delete(self, tenant: str, provider: str, job_id: str) -> bool:
        """Forget the tenant's job and the facts about it; False when there is no such job."""

    @abstractmethod
    async def number(self, tenant: str, name: str = "job") -> int:
        """The tenant's next number of that name, from 1: each is given once."""

    @abstractmethod
    async def keep(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        """Keep a document in place of the one of that tenant, kind and name; None drops it.

        Raises `errors.StoreError` for what is no JSON.
        """

    @abstractmethod
    async def kept(self, kind: str | None = None) -> Sequence[StoredDocument]:
        """Every document, or those of one kind, of all tenants: first those that came first.

        A document in place of another has that one's place.
        """

    @abstractmethod
    def changed(self) -> bool:
        """Whether another process may have changed documents since this was last asked, or since the start.

        What this process changes does not count. Takes about a microsecond.
        """

    @abstractmethod
    async def tenants(self) -> Sequence[str]:
        """Every tenant that has jobs, documents or numbers, sorted; everybody ("") is none."""

    @abstractmethod
    async def clear(self, tenant: str | None) -> int:
        """Forget all that a tenant left, or with None everything, and say how many jobs that was."""

    @abstractmethod
    async def dump(self, tenant: str) -> dict[str, Any]:
        """All that a tenant left, as one JSON document."""

    @abstractmethod
    async def restore(self, tenant: str, snapshot: dict[str, Any]) -> None:
        """Put what `dump` gave, of this tenant or another, in place of all that the tenant left.

        Raises ValueError for any other document, and `errors.DuplicateJob` where another tenant has
        a job of that id; then nothing is changed.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of files and connections."""
