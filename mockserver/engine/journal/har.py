"""The journal as an HTTP archive (HAR 1.2), for browsers' tools and everything else that reads one."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.engine.journal.exchange import JournalEntry, as_text
from mockserver.numerals import plural
from mockserver.terms import Headers

_VERSION: Final = "HTTP/1.1"


def archive(exchanges: Iterable[JournalEntry], dropped: int = 0) -> dict[str, Any]:
    """A HAR document of exchanges, oldest first; `dropped` older ones are gone, which it says.

    Times are those of the exchanges' clocks. What HAR has no field for is in the custom field `_mockserver`.
    """
    log: dict[str, Any] = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "pages": [],
        "entries": [_entry(exchange) for exchange in exchanges],
    }
    if dropped:
        log["comment"] = f"{dropped} older exchanges are not kept any more"
    return {"log": log}


def _entry(exchange: JournalEntry) -> dict[str, Any]:
    took = max(exchange.took, 0)
    return {
        "startedDateTime": _moment(exchange.at),
        "time": took,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_mockserver": {
            "number": exchange.number,
            "provider": exchange.provider,
            "operation": exchange.operation,
            "role": exchange.role,
            "tenant": exchange.tenant,
            "job": exchange.job_id,
            "model": exchange.model,
            "violations": exchange.violations,
            "warnings": exchange.warnings,
            "faults": exchange.faults,
            "delivery": exchange.delivery,
        },
    }


def _request(exchange: JournalEntry) -> dict[str, Any]:
    headers = exchange.request_headers
    request = {
        "method": exchange.method,
        "url": url(exchange),
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _named(headers),
        "queryString": _named(parse_qsl(exchange.query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": exchange.request_size,
    }
    if exchange.request_size:
        content = _content(exchange.request_body, exchange.request_size, exchange.request_cut, "_encoding")
        request["postData"] = {"mimeType": first(headers, "content-type"), "text": "", **content}
    return request


def _response(exchange: JournalEntry) -> dict[str, Any]:
    headers = exchange.response_headers
    return {
        "status": exchange.status,
        "statusText": _phrase(exchange.status),
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _named(headers),
        "content": {
            "size": exchange.response_size,
            "mimeType": first(headers, "content-type"),
            **_content(exchange.response_body, exchange.response_size, exchange.response_cut, "encoding"),
        },
        "redirectURL": first(headers, "location"),
        "headersSize": -1,
        "bodySize": exchange.response_size,
    }


def _content(content: bytes, size: int, cut: bool, encoding: str) -> dict[str, Any]:
    """The text of a body. `encoding` names the field for its encoding: HAR 1.2 has one for responses only."""
    shown: dict[str, Any] = {}
    text = as_text(content, cut=cut)
    if text is None:
        shown = {"text": base64.b64encode(content).decode(), encoding: "base64"}
    elif text:
        shown = {"text": text}
    if cut:
        length = f"it had {plural(size, 'byte')}" if size >= 0 else "nobody knows how long it was"
        shown["comment"] = f"cut; {length}"
    return shown


def url(exchange: JournalEntry) -> str:
    """The absolute URL of the request."""
    query = f"?{exchange.query}" if exchange.query else ""
    return f"{exchange.base or 'http://localhost'}{exchange.path}{query}"


def first(headers: Headers, name: str) -> str:
    """The first header of that lower-case name, or an empty text."""
    return next((value for header, value in headers if header.lower() == name), "")


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _moment(milliseconds: int) -> str:
    shown = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return shown.isoformat(timespec="milliseconds").replace("+00:00", "Z")
