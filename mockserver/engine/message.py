"""Requests and responses as plain records. Headers stay as the bytes of the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from mockserver.errors import StoreError
from mockserver.numerals import whole_number

if TYPE_CHECKING:
    from mockserver.contract.router import Match
    from mockserver.faults.seams import Reply

Header = tuple[bytes, bytes]
PROBLEM: Final[Header] = (b"content-type", b"application/problem+json")


class NoRoomForBody(Exception):
    """The bodies of all requests take as much memory as they may; the text says how much."""


class BodyToCome(Protocol):
    """A body that is taken when it is wanted: `take` and `skim` fill the request's `body` and `cut` in."""

    async def take(self) -> None:
        """Take the body. Raises NoRoomForBody."""

    def grow(self, size: int) -> None:
        """Count the bytes that the body grew by as its coding was undone. Raises NoRoomForBody."""

    async def left(self) -> None:
        """Return when the client has gone. The body must have been taken."""

    async def skim(self) -> None:
        """Take what the journal shows of a body that nobody wants, if it is small and comes at once."""


# Comparison and repr are left out, as nothing uses them and writing them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class Head:
    """What all requests with the same bytes before their bodies share; as in a Request.

    `length` is that of the body, `match` the route. `sender` and `packed` are what admission and journal have
    made of the headers. `is_plain` says that a submit with it may be one of `plain_submits`; `refused` is the
    last body that its contract refused, if it is short.
    """

    method: str
    path: str
    query: str
    headers: Sequence[Header]
    named: Mapping[bytes, bytes]
    base: str
    length: int
    match: Match
    sender: Any = None
    packed: bytes | None = None
    is_plain: bool = False
    refused: bytes = b""

    def request(self, body: bytes) -> Request:
        """A request with this head."""
        return Request(
            self.method, self.path, self.query, self.headers, body, self.base, head=self, _named=self.named
        )


@dataclass(slots=True, eq=False, repr=False)
class Request:
    """One HTTP request. `path` and `query` are undecoded, names in `headers` lower case.

    `base` is the server's address as the client knows it: `http://127.0.0.1:8787`. `cut` says
    that there is a body, which was not taken, as it is longer than the server takes or nobody wants it.
    `incoming` is the body that is still to come, None where there is none. `head` is where others share it.
    """

    method: str
    path: str
    query: str
    headers: Sequence[Header]
    body: bytes | bytearray
    base: str
    cut: bool = False
    incoming: BodyToCome | None = None
    head: Head | None = None
    _named: Mapping[bytes, bytes] | None = None

    @property
    def named(self) -> Mapping[bytes, bytes]:
        """The first header of each name."""
        if self._named is None:
            self._named = first_of_each(self.headers)
        return self._named

    @property
    def url(self) -> str:
        """The absolute URL."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.base}{self.path}{query}"

    def header(self, name: bytes) -> str:
        """The first header of that lower-case name, or an empty text."""
        return self.named.get(name, b"").decode("latin-1")

    @property
    def coding(self) -> str:
        """The Content-Encoding, of all headers of that name; an empty text without one."""
        if b"content-encoding" not in self.named:
            return ""
        named = [value for header, value in self.headers if header == b"content-encoding"]
        return b",".join(named).decode("latin-1")

    @property
    def declared_length(self) -> int:
        """The length of the body by its header; -1 where the request declares none."""
        length = whole_number(self.header(b"content-length"))
        return -1 if length is None else length

    def named_headers(self) -> dict[str, str]:
        """All headers by name."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}


def first_of_each(headers: Sequence[Header]) -> Mapping[bytes, bytes]:
    """The first header of each name."""
    return dict(reversed(headers))


@dataclass(slots=True, eq=False, repr=False)
class Response:
    """One HTTP response; `reply` is set where faults send it in another way.

    Where there is a `stream`, that is the body, and `body` only shows how it begins. Where there is a `file`,
    the path of a media link, it is sent in place of all else. Where there is a `repeat`, it is also the
    answer to the same request later, as long as that holds.
    """

    status: int
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    reply: Reply | None = None
    stream: AsyncIterator[bytes] | None = None
    file: str = ""
    repeat: object | None = None


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """A problem of our own (RFC 9457), not a provider's answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(status, [PROBLEM], orjson.dumps(body, default=str))


def no_room(error: NoRoomForBody | StoreError) -> Response:
    """The problem where a body or the store has no room: 503 with a Retry-After, 507."""
    if isinstance(error, StoreError):
        return problem(507, "The store failed", str(error))
    return unavailable("Too many bodies at once", str(error))


def unavailable(title: str, detail: str) -> Response:
    """The problem where a later try may work: 503 with a Retry-After."""
    response = problem(503, title, detail)
    response.headers.append((b"retry-after", b"1"))
    return response
