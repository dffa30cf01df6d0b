"""schemathesis' NDJSON report: one event a line, exchanges in those that end a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from mockserver.errors import KitError
from mockserver.kit.trace.node import (
    Unreadable,
    address,
    content,
    each,
    get,
    listed,
    mapping,
    moment,
    seconds,
    status,
    text,
    unpacked,
)
from mockserver.kit.traffic.exchange import Exchange

_EVENT: Final = "ScenarioFinished"


def read(data: bytes, name: str) -> list[Exchange]:
    """The exchanges of a report by their time. Raises KitError.

    A last line without an end is that of a run that was killed, and left out.
    """
    found = each(_interactions(data, name), name, _interaction)
    found.sort(key=lambda one: one.at)
    return [one._replace(number=number) for number, one in enumerate(found, 1)]


def _interactions(data: bytes, name: str) -> Iterator[Any]:
    lines = data.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if number == len(lines) and not line.endswith(b"\n"):
                return
            raise KitError(f"{name}: line {number} is not JSON: {error.msg.split(':')[0]}") from None
        recorder = get(event, _EVENT, "recorder", "interactions")
        if isinstance(recorder, Mapping):
            yield from recorder.values()


def _interaction(number: int, entry: Any) -> Exchange:
    response = get(entry, "response")
    took = seconds(get(response, "elapsed"))
    return Exchange(
        number=number,
        at=moment(get(entry, "timestamp") or 0, "timestamp") - took,
        took=took,
        method=text(entry, "request", "method").upper(),
        url=address(entry, "request", "uri"),
        request_headers=listed(mapping(entry, "request").get("headers"), "request.headers"),
        request_body=_bytes(get(entry, "request", "body"), "request.body"),
        status=0 if response is None else status(entry, "response", "status_code"),
        response_headers=listed(get(response, "headers"), "response.headers"),
        response_body=_bytes(get(response, "content"), "response.content"),
        error="no answer" if response is None else "",
        cut=get(response, "content_size") is not None,
    )


def _bytes(value: Any, what: str) -> bytes:
    if not isinstance(value, Mapping):
        return content(value, what)
    if "$base64" not in value:
        raise Unreadable(f"{what} must have $base64")
    return unpacked(value["$base64"], what)
