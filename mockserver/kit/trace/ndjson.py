"""schemathesis' NDJSON report: one event a line; the events that end a scenario hold exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import orjson

from mockserver.kit.trace.node import (
    UnreadableEntry,
    address,
    check_size,
    content,
    from_base64,
    get,
    header_mapping,
    mapping,
    moment,
    read_entries,
    response_status,
    seconds,
    text,
)
from mockserver.kit.traffic.body_limits import BodyBudget
from mockserver.kit.traffic.exchange import Exchange

_EVENT: Final = "ScenarioFinished"


def read(
    data: bytes, name: str, budget: BodyBudget | None = None, unread: list[str] | None = None
) -> list[Exchange]:
    """The exchanges of a report by their time. Raises KitError; `unread` as for `read_entries`.

    An incomplete last line is left out: the run was killed. Any other that is no JSON counts as an entry
    that cannot be read.
    """
    exchanges = read_entries(_interactions(data, name), name, _interaction, budget, unread)
    exchanges.sort(key=lambda exchange: exchange.at)
    return [exchange._replace(number=number) for number, exchange in enumerate(exchanges, 1)]


def _interactions(data: bytes, name: str) -> Iterator[Any]:
    for number, line in enumerate(BytesIO(data), 1):
        if not line.strip():
            continue
        check_size(line, f"{name}: line {number}")
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if line.endswith(b"\n"):
                yield UnreadableEntry(f"line {number} is not JSON: {error.msg.split(':')[0]}")
            continue
        recorder = get(event, _EVENT, "recorder", "interactions")
        if isinstance(recorder, Mapping):
            yield from recorder.values()


def _interaction(number: int, entry: Any) -> Exchange:
    if isinstance(entry, UnreadableEntry):
        raise entry
    response = get(entry, "response")
    took = seconds(get(response, "elapsed"))
    return Exchange(
        number=number,
        at=moment(get(entry, "timestamp") or 0, "timestamp") - took,
        took=took,
        method=text(entry, "request", "method").upper(),
        url=address(entry, "request", "uri"),
        request_headers=header_mapping(mapping(entry, "request").get("headers"), "request.headers"),
        request_body=_bytes(get(entry, "request", "body"), "request.body"),
        status=response_status(entry, "status_code"),
        response_headers=header_mapping(get(response, "headers"), "response.headers"),
        response_body=_bytes(get(response, "content"), "response.content"),
        error="no answer" if response is None else "",
        cut=get(response, "content_size") is not None,
    )


def _bytes(value: Any, what: str) -> bytes:
    if not isinstance(value, Mapping):
        return content(value, what)
    if "$base64" not in value:
        raise UnreadableEntry(f"{what} must have $base64")
    return from_base64(value["$base64"], what)
