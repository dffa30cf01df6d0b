"""An exchange: one request and its answer, whoever recorded it."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

import orjson

from mockserver.contract.pointer import ABSENT
from mockserver.terms import Headers

REDACTED: Final = "[redacted]"
"""Stands in a record for a credential."""
NOT_FOLLOWED: Final = "not followed: "
"""Begins the `error` of a link that was not followed, because of where it leads."""


class LeftOut(NamedTuple):
    """Why a record has only the head of a response's body; `size` bytes of it were read, and digested."""

    reason: str
    size: int
    digest: str


class Exchange(NamedTuple):
    """One request and its answer; with `callback` the server sent the request and the client answered.

    `number` counts from 1 in the order of sending; `at` is Unix seconds and `took` seconds by the
    recorder's clock. `url` is absolute. `caller` is a digest of the key: empty if no key was sent, None
    if the record does not show it. `status` is 0 if no answer came, and `error` says why. `cut` says that
    the record lacks the end of a body, `left_out` that we left it out, `request_cut` that it is (also) the
    request's. `numbered` says that the recorder gave the number, and its clocks may have been moved.
    `headerless` says that the record has no answer's headers, so that nothing follows from what lacks.
    """

    number: int
    at: float
    took: float
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int
    response_headers: Headers
    response_body: bytes
    caller: str | None = None
    error: str = ""
    cut: bool = False
    callback: bool = False
    left_out: LeftOut | None = None
    request_cut: bool = False
    numbered: bool = False
    headerless: bool = False

    @property
    def order(self) -> tuple[float, int]:
        """What sorts the exchanges of a record: the time, but the number where the recorder gave it."""
        return (0.0 if self.numbered else self.at), self.number

    @property
    def path(self) -> str:
        """The undecoded path."""
        return split_url(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; if a name stands twice, the last value."""
        return dict(parse_qsl(split_url(self.url).query, keep_blank_values=True))

    def request_header(self, header: str) -> str | None:
        """A request header's value."""
        return header_value(self.request_headers, header)

    def response_header(self, header: str) -> str | None:
        """A response header's value."""
        return header_value(self.response_headers, header)


def header_value(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of the first header of that name, in any case; None without one."""
    lower = name.lower()
    return next((value for key, value in headers if key.lower() == lower), None)


def split_url(url: str) -> SplitResult:
    """The parts of a URL; all of them are empty if it is malformed."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def retry_after(exchange: Exchange, now: float) -> float | None:
    """Seconds that an answer asks to wait from `now` (Unix seconds) on, as a number or a date (RFC 9110).

    None if it has no Retry-After, or an unreadable one.
    """
    value = exchange.response_header("retry-after")
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def digest(key: str | None) -> str:
    """A key's SHA-256 in 12 hexadecimal digits, which tells keys apart and shows none; empty for no key."""
    if not key:
        return ""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def read_json(body: bytes) -> Any:
    """The JSON value of a body, or ABSENT if it is not JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return ABSENT
