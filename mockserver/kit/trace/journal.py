"""Our server's own journal, as GET /__mock/journal and `mockserver ctl journal --json` return it."""

from __future__ import annotations

from typing import Any

from mockserver.kit.trace.node import (
    UnreadableEntry,
    checked_url,
    content,
    from_base64,
    get,
    positive_int,
    read_entries,
    sequence,
    status,
    tenant_digest,
    text,
)
from mockserver.kit.traffic.body_limits import BodyBudget
from mockserver.kit.traffic.exchange import Exchange
from mockserver.terms import Headers


def read(
    document: Any, name: str, budget: BodyBudget | None = None, unread: list[str] | None = None
) -> list[Exchange]:
    """The exchanges of a page. Raises KitError; `unread` as for `read_entries`."""
    if not isinstance(document, list):
        document = sequence(document, "exchanges")
    return read_entries(document, name, _exchange, budget, unread)


def _exchange(number: int, entry: Any) -> Exchange:
    request_headers = _headers(entry, "request")
    host = next((value for name, value in request_headers if name.lower() == "host"), "localhost")
    query = f"?{entry['query']}" if get(entry, "query") else ""
    return Exchange(
        number=positive_int(get(entry, "number"), number),
        at=_milliseconds(entry, "at"),
        took=max(_milliseconds(entry, "took"), 0.0),
        method=text(entry, "method").upper(),
        url=checked_url(f"http://{host}{text(entry, 'path')}{query}", "path"),
        request_headers=request_headers,
        request_body=_body(entry, "request"),
        status=status(entry, "status"),
        response_headers=_headers(entry, "response"),
        response_body=_body(entry, "response"),
        caller=tenant_digest(get(entry, "tenant")),
        error="" if entry["status"] else "no answer",
        cut=bool(get(entry, "request", "cut") or get(entry, "response", "cut")),
        numbered=positive_int(get(entry, "number"), 0) > 0,
    )


def _milliseconds(entry: Any, name: str) -> float:
    value = get(entry, name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnreadableEntry(f"{name} must be milliseconds")
    return value / 1000


def _headers(entry: Any, side: str) -> Headers:
    pairs = sequence(entry, side, "headers")
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise UnreadableEntry(f"{side}.headers must be pairs of name and value")
    return tuple((str(name), str(value)) for name, value in pairs)


def _body(entry: Any, side: str) -> bytes:
    packed = get(entry, side, "base64")
    if packed is not None:
        return from_base64(packed, f"{side}.base64")
    return content(get(entry, side, "text"), f"{side}.text")
