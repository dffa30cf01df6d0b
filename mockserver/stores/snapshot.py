"""JSON of the stores: small documents, and the snapshot of a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from mockserver.errors import StoreError
from mockserver.jobs.codec import dump_facts, dump_job
from mockserver.jobs.job import Job, Plan
from mockserver.stores.base import StoredDocument

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of a tenant: jobs and documents in their order, and counters by name."""

    version: Literal[1]
    tenant: str
    jobs: tuple[Job, ...]
    documents: tuple[StoredDocument, ...]
    numbers: dict[str, int]


def write_document(tenant: str, kind: str, name: str, document: dict[str, Any]) -> bytes:
    """A document as JSON. Raises `errors.StoreError` when it is no JSON or its name no Unicode text."""
    try:
        f"{tenant}{kind}{name}".encode()
        return orjson.dumps(document)
    except (TypeError, UnicodeEncodeError) as error:
        raise StoreError(f"{kind} {name!r} cannot be kept: {error}") from error


def write_snapshot(
    tenant: str, jobs: Iterable[Job], documents: Iterable[StoredDocument], numbers: Mapping[str, int]
) -> dict[str, Any]:
    """The snapshot as a JSON document that `read_snapshot` reads."""
    return {
        "version": 1,
        "tenant": tenant,
        "jobs": [_write_job(job) for job in jobs],
        "documents": [stored._asdict() for stored in documents],
        "numbers": dict(sorted(numbers.items())),
    }


def read_snapshot(tenant: str, document: Mapping[str, Any]) -> Snapshot:
    """The snapshot in a document of `write_snapshot`, of whichever tenant, as this tenant's.

    Raises ValueError with the place where the document is not a snapshot.
    """
    # Imported here: a server that restores nothing does not need it.
    from pydantic import TypeAdapter, ValidationError

    try:
        orjson.dumps(document)
        snapshot = TypeAdapter(Snapshot).validate_python(document)
    except TypeError as error:
        raise ValueError(f"no JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'snapshot'}: {first['msg']}") from error
    _check_values(snapshot)
    jobs = tuple(job._replace(tenant=tenant) for job in snapshot.jobs)
    documents = tuple(stored._replace(tenant=tenant) for stored in snapshot.documents)
    return Snapshot(1, tenant, jobs, documents, snapshot.numbers)


def _write_job(job: Job) -> dict[str, Any]:
    return {**orjson.loads(dump_job(job)), "facts": orjson.loads(dump_facts(job.facts))}


def _check_values(snapshot: Snapshot) -> None:
    """Check what the types do not say."""
    if not all(plan.steps for job in snapshot.jobs for plan in _plans(job)):
        raise ValueError("jobs: a plan has no steps")
    large = max([*(job.created_at for job in snapshot.jobs), *snapshot.numbers.values()], default=0)
    if large > _LARGEST:
        raise ValueError(f"{large} is too large for a moment or number")


def _plans(job: Job) -> Iterator[Plan]:
    yield job.plan
    yield from (fact.plan for fact in job.facts if fact.plan is not None)
