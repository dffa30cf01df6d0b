"""An exchange: as it is kept, as it is shown, and which ones are meant."""

from __future__ import annotations

import codecs
import marshal
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mockserver.engine.journal.redact import Redactor
from mockserver.engine.message import Header
from mockserver.terms import Headers

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a body that are kept."""


class JournalEntry(NamedTuple):
    """One request and what became of it, without credentials.

    `number` counts from 1; `at` is Unix milliseconds and `took` milliseconds by the tenant's clock.
    `role` is that of the operation, or `media`; `tenant` whose key the request carried, let in or not;
    `job_id` the job it made or found. `path` and `query` are undecoded, `base` is the server's address
    as the client knows it. Bodies are cut at BODY_LIMIT bytes, or not here at all, which `cut` says;
    sizes are those before (-1 where nobody knows). `violations` are why it was refused, `warnings` what
    was let pass, `faults` which ones it met.
    """

    number: int
    at: int
    took: int
    provider: str | None
    operation: str | None
    role: str | None
    tenant: str | None
    job_id: str | None
    model: str | None
    method: str
    base: str
    path: str
    query: str
    status: int
    request_headers: Headers = ()
    request_body: bytes = b""
    request_size: int = 0
    request_cut: bool = False
    response_headers: Headers = ()
    response_body: bytes = b""
    response_size: int = 0
    response_cut: bool = False
    violations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class EntryFilter(NamedTuple):
    """Which exchanges are meant: all that agree with whatever is given.

    `job` is a job's id, `status` a number or a class such as `4xx`, `fault` the name of one that it met,
    `violations` whether the request was refused for some; `since` leaves out exchanges up to that number.
    """

    provider: str | None = None
    operation: str | None = None
    role: str | None = None
    tenant: str | None = None
    job: str | None = None
    status: str | int | None = None
    fault: str | None = None
    violations: bool | None = None
    since: int = 0


class PackedEntry(NamedTuple):
    """An exchange as it is kept: unread, with its credentials. It never leaves the journal.

    `headers` are the packed ones of request and response. Requests and responses themselves are not
    kept: thousands of small objects that live on make every later request touch cold memory.
    """

    number: int
    at: int
    took: int
    cost: int
    provider: str | None
    operation: str | None
    role: str | None
    tenant: str | None
    job_id: str | None
    model: str | None
    method: str
    base: str
    path: str
    query: str
    status: int
    headers: bytes
    request_body: bytes
    response_body: bytes
    request_size: int
    response_size: int
    violations: tuple[str, ...]
    warnings: tuple[str, ...]
    faults: tuple[str, ...]


def pack(asked: Sequence[Header], told: Sequence[Header]) -> bytes:
    """The headers of a request and its response in one block of bytes."""
    # The oldest form that knows all of it is the fastest; nothing packed outlives the process.
    both: Any = (asked, told)
    return marshal.dumps(both, 2)


def unpack(headers: bytes) -> tuple[Sequence[Header], Sequence[Header]]:
    """What was packed."""
    both: tuple[Sequence[Header], Sequence[Header]] = marshal.loads(headers)  # noqa: S302
    return both


def is_meant(kept: PackedEntry, wanted: EntryFilter, redactor: Redactor) -> bool:
    """Whether a filter means the exchange."""
    return (
        wanted.provider in (None, kept.provider)
        and wanted.operation in (None, kept.operation)
        and wanted.role in (None, kept.role)
        and wanted.job in (None, kept.job_id)
        and (wanted.status is None or _is_status(kept.status, str(wanted.status)))
        and (wanted.fault is None or wanted.fault in kept.faults)
        and wanted.violations in (None, bool(kept.violations))
        and (wanted.tenant is None or wanted.tenant == tenant_of_sender(kept, redactor))
    )


def tenant_of_sender(kept: PackedEntry, redactor: Redactor) -> str | None:
    """Whose key the request carried, let in or not."""
    return kept.tenant or redactor.sender(unpack(kept.headers)[0])


def read(kept: PackedEntry, redactor: Redactor) -> JournalEntry:
    """The exchange as it may be shown."""
    asked, told = unpack(kept.headers)
    request_cut = len(kept.request_body) != kept.request_size
    response_cut = len(kept.response_body) != kept.response_size
    veil = redactor.veil(asked, kept.query)
    return JournalEntry(
        number=kept.number,
        at=kept.at,
        took=kept.took,
        provider=kept.provider,
        operation=kept.operation,
        role=kept.role,
        tenant=tenant_of_sender(kept, redactor),
        job_id=kept.job_id,
        model=kept.model and veil.text(kept.model),
        method=veil.text(kept.method),
        base=veil.text(kept.base),
        path=veil.path(kept.path),
        query=veil.query(kept.query),
        status=kept.status,
        request_headers=veil.headers(asked),
        request_body=veil.content(kept.request_body, cut=request_cut),
        request_size=kept.request_size,
        request_cut=request_cut,
        response_headers=veil.headers(told),
        response_body=veil.content(kept.response_body, cut=response_cut),
        response_size=kept.response_size,
        response_cut=response_cut,
        violations=veil.texts(kept.violations),
        warnings=veil.texts(kept.warnings),
        faults=kept.faults,
    )


def as_text(content: bytes, *, cut: bool) -> str | None:
    """A body as text, or None where it is not UTF-8; a character in two halves at the cut is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content, final=not cut)
    except UnicodeDecodeError:
        return None


def _is_status(status: int, wanted: str) -> bool:
    return str(status) == wanted or (wanted.endswith("xx") and wanted[:1] == str(status)[:1])
