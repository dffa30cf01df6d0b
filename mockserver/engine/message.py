"""Requests and responses as plain records. Headers stay as the bytes of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from mockserver.faults.seams import Reply

Header = tuple[bytes, bytes]
PROBLEM: Final[Header] = (b"content-type", b"application/problem+json")


# Comparison and repr are left out, as nothing uses them and writing them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class Request:
    """One HTTP request. `path` and `query` are undecoded, names in `headers` lower case.

    `base` is the server's address as the client knows it: `http://127.0.0.1:8787`. `cut` says
    that the body was longer than the server takes and is not here.
    """

    method: str
    path: str
    query: str
    headers: Sequence[Header]
    body: bytes
    base: str
    cut: bool = False

    @property
    def url(self) -> str:
        """The absolute URL."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.base}{self.path}{query}"

    def header(self, name: bytes) -> str:
        """The first header of that lower-case name, or an empty text."""
        for header, value in self.headers:
            if header == name:
                return value.decode("latin-1")
        return ""

    def named_headers(self) -> dict[str, str]:
        """All headers by name."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}


@dataclass(slots=True, eq=False, repr=False)
class Response:
    """One HTTP response with a whole body; `reply` is set where faults send it in another way."""

    status: int
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    reply: Reply | None = None


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """A problem of our own (RFC 9457), not a provider's answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(status, [PROBLEM], orjson.dumps(body, default=str))
