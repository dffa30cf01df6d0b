"""The interface of a store. Every implementation passes the same suite in tests/stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.jobs.job import Fact, Job


class StoredDocument(NamedTuple):
    """A small JSON document that belongs to a tenant; tenant "" stands for everybody."""

    tenant: str
    kind: str
    name: str
    document: dict[str, Any]


class Store(ABC):
    """Jobs by tenant, provider and id; a tenant also has counters and small documents.

    Every method is atomic, also between processes. Once `add` has returned, the job survives `kill -9`.
    """

    @abstractmethod
    async def add(self, job: Job) -> None:
        """Store a new job.

        Raises `errors.DuplicateJob` when the provider already has a job of that id,
        of this tenant or another, and `errors.StoreError` when the job cannot be written.
        """

    @abstractmethod
    async def get(self, tenant: str, provider: str, job_id: str) -> Job | None:
        """The tenant's job with all its facts, or None; another tenant's job is None."""

    @abstractmethod
    async def find(
        self, tenant: str, provider: str, alias: str, *, operations: Sequence[str] | None = None
    ) -> Job | None:
        """The tenant's newest job with the alias that its submitter chose, or None.

        Here as in `list`, `operations` limits the search to jobs that one of them submitted.
        """

    @abstractmethod
    async def get_for_any_tenant(self, provider: str, job_id: str) -> Job | None:
        """The job of that id, of whichever tenant: media links carry no key."""

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
        """The tenant's jobs, newest first, of the same moment the last added first. `limit` None is all."""

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
    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        """Append a fact and return the job with it, or None when there is no such job.

        Where the job has `most` facts of this kind already, nothing is appended and the job is returned
        unchanged: `most=1` sets a fact once.
        """

    @abstractmethod
    async def delete(self, tenant: str, provider: str, job_id: str) -> bool:
        """Delete the tenant's job and the facts about it; False when there is no such job."""

    @abstractmethod
    async def increment(self, tenant: str, name: str = "job") -> int:
        """Count the tenant's counter of that name up and return it: 1, 2, 3 ..., each number once."""

    @abstractmethod
    async def put_document(self, tenant: str, kind: str, name: str, document: dict[str, Any] | None) -> None:
        """Store a document, in place of the one of that tenant, kind and name; None deletes that one.

        Raises `errors.StoreError` for a value that is not JSON.
        """

    @abstractmethod
    async def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        """Every document of all tenants, or those of one kind, in the order in which they came.

        A document that replaced another has its place.
        """

    @abstractmethod
    def changed(self) -> bool:
        """Whether another process may have changed documents since the last call, or since the start.

        Changes by this process do not count. Takes about a microsecond.
        """

    @abstractmethod
    async def tenants(self) -> Sequence[str]:
        """Every tenant that has jobs, documents or counters, sorted; everybody ("") is not among them."""

    @abstractmethod
    async def clear(self, tenant: str | None) -> int:
        """Delete everything of a tenant, or with None of all; return how many jobs that was."""

    @abstractmethod
    async def dump(self, tenant: str) -> dict[str, Any]:
        """Everything of a tenant as one JSON document."""

    @abstractmethod
    async def restore(self, tenant: str, snapshot: dict[str, Any]) -> None:
        """Replace everything of the tenant by a snapshot from `dump`, of this tenant or another.

        Raises ValueError for any other document, and `errors.DuplicateJob` where another tenant has
        a job of the same id; then nothing is changed.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close files and connections."""
