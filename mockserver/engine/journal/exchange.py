"""Entries of the journal: packed, as they are shown, and filtered."""

from __future__ import annotations

import codecs
import marshal
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mockserver.engine.journal.redact import Redaction, Redactor
from mockserver.engine.message import Header
from mockserver.terms import Headers

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a body that the journal keeps."""


class JournalEntry(NamedTuple):
    """One request and its response, without credentials.

    `number` counts from 1; `at` is Unix milliseconds and `took` milliseconds by the tenant's clock.
    `role` is that of the operation, or `media`; `tenant` that of the request's key, admitted or not;
    `job_id` the job that it made or was about. `path` and `query` are undecoded, `base` is the server's
    address as the client knows it. Bodies are cut at BODY_LIMIT bytes, or not here at all, which `cut`
    says; sizes are those before (-1 where nobody knows). `violations` are which rules it broke, `warnings`
    what was let pass, `faults` which ones acted on it; `state` is the one in which it showed or left its
    job, `refusal` why it was refused. `delivery` is what a fault did to the answer on its way, None where the
    client got it as it is.
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
    state: str | None = None
    refusal: str | None = None
    delivery: str | None = None


class EntryFilter(NamedTuple):
    """Selects exchanges: those that agree with every field that is given.

    `job` is a job's id, `status` a number or a class such as `4xx`, `fault` the name of one that acted on
    it, `violations` whether it broke the contract; `since` leaves out exchanges up to that number.
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
    """An exchange as the journal keeps it: unread, with its credentials. It never leaves the journal.

    Headers are packed, each side by itself. The objects themselves are not packed: thousands of
    small objects that live on make every later request touch cold memory.
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
    request_headers: bytes
    response_headers: bytes
    request_body: bytes
    response_body: bytes
    request_size: int
    response_size: int
    violations: tuple[str, ...]
    warnings: tuple[str, ...]
    faults: tuple[str, ...]
    state: str | None = None
    refusal: str | None = None
    delivery: str | None = None


def pack_headers(headers: Sequence[Header]) -> bytes:
    """The headers of a request or a response in one block of bytes."""
    # The oldest form that knows all of it is the fastest; nothing packed outlives the process.
    packed: Any = headers
    return marshal.dumps(packed, 2)


def unpack_headers(headers: bytes) -> Sequence[Header]:
    """What `pack_headers` packed."""
    unpacked: Sequence[Header] = marshal.loads(headers)  # noqa: S302
    return unpacked


def matches(packed: PackedEntry, wanted: EntryFilter, redactor: Redactor) -> bool:
    """Whether a filter selects the exchange."""
    return (
        wanted.provider in (None, packed.provider)
        and wanted.operation in (None, packed.operation)
        and wanted.role in (None, packed.role)
        and wanted.job in (None, packed.job_id)
        and (wanted.status is None or _is_status(packed.status, str(wanted.status)))
        and (wanted.fault is None or wanted.fault in packed.faults)
        and wanted.violations in (None, bool(packed.violations))
        and (wanted.tenant is None or wanted.tenant == tenant_of_sender(packed, redactor))
    )


def tenant_of_sender(packed: PackedEntry, redactor: Redactor) -> str | None:
    """The tenant of the request's key, whether it was admitted or not."""
    return packed.tenant or redactor.sender(unpack_headers(packed.request_headers), packed.query)


def reveal(packed: PackedEntry, redactor: Redactor) -> JournalEntry:
    """The exchange as it may be shown: unpacked and redacted."""
    request_headers = unpack_headers(packed.request_headers)
    response_headers = unpack_headers(packed.response_headers)
    request_cut = len(packed.request_body) != packed.request_size
    response_cut = len(packed.response_body) != packed.response_size
    redaction = redactor.redaction(request_headers, packed.query)
    return _outline(packed, redactor, redaction)._replace(
        request_headers=redaction.headers(request_headers),
        request_body=redaction.content(packed.request_body, cut=request_cut),
        request_cut=request_cut,
        response_headers=redaction.headers(response_headers),
        response_body=redaction.content(packed.response_body, cut=response_cut),
        response_cut=response_cut,
    )


def reveal_outline(packed: PackedEntry, redactor: Redactor) -> JournalEntry:
    """As `reveal`, without headers and bodies, which is what takes long."""
    request_headers = unpack_headers(packed.request_headers)
    return _outline(packed, redactor, redactor.redaction(request_headers, packed.query))


def _outline(packed: PackedEntry, redactor: Redactor, redaction: Redaction) -> JournalEntry:
    return JournalEntry(
        number=packed.number,
        at=packed.at,
        took=packed.took,
        provider=packed.provider,
        operation=packed.operation,
        role=packed.role,
        tenant=tenant_of_sender(packed, redactor),
        job_id=packed.job_id,
        model=packed.model and redaction.text(packed.model),
        method=redaction.text(packed.method),
        base=redaction.text(packed.base),
        path=redaction.path(packed.path),
        query=redaction.query(packed.query),
        status=packed.status,
        request_size=packed.request_size,
        response_size=packed.response_size,
        violations=redaction.texts(packed.violations),
        warnings=redaction.texts(packed.warnings),
        faults=packed.faults,
        state=packed.state,
        refusal=packed.refusal and redaction.text(packed.refusal),
        delivery=packed.delivery,
    )


def as_text(content: bytes, *, cut: bool) -> str | None:
    """A body as text, or None where it is not UTF-8; a character that was cut in half is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content, final=not cut)
    except UnicodeDecodeError:
        return None


def _is_status(status: int, wanted: str) -> bool:
    return str(status) == wanted or (wanted.endswith("xx") and wanted[:1] == str(status)[:1])
