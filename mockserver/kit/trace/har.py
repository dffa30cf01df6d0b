"""HTTP archives (HAR 1.2): of a browser, a proxy, or our own journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from mockserver.contract.pointer import ABSENT
from mockserver.kit.trace.body import (
    LOST,
    RecordedBody,
    decompress,
    is_bodiless,
    labelled_base64,
    length,
    unlabelled,
)
from mockserver.kit.trace.node import (
    UnreadableEntry,
    address,
    content,
    get,
    header_list,
    mapping,
    moment,
    positive_int,
    read_entries,
    response_status,
    seconds,
    sequence,
    tenant_digest,
    text,
)
from mockserver.kit.traffic.body_limits import BodyBudget, is_readable
from mockserver.kit.traffic.exchange import Exchange, read_json
from mockserver.terms import Headers

_OURS: Final = "_mockserver"
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})
_NO_CALL: Final = frozenset({"websocket", "preflight"})
"""Chromium's words for entries that are no calls of a program."""


def read(
    document: Any, name: str, budget: BodyBudget | None = None, unread: list[str] | None = None
) -> list[Exchange]:
    """The exchanges of an archive in its order. Raises KitError; `unread` as for `read_entries`.

    Left out are entries that are no calls to a server: WebSockets, preflights, pages of the browser's own,
    and answers from the browser's cache.
    """
    return read_entries(sequence(document, "log", "entries"), name, _entry, budget, unread)


def _entry(number: int, entry: Any) -> Exchange | None:
    request = mapping(entry, "request")
    url = address(entry, "request", "url")
    request_headers = header_list(request.get("headers"), "request.headers")
    if not url.lower().startswith(("http://", "https://")) or _is_no_call(entry, request_headers):
        return None
    request_body, request_cut = _request_body(request, request_headers)
    response_headers = header_list(get(entry, "response", "headers"), "response.headers")
    code = response_status(entry, "status")
    response = _response_body(entry, request, code, response_headers)
    return Exchange(
        number=positive_int(get(entry, _OURS, "number"), number),
        at=moment(text(entry, "startedDateTime"), "startedDateTime"),
        took=_took(entry),
        method=text(entry, "request", "method").upper(),
        url=url,
        request_headers=request_headers,
        request_body=request_body,
        status=code,
        response_headers=response_headers,
        response_body=response.content,
        caller=tenant_digest(get(entry, _OURS, "tenant")),
        error="" if code else _error(entry),
        cut=request_cut or response.cut,
        left_out=response.left_out,
        numbered=positive_int(get(entry, _OURS, "number"), 0) > 0,
    )


def is_complete(document: Any) -> bool:
    """Whether the archive never leaves a header out, as our own and schemathesis' do not."""
    creator = str(get(document, "log", "creator", "name") or "").lower()
    return creator in ("mockserver", "schemathesis")


def _is_no_call(entry: Mapping[str, Any], headers: Headers) -> bool:
    if str(entry.get("_resourceType", "")).lower() in _NO_CALL or "_webSocketMessages" in entry:
        return True
    if entry.get("_fromCache") or get(entry, "response", "_fromCache"):
        return True
    names = [name.lower() for name, _ in headers]
    return get(entry, "request", "method") == "OPTIONS" and "access-control-request-method" in names


def _took(entry: Mapping[str, Any]) -> float:
    """Seconds; the sum of the phases if the total is missing."""
    milliseconds = seconds(entry.get("time"))
    if not milliseconds and isinstance(entry.get("timings"), Mapping):
        phases = ("blocked", "dns", "connect", "send", "wait", "receive")
        milliseconds = sum(seconds(get(entry, "timings", phase)) for phase in phases)
    return milliseconds / 1000


def _error(entry: Mapping[str, Any]) -> str:
    """Why there is no answer, in the words of Chromium, Playwright, Firefox or our journal."""
    words = [get(entry, "response", key) for key in ("_error", "_failureText", "statusText")]
    return str(next(filter(None, words), entry.get("comment")) or "no answer")


def _request_body(request: Mapping[str, Any], headers: Headers) -> tuple[bytes, bool]:
    """The request's body, and whether the record lacks some of it; that of a GET means nothing (RFC 9110)."""
    data = request.get("postData")
    if not isinstance(data, Mapping):
        if str(request.get("method")).upper() in _WITHOUT_BODY:
            return b"", False
        return b"", seconds(request.get("bodySize")) > 0 or length(headers) > 0
    body = _body(data, headers, ("_encoding", "encoding"), "request.postData.text")
    if not body.content and isinstance(data.get("params"), list) and data["params"]:
        pairs = [(str(get(field, "name")), str(get(field, "value") or "")) for field in data["params"]]
        return urlencode(pairs).encode(), False
    return body.content, body.cut or _is_cut(data, body.content, seconds(request.get("bodySize")))


def _response_body(
    entry: Mapping[str, Any], request: Mapping[str, Any], code: int, headers: Headers
) -> RecordedBody:
    """The response's body. That of a 304 is the cache's, and no answer to HEAD has one."""
    if is_bodiless(str(request.get("method")), code):
        return RecordedBody(b"")
    data = get(entry, "response", "content")
    if not isinstance(data, Mapping):
        data = {}
    body = _body(data, headers, ("encoding",), "response.content.text")
    if not body.content and not body.cut:
        return body._replace(cut=_is_forgotten(data, get(entry, "response", "bodySize"), headers))
    return body._replace(cut=body.cut or _is_cut(data, body.content, seconds(data.get("size"))))


def _is_forgotten(data: Mapping[str, Any], sent: Any, headers: Headers) -> bool:
    """Whether an answer without a text had a body: recorders drop bodies, and few of them say so."""
    if max(seconds(data.get("size")), seconds(sent), length(headers)) > 0:
        return True
    if isinstance(data.get("text"), str) or data.get("size") == 0 or sent == 0:
        return False
    # Nobody knows whether there was one; only the server's own word for "empty" is taken for that.
    return all(name.lower() != "content-length" for name, _ in headers)


def _body(
    data: Mapping[str, Any], headers: Headers, encoding_keys: tuple[str, ...], what: str
) -> RecordedBody:
    encoding = next((str(data[key]) for key in encoding_keys if data.get(key)), "")
    text = content(data.get("text"), what)
    if encoding.lower() == "base64":
        body = labelled_base64(text, what)
        return body if body.cut else decompress(body.content, headers)
    if encoding and encoding.lower() not in ("utf-8", "utf8"):
        raise UnreadableEntry(f"{what} has the encoding {encoding!r}, which HAR 1.2 does not know")
    return decompress(unlabelled(text, headers), headers)


def _is_cut(data: Mapping[str, Any], body: bytes, size: float) -> bool:
    """Whether a body is shorter than its size. A browser drops bodies and leaves only the size as a trace;
    but a size may count other bytes than the text's, so a complete JSON value is whole."""
    if str(data.get("comment", "")).startswith("cut"):
        return True
    if len(body) >= size and LOST not in body:
        return False
    return not is_readable(body) or read_json(body) is ABSENT
