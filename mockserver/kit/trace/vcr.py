"""Cassettes of schemathesis, Ruby's VCR and betamax (one format), and of vcrpy; YAML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.kit.trace.body import LOST, decompress, is_bodiless, length
from mockserver.kit.trace.node import (
    UnreadableEntry,
    address,
    checked_url,
    content,
    from_base64,
    get,
    header_mapping,
    mapping,
    moment,
    read_entries,
    response_status,
    seconds,
    sequence,
    text,
)
from mockserver.kit.traffic.body_limits import BodyBudget
from mockserver.kit.traffic.exchange import Exchange


def read(
    document: Any, name: str, budget: BodyBudget | None = None, unread: list[str] | None = None
) -> list[Exchange]:
    """The exchanges of a cassette in its order. Raises KitError; `unread` as for `read_entries`.

    vcrpy records no times: the answer's Date stands in, and an exchange without one counts as sent right
    after its predecessor.
    """
    if "http_interactions" in document:
        return read_entries(sequence(document, "http_interactions"), name, _interaction, budget, unread)
    exchanges = read_entries(sequence(document, "interactions"), name, _undated, budget, unread)
    at = 0.0
    for index, exchange in enumerate(exchanges):
        at = max(at, exchange.at)
        exchanges[index] = exchange._replace(at=at)
    return exchanges


def is_complete(document: Any) -> bool:
    """Whether the cassette never leaves a header out: schemathesis writes `[Filtered]`."""
    return str(get(document, "recorded_with") or "").startswith("Schemathesis")


def is_bare(document: Any) -> bool:
    """Whether a document is the list of interactions alone, as vcrpy wrote it before version 1."""
    if not isinstance(document, list) or not document:
        return False
    requests = [get(entry, "request") for entry in document]
    return all(isinstance(request, Mapping) and request.keys() & {"uri", "host"} for request in requests)


def _status(entry: Any) -> int:
    """The status, which vcrpy writes as an object, and for httpx once wrote as a number."""
    for path in (("status_code",), ("status", "code")):
        if get(entry, "response", *path) is not None:
            return response_status(entry, *path)
    if isinstance(get(entry, "response", "status"), int | str):
        return response_status(entry, "status")
    return response_status(entry, "status", "code")


def _uri(request: Mapping[str, Any]) -> str:
    """The address, which vcrpy wrote in parts before version 1; empty if it is whole."""
    if request.get("uri") is None and request.get("host"):
        port = f":{request['port']}" if request.get("port") else ""
        url = f"{request.get('protocol') or 'https'}://{request['host']}{port}{request.get('path') or '/'}"
        return checked_url(url, "request.host")
    return ""


def _response_body(response: Any) -> Any:
    """What stands for the body: vcrpy's elder form for httpx calls it content."""
    body = get(response, "body")
    return get(response, "content") if body is None else body


def _interaction(number: int, entry: Any) -> Exchange:
    """An interaction is recorded at its answer; `elapsed` leads back to the request."""
    took = seconds(get(entry, "response", "elapsed"))
    answered_at = moment(get(entry, "recorded_at") or 0, "recorded_at")
    return _exchange(number, entry, answered_at - took, took)


def _undated(number: int, entry: Any) -> Exchange:
    exchange = _exchange(number, entry, 0.0, 0.0)
    try:
        return exchange._replace(at=moment(exchange.response_header("date"), "response.headers.date"))
    except UnreadableEntry:  # none, or one that was scrubbed, as vcrpy's users do to what changes
        return exchange


def _exchange(number: int, entry: Any, at: float, took: float) -> Exchange:
    request, response = mapping(entry, "request"), get(entry, "response")
    request_body, request_cut = _body(request.get("body"), "request.body")
    response_headers = header_mapping(get(response, "headers"), "response.headers")
    packed, response_cut = _body(_response_body(response), "response.body")
    method, code = text(entry, "request", "method"), _status(entry)
    body = decompress(packed, response_headers)
    if not packed and length(response_headers) and not is_bodiless(method, code):
        response_cut = True
    cut = request_cut or response_cut or body.cut or get(response, "truncated_from") is not None
    return Exchange(
        number=number,
        at=at,
        took=took,
        method=method.upper(),
        url=_uri(request) or address(entry, "request", "uri"),
        request_headers=header_mapping(request.get("headers"), "request.headers"),
        request_body=request_body,
        status=code,
        response_headers=response_headers,
        response_body=body.content,
        error="no answer" if response is None else "",
        cut=cut,
        left_out=body.left_out,
    )


def _body(body: Any, what: str) -> tuple[bytes, bool]:
    """A body, and whether the record lacks bytes that could not be written as text."""
    if not isinstance(body, dict):
        written = content(body, what)
        return written, LOST in written
    if body.get("base64_string") is not None:
        return from_base64(body["base64_string"], f"{what}.base64_string"), False
    if "string" not in body and body:
        if body.keys() - {"encoding"}:
            raise UnreadableEntry(f"{what} has neither string nor base64_string")
        return b"", False
    written = content(body.get("string"), f"{what}.string")
    return written, LOST in written
