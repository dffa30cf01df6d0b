"""Cassettes: schemathesis' (as Ruby's VCR and betamax write them), and those of vcrpy; YAML or JSON."""

from __future__ import annotations

from typing import Any, Final

from mockserver.kit.trace.node import (
    Unreadable,
    address,
    content,
    each,
    get,
    inflated,
    listed,
    mapping,
    moment,
    seconds,
    sequence,
    status,
    text,
    unpacked,
)
from mockserver.kit.traffic.exchange import Exchange

_LOST: Final = "�".encode()
"""What schemathesis writes for bytes that are no text."""


def read(document: Any, name: str) -> list[Exchange]:
    """The exchanges of a cassette in its order. Raises KitError.

    vcrpy notes no times: there the answer's Date counts, and what has none came right after its
    predecessor.
    """
    if "http_interactions" in document:
        return each(sequence(document, "http_interactions"), name, _interaction)
    found = each(sequence(document, "interactions"), name, _undated)
    at = 0.0
    for index, exchange in enumerate(found):
        at = max(at, exchange.at)
        found[index] = exchange._replace(at=at)
    return found


def is_complete(document: Any) -> bool:
    """Whether the cassette never leaves a header out: schemathesis writes `[Filtered]`."""
    return str(get(document, "recorded_with") or "").startswith("Schemathesis")


def _interaction(number: int, entry: Any) -> Exchange:
    """Its time is that of the answer, from which `elapsed` leads back to the request's."""
    took = seconds(get(entry, "response", "elapsed"))
    ended = moment(get(entry, "recorded_at") or 0, "recorded_at")
    return _exchange(number, entry, ended - took, took)


def _undated(number: int, entry: Any) -> Exchange:
    found = _exchange(number, entry, 0.0, 0.0)
    date = found.response_header("date")
    return found if date is None else found._replace(at=moment(date, "response.headers.date"))


def _exchange(number: int, entry: Any, at: float, took: float) -> Exchange:
    request, response = mapping(entry, "request"), get(entry, "response")
    sent, sent_cut = _body(request.get("body"), "request.body")
    told = listed(get(response, "headers"), "response.headers")
    answered, answered_cut = _body(get(response, "body"), "response.body")
    answered, packed = inflated(answered, told)
    return Exchange(
        number=number,
        at=at,
        took=took,
        method=text(entry, "request", "method").upper(),
        url=address(entry, "request", "uri"),
        request_headers=listed(request.get("headers"), "request.headers"),
        request_body=sent,
        status=0 if response is None else status(entry, "response", "status", "code"),
        response_headers=told,
        response_body=answered,
        error="no answer" if response is None else "",
        cut=sent_cut or answered_cut or packed or get(response, "truncated_from") is not None,
    )


def _body(body: Any, what: str) -> tuple[bytes, bool]:
    """A body, and whether the record lacks what could not be written as text."""
    if not isinstance(body, dict):
        found = content(body, what)
        return found, _LOST in found
    if body.get("base64_string") is not None:
        return unpacked(body["base64_string"], f"{what}.base64_string"), False
    if "string" not in body and body:
        if body.keys() - {"encoding"}:
            raise Unreadable(f"{what} has neither string nor base64_string")
        return b"", False
    found = content(body.get("string"), f"{what}.string")
    return found, _LOST in found
