"""HTTP archives (HAR 1.2): a browser's, a proxy's, our own journal's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from mockserver.contract.pointer import ABSENT
from mockserver.kit.trace.node import (
    Unreadable,
    address,
    content,
    each,
    get,
    mapping,
    moment,
    named,
    seconds,
    sequence,
    status,
    text,
    unpacked,
    whole,
)
from mockserver.kit.traffic.exchange import Exchange, read_json
from mockserver.terms import Headers

_OURS: Final = "_mockserver"
_NO_CALL: Final = frozenset({"websocket", "preflight"})
"""Chromium's words for entries that no program asked for as a call."""


def read(document: Any, name: str) -> list[Exchange]:
    """The exchanges of an archive in its order. Raises KitError.

    Left out is what is no call to a server: WebSockets, preflights, pages of the browser's own, and what
    came from the browser's cache.
    """
    return each(sequence(document, "log", "entries"), name, _entry)


def _entry(number: int, entry: Any) -> Exchange | None:
    request = mapping(entry, "request")
    url = address(entry, "request", "url")
    asked = named(request.get("headers"), "request.headers")
    if not url.lower().startswith(("http://", "https://")) or _is_no_call(entry, asked):
        return None
    told = named(get(entry, "response", "headers"), "response.headers")
    sent, sent_cut = _sent(request, asked)
    answered, answered_cut = _answered(entry)
    code = status(entry, "response", "status") if get(entry, "response") is not None else 0
    tenant = get(entry, _OURS, "tenant")
    return Exchange(
        number=whole(get(entry, _OURS, "number"), number),
        at=moment(text(entry, "startedDateTime"), "startedDateTime"),
        took=_took(entry),
        method=text(entry, "request", "method").upper(),
        url=url,
        request_headers=asked,
        request_body=sent,
        status=code,
        response_headers=told,
        response_body=answered,
        caller=str(tenant)[:12] if tenant else None,
        error="" if code else _error(entry),
        cut=sent_cut or answered_cut,
    )


def is_complete(document: Any) -> bool:
    """Whether the archive never leaves a header out, as our own and schemathesis' do not."""
    creator = str(get(document, "log", "creator", "name") or "").lower()
    return creator in ("mockserver", "schemathesis")


def _is_no_call(entry: Mapping[str, Any], asked: Headers) -> bool:
    if str(entry.get("_resourceType", "")).lower() in _NO_CALL or "_webSocketMessages" in entry:
        return True
    if entry.get("_fromCache") or get(entry, "response", "_fromCache"):
        return True
    names = [name.lower() for name, _ in asked]
    return get(entry, "request", "method") == "OPTIONS" and "access-control-request-method" in names


def _took(entry: Mapping[str, Any]) -> float:
    """Seconds; the parts are summed up where the whole is not given."""
    whole = seconds(entry.get("time"))
    if not whole and isinstance(entry.get("timings"), Mapping):
        parts = ("blocked", "dns", "connect", "send", "wait", "receive")
        whole = sum(seconds(get(entry, "timings", part)) for part in parts)
    return whole / 1000


def _error(entry: Mapping[str, Any]) -> str:
    """Why there is no answer: in Chromium's words, in Firefox's, or in ours."""
    said = get(entry, "response", "_error") or get(entry, "response", "statusText") or entry.get("comment")
    return str(said or "no answer")


def _sent(request: Mapping[str, Any], headers: Headers) -> tuple[bytes, bool]:
    """The request's body, and whether the record lacks some of it."""
    data = request.get("postData")
    if not isinstance(data, Mapping):
        return b"", seconds(request.get("bodySize")) > 0 or _length(headers) > 0
    body = _body(data, ("_encoding", "encoding"), "request.postData.text")
    if not body and isinstance(data.get("params"), list) and data["params"]:
        pairs = [(str(get(one, "name")), str(get(one, "value") or "")) for one in data["params"]]
        return urlencode(pairs).encode(), False
    return body, _is_cut(data, body, seconds(request.get("bodySize")))


def _answered(entry: Mapping[str, Any]) -> tuple[bytes, bool]:
    data = get(entry, "response", "content")
    if not isinstance(data, Mapping):
        return b"", False
    body = _body(data, ("encoding",), "response.content.text")
    return body, _is_cut(data, body, seconds(data.get("size")))


def _body(data: Mapping[str, Any], words: tuple[str, ...], what: str) -> bytes:
    encoding = next((str(data[word]) for word in words if data.get(word)), "")
    if encoding.lower() == "base64":
        return unpacked(data.get("text"), what)
    if encoding and encoding.lower() not in ("utf-8", "utf8"):
        raise Unreadable(f"{what} has the encoding {encoding!r}, which HAR 1.2 does not know")
    return content(data.get("text"), what)


def _is_cut(data: Mapping[str, Any], body: bytes, size: float) -> bool:
    """A browser forgets bodies and says so only by their size; but a JSON value that ends is whole."""
    if str(data.get("comment", "")).startswith("cut"):
        return True
    return len(body) < size and read_json(body) is ABSENT


def _length(headers: Headers) -> int:
    text = next((value for name, value in headers if name.lower() == "content-length"), "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0
