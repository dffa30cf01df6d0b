"""Jobs that may owe callbacks, and attempts to deliver one, as the store has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from mockserver.jobs.reading import (
    MOST,
    TEXT,
    flag,
    items,
    members,
    moment,
    optional_text,
    text,
    texts,
    whole,
    wrong,
)
from mockserver.jobs.records import MOST_NAMES, MOST_SUBMITTED
from mockserver.stores.base import StoredDocument

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault

_WATCHED: Final = frozenset({"base", "faults", "outcomes"})
_CHOSEN: Final = frozenset({"fault", "settings"})
_DELIVERY: Final = frozenset({
    "id", "provider", "job", "number", "state", "attempt", "due", "at", "url", "body", "signature", "headers",
    "faults", "status", "error", "settled",
})  # fmt: skip
_DELIVERY_MORE: Final = frozenset({"replays"})
_HEADER_NAME: Final = re.compile(r"[a-z0-9-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[ -~]{0,20000}")
_NOTHING: Final[frozenset[str]] = frozenset()


class WatchedJob(NamedTuple):
    """A job that may owe callbacks: this server's address as its submitter knows it, the faults that change
    its callbacks, and of each attempt so far the moment and whether it settled its delivery.
    """

    base: str
    faults: Sequence[CallbackFault]
    outcomes: Mapping[str, tuple[int, bool]]


def read_watched(stored: StoredDocument) -> WatchedJob:
    """A job that may owe callbacks. Raises ValueError that begins with the place."""
    if not all(stored.name.partition("/")):
        raise ValueError(f"its name {stored.name[:60]!a} is not PROVIDER/JOB")
    record = members(stored.document, "", _WATCHED, _NOTHING)
    chosen = items(record["faults"], "faults", MOST_NAMES)
    outcomes = record["outcomes"]
    if not isinstance(outcomes, dict):
        raise wrong("outcomes", outcomes, "an object")
    return WatchedJob(
        text(record["base"], "base", TEXT),
        [_fault(fault, f"faults[{index}]") for index, fault in enumerate(chosen)],
        {key: _outcome(outcome, f"outcomes.{key[:60]}") for key, outcome in outcomes.items()},
    )


def _fault(value: Any, place: str) -> CallbackFault:
    # Imported here, as most callbacks meet no faults.
    from mockserver.faults.base import CallbackFault
    from mockserver.faults.rule import make_fault

    record = members(value, place, _CHOSEN, _NOTHING)
    settings = record["settings"]
    if not isinstance(settings, dict):
        raise wrong(f"{place}.settings", settings, "an object")
    try:
        fault = make_fault(text(record["fault"], "fault"), settings)
    except ValueError as error:
        raise ValueError(f"{place}.{error}") from None
    if not isinstance(fault, CallbackFault):
        raise ValueError(f"{place}.fault: {fault.name} does not act on callbacks")
    return fault


def _outcome(value: Any, place: str) -> tuple[int, bool]:
    at, settled = items(value, place, 2, least=2)
    return moment(at, f"{place}[0]"), flag(settled, f"{place}[1]")


def read_delivery(stored: StoredDocument) -> Mapping[str, Any]:
    """An attempt, as the delivery log has it. Raises ValueError that begins with the place."""
    record = members(stored.document, "", _DELIVERY, _DELIVERY_MORE)
    if text(record["id"], "id", TEXT, least=1) != stored.name:
        raise ValueError("id: it is not the name of the document")
    for name in ("provider", "job"):
        text(record[name], name)
    text(record["state"], "state", TEXT)
    text(record["url"], "url", MOST_SUBMITTED)
    for name in ("signature", "replays"):
        optional_text(record.get(name), name, TEXT)
    optional_text(record["error"], "error", MOST_SUBMITTED)
    for name in ("number", "attempt"):
        whole(record[name], name, 0, MOST)
    for name in ("due", "at"):
        moment(record[name], name)
    if record["status"] is not None:
        whole(record["status"], "status", 100, 599)
    flag(record["settled"], "settled")
    texts(record["faults"], "faults", MOST_NAMES)
    _check_headers(record["headers"])
    _check_body(text(record["body"], "body", MOST_SUBMITTED))
    return record


def _check_headers(headers: Any) -> None:
    if not isinstance(headers, dict):
        raise wrong("headers", headers, "an object")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"headers: {name[:60]!a} is not the name of a header")
        if not _HEADER_VALUE.fullmatch(text(value, f"headers.{name}", TEXT)):
            raise ValueError(f"headers.{name}: {value[:60]!a} cannot be sent")


def _check_body(body: str) -> None:
    try:
        orjson.loads(body)
    except ValueError as error:
        raise ValueError(f"body: {error}") from None
