"""The values of SQL statements: a job's columns, the clause on operations, and the text of a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from mockserver.errors import StoreError
from mockserver.jobs.codec import dump_facts, dump_job, dump_job_around
from mockserver.jobs.job import Job


def job_row(job: Job, request: bytes | bytearray | None = None) -> tuple[tuple[Any, ...], bytes]:
    """A job's columns but its plan and record, and the record, which may be stored apart from them.

    `request` is the JSON of the job's request where it is at hand. Raises `errors.StoreError` for a job that
    is no JSON.
    """
    try:
        record = dump_job(job) if request is None else dump_job_around(job, request)
        facts = dump_facts(job.facts).decode()
    except TypeError as error:
        raise StoreError(f"job {job.id!r} cannot be kept: {error}") from error
    return (
        job.provider, job.id, job.tenant, job.operation, job.model, job.alias, job.created_at, facts,
        job.seconds, bool(job.facts),
    ), record  # fmt: skip


def operation_values(operations: Sequence[str] | None) -> tuple[str | None, str | None]:
    """Both values of the clause on operations: the same JSON array, or None for any operation."""
    if operations is None:
        return None, None
    text = orjson.dumps([*operations]).decode()
    return text, text


def write_document(tenant: str, kind: str, name: str, document: dict[str, Any]) -> bytes:
    """A document as JSON. Raises `errors.StoreError` when it is no JSON or its name no Unicode text."""
    try:
        f"{tenant}{kind}{name}".encode()
        return orjson.dumps(document)
    except (TypeError, UnicodeEncodeError) as error:
        raise StoreError(f"{kind} {name!r} cannot be kept: {error}") from error


def read_object(text: str | bytes) -> dict[str, Any]:
    """What `write_document` wrote. Raises ValueError for anything else."""
    document = orjson.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it is JSON, but no object")
    return document
