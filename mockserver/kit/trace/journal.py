"""Our server's own record: what GET /__mock/journal and `mockserver ctl journal --json` answer."""

from __future__ import annotations

from typing import Any

from mockserver.kit.trace.node import (
    Unreadable,
    content,
    each,
    get,
    parsed,
    sequence,
    status,
    text,
    unpacked,
    whole,
)
from mockserver.kit.traffic.exchange import Exchange
from mockserver.terms import Headers


def read(document: Any, name: str) -> list[Exchange]:
    """The exchanges of a page. Raises KitError."""
    entries = document if isinstance(document, list) else sequence(document, "exchanges")
    return each(entries, name, _exchange)


def _exchange(number: int, entry: Any) -> Exchange:
    asked, told = _headers(entry, "request"), _headers(entry, "response")
    host = next((value for name, value in asked if name.lower() == "host"), "localhost")
    query = f"?{entry['query']}" if get(entry, "query") else ""
    tenant = get(entry, "tenant")
    return Exchange(
        number=whole(get(entry, "number"), number),
        at=_milliseconds(entry, "at"),
        took=max(_milliseconds(entry, "took"), 0.0),
        method=text(entry, "method").upper(),
        url=parsed(f"http://{host}{text(entry, 'path')}{query}", "path"),
        request_headers=asked,
        request_body=_body(entry, "request"),
        status=status(entry, "status"),
        response_headers=told,
        response_body=_body(entry, "response"),
        caller=str(tenant)[:12] if tenant else None,
        error="" if entry["status"] else "no answer",
        cut=bool(get(entry, "request", "cut") or get(entry, "response", "cut")),
    )


def _milliseconds(entry: Any, name: str) -> float:
    value = get(entry, name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unreadable(f"{name} must be milliseconds")
    return value / 1000


def _headers(entry: Any, side: str) -> Headers:
    pairs = sequence(entry, side, "headers")
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise Unreadable(f"{side}.headers must be pairs of name and value")
    return tuple((str(name), str(value)) for name, value in pairs)


def _body(entry: Any, side: str) -> bytes:
    packed = get(entry, side, "base64")
    if packed is not None:
        return unpacked(packed, f"{side}.base64")
    return content(get(entry, side, "text"), f"{side}.text")
