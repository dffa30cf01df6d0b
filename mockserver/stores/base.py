"""What a store can do. Every implementation passes the one suite in tests/stores."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mockserver.jobs.job import Fact, Job


class Store(ABC):
    """Jobs by tenant, provider and id. Every method is atomic, also between processes.

    A job is safe, also from `kill -9`, when `add` has returned.
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
    async def find(self, tenant: str, provider: str, alias: str) -> Job | None:
        """The tenant's newest job that its submitter gave the name `alias`, or None."""

    @abstractmethod
    async def unlock(self, provider: str, job_id: str) -> Job | None:
        """The job of that id, whoever's it is: media links carry no key."""

    @abstractmethod
    async def list(
        self, tenant: str, provider: str, *, model: str | None = None, offset: int = 0, limit: int = 100
    ) -> list[Job]:
        """The tenant's jobs, newest first; within one moment, last added first."""

    @abstractmethod
    async def count(self, tenant: str, provider: str, *, model: str | None = None) -> int:
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
    async def number(self, tenant: str) -> int:
        """The tenant's next number, from 1: each is given once."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of files and connections."""
