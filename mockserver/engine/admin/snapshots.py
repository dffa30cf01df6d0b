"""Everything of a tenant as one JSON document, written and read part by part."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any, BinaryIO, Final

import orjson

from mockserver.contract.model import Contract
from mockserver.engine.admin.job_check import check_job
from mockserver.engine.admin.snapshot_file import SnapshotFile
from mockserver.engine.documents.readers import read_document, read_or_skip
from mockserver.engine.services import Services
from mockserver.errors import SettingsError
from mockserver.jobs.codec import dump_job, dump_whole_job
from mockserver.jobs.job import Job
from mockserver.jobs.reading import MOST, TEXT, members, text, whole
from mockserver.jobs.records import read_facts, read_job
from mockserver.stores.base import SnapshotPart, StoredDocument, StoredNumber

VERSION: Final = 1
_PIECE: Final = 1 << 20
"""Bytes that are sent at once at most: a slow reader makes the rest wait here, and not in copies."""
_DOCUMENT: Final = frozenset(StoredDocument._fields)
_NUMBER_NAME: Final = 1000
_NOTHING: Final[frozenset[str]] = frozenset()


async def write_snapshot(services: Services, tenant: str) -> AsyncGenerator[bytes, None]:
    """The text of a tenant's snapshot, a line for each part, in pieces of a bounded size."""
    begin = b'{"version":%d,"tenant":%s,"jobs":[' % (VERSION, orjson.dumps(tenant))
    ends = iter((b'\n],"documents":[', b'\n],"numbers":{', b"\n}}\n"))
    kinds = iter((StoredDocument, StoredNumber))
    kind: type[Any] = Job
    comma = b""
    async with aclosing(services.store.parts(tenant)) as parts:
        async for part in parts:
            while not isinstance(part, kind):
                begin, comma, kind = begin + next(ends), b"", next(kinds)
            if isinstance(part, StoredDocument) and read_or_skip(services.store, part) is None:
                continue
            yield begin + comma + b"\n"
            begin, comma = b"", b","
            for piece in _pieces(part):
                yield piece
            # It may be large, and the next one is read now.
            del part
    yield begin + b"".join(ends)


def _pieces(part: SnapshotPart) -> Iterator[bytes]:
    whole_text = _part_text(part)
    for start in range(0, len(whole_text), _PIECE):
        yield whole_text[start : start + _PIECE]


def _part_text(part: SnapshotPart) -> bytes:
    if isinstance(part, Job):
        return dump_whole_job(part)
    if isinstance(part, StoredDocument):
        return orjson.dumps(part._asdict())
    return orjson.dumps(part.name) + b":" + orjson.dumps(part.last)


async def restore_snapshot(services: Services, tenant: str, file: BinaryIO) -> None:
    """Replace everything of a tenant by the snapshot in a file.

    Raises SettingsError, with the place, where it is no snapshot, and StoreError; then nothing is changed.
    """
    try:
        await services.store.replace(tenant, read_parts(services.contracts, tenant, file))
    except ValueError as error:
        raise SettingsError(f"this is not a snapshot: {error}") from None
    await services.live_settings.load()
    services.answering.forget()
    services.changes.notify()


def read_parts(contracts: Mapping[str, Contract], tenant: str, file: BinaryIO) -> Iterator[SnapshotPart]:
    """The parts of the snapshot in a file as those of this tenant. Raises ValueError with the place."""
    names: set[tuple[str, ...]] = set()
    for member, place, value in SnapshotFile(file).parts():
        try:
            part = _READERS[member](contracts, tenant, value)
            if part is None:
                continue
            # The store refuses two jobs of one id; of those there may be too many to remember them all.
            if not isinstance(part, Job):
                _add_name(names, part)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        yield part


def _add_name(names: set[tuple[str, ...]], part: StoredDocument | StoredNumber) -> None:
    name = (part.kind, part.name) if isinstance(part, StoredDocument) else (part.name,)
    if name in names:
        raise ValueError("its name is there twice")
    names.add(name)


def _read_version(contracts: Mapping[str, Contract], tenant: str, value: Any) -> None:
    if type(value) is not int or value != VERSION:
        raise ValueError(f"this server reads version {VERSION}")


def _read_tenant(contracts: Mapping[str, Contract], tenant: str, value: Any) -> None:
    text(value, "the tenant that it is of")


def _read_job(contracts: Mapping[str, Contract], tenant: str, value: Any) -> Job:
    if not isinstance(value, dict) or "facts" not in value:
        raise ValueError("it is no job, or has no facts")
    facts = value.pop("facts")
    job = read_job(value)._replace(tenant=tenant, facts=read_facts(facts))
    try:
        dump_job(job)
    except TypeError as error:
        raise ValueError(f"request: {error}") from None
    check_job(contracts, job)
    return job


def _read_document(contracts: Mapping[str, Contract], tenant: str, value: Any) -> StoredDocument:
    record = members(value, "", _DOCUMENT, _NOTHING)
    kind, name = text(record["kind"], "kind"), text(record["name"], "name", TEXT)
    stored = StoredDocument(tenant, kind, name, record["document"])
    try:
        read_document(stored)
    except ValueError as error:
        raise ValueError(f"{kind[:60]} {name[:60]!a}: {error}") from None
    return stored


def _read_number(contracts: Mapping[str, Contract], tenant: str, value: Any) -> StoredNumber:
    name, last = value
    return StoredNumber(text(name, "its name", _NUMBER_NAME), whole(last, "it", 0, MOST))


_READERS: Final = {
    "version": _read_version,
    "tenant": _read_tenant,
    "jobs": _read_job,
    "documents": _read_document,
    "numbers": _read_number,
}
