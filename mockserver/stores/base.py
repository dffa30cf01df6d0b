"""The interface of a store. Every implementation passes the same suite in tests/stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, NamedTuple

from mockserver.jobs.course import Course
from mockserver.jobs.job import Fact, Job
from mockserver.stores.unreadable import JOB, Unreadable, UnreadableRecords

LARGE: Final = 1 << 20
"""Bytes of a request whose writing may take longer than some milliseconds, on a slow disk much longer."""


class StoredDocument(NamedTuple):
    """A small JSON document that belongs to a tenant; tenant "" stands for everybody."""

    tenant: str
    kind: str
    name: str
    document: dict[str, Any]


class StoredNumber(NamedTuple):
    """A counter of a tenant, by its name, and the last number that it gave."""

    name: str
    last: int


SnapshotPart = Job | StoredDocument | StoredNumber
"""A part of everything that a tenant has."""


class Place(NamedTuple):
    """Where a job stands among all jobs: by its creation (Unix milliseconds), then as it was added."""

    created_at: int
    serial: int


class PlacedJob(NamedTuple):
    """A job without its request (`request` is {}), and its place."""

    place: Place
    job: Job


class Group(NamedTuple):
    """Jobs that are alike but for their starts: how many there are, and the seconds of all their clips.

    `id` is the store's own.
    """

    id: Any
    tenant: str
    provider: str
    operation: str
    model: str
    course: Course
    number: int
    seconds: float


class Tally(ABC):
    """Counts the jobs of a store without looking at them: no answer takes longer with more jobs.

    While another process holds the store's lock, it may lack what was noted in the last moments before.
    """

    @abstractmethod
    async def groups(self, tenant: str | None = None, provider: str | None = None) -> Sequence[Group]:
        """The groups that have jobs, of one tenant and provider or of all."""

    @abstractmethod
    async def count_started(self, group: Group, until: int) -> int:
        """How many jobs of a group with more than one milestone started by `until` (Unix milliseconds)."""

    @abstractmethod
    async def first_started(self, group: Group, after: int) -> int | None:
        """The first start after the moment `after` in a group with more than one milestone; or None."""

    @abstractmethod
    async def find_started(self, group: Group, start: int) -> Job | None:
        """A job of the group that started at that moment, without its request; or None."""


class Store(ABC):
    """Jobs by tenant, provider and id; a tenant also has counters and small documents.

    Every method is atomic, also between processes. Once `add` has returned, the job survives `kill -9`.
    What cannot be read is noted in `unreadable`: lists leave it out, and whoever names such a job gets
    `errors.UnreadableJob`.
    """

    tally: Tally
    """Its counts."""
    revisions: int = 0
    """How often this process changed or deleted jobs that were there."""
    additions: int = 0
    """How many jobs it added."""

    def __init__(self) -> None:
        self.unreadable = UnreadableRecords()

    @abstractmethod
    async def add(self, job: Job) -> None:
        """Store a new job.

        Raises `errors.DuplicateJob` when the provider already has a job of that id,
        of this tenant or another, and `errors.StoreError` when the job cannot be written.
        """

    def add_soon(self, job: Job, request: bytes, done: Callable[[bool], None]) -> bool:
        """As `add`, of a job whose request is there as JSON and not LARGE, without a wait in this call.

        `done` is called in it or later, with whether the job is stored; where it is not, `add` says why.
        False where the store has no such way, and has done nothing.
        """
        return False

    async def add_large(self, job: Job, request: bytes | bytearray) -> None:
        """As `add`, of a job whose request is LARGE, and there as JSON: other requests go on meanwhile."""
        await self.add(job)

    def turn(self, tenant: str) -> AbstractAsyncContextManager[object]:
        """A block that no other such block of the tenant interrupts, even where it waits for the store.

        Raises `errors.StoreLocked` where the others take too long.
        """
        # Here nothing waits inside.
        return nullcontext()

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
        requests: bool = True,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> list[Job]:
        """The tenant's jobs, newest first, of the same moment the last added first. `limit` None is all.

        Without `requests` that of each job is {}, and none is read. With `after` the list goes on behind the
        job of that id, and is empty where there is none; `oldest_first` turns the order round.
        """

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
    async def page(
        self,
        tenant: str | None,
        providers: Sequence[str],
        *,
        model: str | None = None,
        before: Place | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Sequence[PlacedJob]:
        """Jobs of a tenant (None: of all) and of some providers, newest first, without their requests.

        They are those before a place; the first `skip` of them are left out.
        """

    @abstractmethod
    async def unmeasured(self, provider: str) -> Sequence[Job]:
        """Some of the provider's jobs without `seconds`, few enough to be read at once."""

    @abstractmethod
    async def set_seconds(self, lengths: Mapping[tuple[str, str], float]) -> None:
        """Note the seconds of jobs' clips, by provider and id, where that is still missing."""

    @abstractmethod
    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        """Append a fact and return the job with it, or None when there is no such job.

        Where the job has `most` facts of this kind already, nothing is appended and the job is returned
        unchanged: `most=1` sets a fact once.
        """

    @abstractmethod
    async def delete(self, tenant: str, provider: str, *job_ids: str) -> int:
        """Delete the tenant's jobs of these ids and the facts about them; how many there were."""

    @abstractmethod
    async def increment(self, tenant: str, name: str = "job") -> int:
        """Count the tenant's counter of that name up and return it: 1, 2, 3 ..., each number once."""

    @abstractmethod
    async def drop_numbers(self, tenant: str, prefix: str, but: str) -> None:
        """Delete the tenant's counters whose names begin with `prefix`, but for the one named `but`."""

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
    async def document(self, kind: str, name: str, tenant: str | None = None) -> StoredDocument | None:
        """The document of that kind and name, of one tenant or of whichever; or None."""

    @abstractmethod
    async def kinds(self) -> Sequence[str]:
        """The kinds of all documents, in the order in which the first of each came."""

    @abstractmethod
    def changed(self) -> bool:
        """Whether another process may have changed documents since the last call, or since the start.

        Changes by this process do not count, but for a large job or a restore. Takes about a microsecond.
        """

    @abstractmethod
    async def tenants(self) -> Sequence[str]:
        """Every tenant that has jobs, documents or counters, sorted; everybody ("") is not among them."""

    @abstractmethod
    async def clear(self, tenant: str | None) -> int:
        """Delete everything of a tenant, or with None of all; return how many jobs that was."""

    @abstractmethod
    def parts(self, tenant: str) -> AsyncGenerator[SnapshotPart, None]:
        """Everything of a tenant as it is now: jobs, the oldest first, then documents and numbers.

        What cannot be read is left out. Other requests go on between two parts; close it when it is not
        read to its end.
        """

    @abstractmethod
    async def replace(self, tenant: str, parts: Iterator[SnapshotPart]) -> None:
        """Replace everything of the tenant by `parts`, each of which is this tenant's.

        They are read in another thread, all before anything is replaced. Raises what reading them raises, and
        `errors.DuplicateJob` where two jobs, or a job of another tenant, have the same id; then nothing is
        changed.
        """

    async def drop_unreadable(self, record: Unreadable) -> None:
        """Delete a document or job that cannot be read."""
        if record.kind == JOB:
            await self.delete(record.tenant, *record.name.split("/", 1))
        else:
            await self.put_document(record.tenant, record.kind, record.name, None)
        self.unreadable.forget(*record[:3])

    @abstractmethod
    def end_waits(self) -> None:
        """Let nobody wait for another process any more, as the server is to stop."""

    @abstractmethod
    async def close(self) -> None:
        """Close files and connections."""
