"""Everything of a tenant as one document, and back, as tests of stores look at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.jobs.codec import dump_facts, dump_job
from mockserver.jobs.job import Job
from mockserver.jobs.records import read_facts, read_job
from mockserver.stores.base import SnapshotPart, Store, StoredDocument, StoredNumber


async def dump(store: Store, tenant: str) -> dict[str, Any]:
    """The parts of a tenant, by what they are."""
    document: dict[str, Any] = {"jobs": [], "documents": [], "numbers": {}}
    async for part in store.parts(tenant):
        if isinstance(part, Job):
            job = {**orjson.loads(dump_job(part)), "facts": orjson.loads(dump_facts(part.facts))}
            document["jobs"].append(job)
        elif isinstance(part, StoredDocument):
            document["documents"].append(part._asdict())
        else:
            document["numbers"][part.name] = part.last
    return document


async def restore(store: Store, tenant: str, document: dict[str, Any]) -> None:
    """Replace everything of the tenant by what `dump` gave."""
    await store.replace(tenant, parts_of(tenant, document))


def parts_of(tenant: str, document: dict[str, Any]) -> Iterator[SnapshotPart]:
    """The parts in a document of `dump`, as those of this tenant."""
    for record in document["jobs"]:
        fields = {name: value for name, value in record.items() if name != "facts"}
        yield read_job(fields)._replace(tenant=tenant, facts=read_facts(record["facts"]))
    for stored in document["documents"]:
        yield StoredDocument(**{**stored, "tenant": tenant})
    for name, last in document["numbers"].items():
        yield StoredNumber(name, last)
