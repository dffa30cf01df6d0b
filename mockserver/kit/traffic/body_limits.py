"""How large a body may be to be judged, and how much all bodies of a run may take together.

Whoever answers chooses how large a body is, and JSON takes up to thirty times its length once it is read. So
a body is looked at before it is read, and of one that is too large the head, length and digest are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from mockserver.kit.traffic.exchange import Exchange, LeftOut
from mockserver.numerals import plural

MAX_JSON: Final = 8 * 1024 * 1024
"""Bytes of an answer in JSON. The longest honest ones are full lists of jobs, with 1 MiB."""
MAX_REQUEST: Final = 64 * 1024 * 1024
"""Bytes of a request in JSON: requests carry pictures, and our own server takes no more by default."""
MAX_FILE: Final = 128 * 1024 * 1024
"""Bytes of a clip or thumbnail: ten seconds in 4K at 100 Mbit/s."""
MAX_VALUES: Final = 100_000
"""JSON values of one body: a full list has some 5,000, and each may become a finding of several checks."""
MAX_DEPTH: Final = 100
"""Levels of lists and objects in each other: no contract has more than ten."""
MAX_KEPT: Final = 256 * 1024 * 1024
"""Bytes that all bodies of a run take, as read: a quarter of the 1 GiB that a run may take."""
LONG: Final = 1024 * 1024
"""Bytes of a request whose body is not kept where it was refused."""
HEAD: Final = 1024
"""Bytes that are kept of a body that is too large."""
_VALUE: Final = 100
"""Bytes that a JSON value takes when it is read, with its share of the object around it."""


def limited(exchange: Exchange, *, json: bool) -> Exchange:
    """The exchange, with the heads alone of bodies that are too large to be judged.

    `json` says that the answer should be JSON; otherwise it may be a file.
    """
    if not exchange.left_out:
        reason = _too_large(exchange.response_body, json=json)
        if reason:
            exchange = with_head(exchange, reason)._replace(
                request_body=exchange.request_body, request_cut=exchange.request_cut
            )
    if is_readable(exchange.request_body, MAX_REQUEST):
        return exchange
    return exchange._replace(request_body=exchange.request_body[:HEAD], cut=True, request_cut=True)


def with_head(exchange: Exchange, reason: str) -> Exchange:
    """The exchange with the heads of its bodies, the length and digest of the answer, the reason."""
    body = exchange.response_body
    left_out = exchange.left_out or LeftOut(reason, len(body), sha256(body).hexdigest())
    request_body = exchange.request_body[:HEAD]
    return exchange._replace(
        request_body=request_body,
        response_body=body[:HEAD],
        cut=True,
        left_out=left_out,
        request_cut=exchange.request_cut or len(exchange.request_body) > HEAD,
    )


def is_readable(body: bytes, most: int = MAX_JSON) -> bool:
    """Whether a body can be read as JSON without taking too much memory."""
    return len(body) <= most and not _has_many_values(body)


def is_deep(body: bytes, value: Any) -> bool:
    """Whether lists and objects of a JSON value stand in each other more than MAX_DEPTH times."""
    if values(body) <= MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [part for parent in level for part in _parts(parent)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    """The lists and objects in a list or an object."""
    members: Iterable[Any] = ()
    if isinstance(value, dict):
        members = value.values()
    elif isinstance(value, list):
        members = value
    return (member for member in members if isinstance(member, dict | list))


@lru_cache(maxsize=2)
def values(body: bytes) -> int:
    """About how many JSON values a body has, at least as many as there are; text in it may add some.

    Remembered of the last two, as a request and its answer are looked at several times.
    """
    return body.count(b",") + body.count(b"[") + body.count(b"{") + 1


def _has_many_values(body: bytes) -> bool:
    return len(body) >= MAX_VALUES and values(body) > MAX_VALUES


def weight(exchange: Exchange) -> int:
    """Bytes that an exchange takes with what is read in it, not less than they are by far."""
    size = len(exchange.url)
    for headers in (exchange.request_headers, exchange.response_headers):
        size += sum(len(name) + len(value) + _VALUE for name, value in headers)
    for body in (exchange.request_body, exchange.response_body):
        size += len(body)
        if body[:1] in (b"{", b"["):
            size += _VALUE * values(body)
    return size


class BodyBudget:
    """What all bodies that a run keeps may take: `most` bytes."""

    def __init__(self, most: int = MAX_KEPT) -> None:
        self.most = most
        self._taken = 0

    def take(self, size: int) -> bool:
        """Take so many bytes out of the budget; whether they were still there."""
        if self._taken + size > self.most:
            return False
        self._taken += size
        return True

    @property
    def reason(self) -> str:
        """Why a body is not kept."""
        return f"the bodies kept by this run already take {self.most // 1024**2} MiB"


def within_budget(exchange: Exchange, budget: BodyBudget) -> Exchange:
    """The exchange as a run keeps it: with the head of its answer where the budget does not suffice."""
    return exchange if budget.take(weight(exchange)) else with_head(exchange, budget.reason)


def _too_large(body: bytes, *, json: bool) -> str:
    """Why a body cannot be judged; empty if it can."""
    most = MAX_JSON if json else MAX_FILE
    if len(body) > most:
        return f"the body was too large ({plural(len(body), 'byte')})"
    if json and _has_many_values(body):
        return f"the body was too large ({plural(len(body), 'byte')}, more than {MAX_VALUES} JSON values)"
    return ""
