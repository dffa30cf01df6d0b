"""Who carries a request out and its answer back: with an end in time and size, whatever the server does."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import httpcore
import httpx

from mockserver.terms import Headers

TIMEOUT: Final = 60.0
"""Seconds without a byte after which an answer is given up."""
MOST_BYTES: Final = 256 * 1024 * 1024
Clock = Callable[[], float]


class TransportResponse(NamedTuple):
    """An answer: `status` is 0 where none came, `error` says why; `cut` that the body goes on."""

    status: int
    headers: Headers
    body: bytes
    error: str = ""
    cut: bool = False


class Transport:
    """Carries requests, `longest` seconds each at most, however slowly the bytes come.

    Redirects are followed only if `follow`; what a server bids to remember (cookies) is forgotten.
    """

    def __init__(self, longest: float, *, follow: bool = False, clock: Clock = time.monotonic) -> None:
        self._until = _Until(longest, clock)
        transport = httpx.HTTPTransport(verify=_trusted(), trust_env=False)
        # httpx has no limit for a request as a whole, and no other place where one could be put.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), network_backend=_Backend(httpcore.SyncBackend(), self._until)
        )
        self._client = httpx.Client(
            transport=transport, timeout=TIMEOUT, trust_env=False, follow_redirects=follow
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def carry(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> TransportResponse:
        """Send a request and take its answer. Raises nothing that a server can cause."""
        self._until.begin()
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content or None) as answer:
                body, cut = _bounded(answer.iter_bytes())
                return TransportResponse(answer.status_code, tuple(answer.headers.items()), body, cut=cut)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as failure:
            return TransportResponse(0, (), b"", f"{type(failure).__name__}: {failure}"[:500])
        finally:
            self._client.cookies.clear()


class _Until:
    """When the request of now has to be over."""

    def __init__(self, longest: float, clock: Clock) -> None:
        self._longest, self._clock = longest, clock
        self._end = 0.0

    def begin(self) -> None:
        """A request begins."""
        self._end = self._clock() + self._longest

    def within(self, timeout: float | None) -> float:
        """Seconds that one step may take. Raises httpcore.ReadTimeout where none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout(f"the answer was not whole after {self._longest:g} s")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends in time."""

    def __init__(self, inner: httpcore.NetworkStream, until: _Until) -> None:
        self._inner, self._until = inner, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read."""
        return self._inner.read(max_bytes, self._until.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        self._inner.write(buffer, self._until.within(timeout))

    def close(self) -> None:
        """Close."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        within = self._until.within(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, within), self._until)

    def get_extra_info(self, info: str) -> Any:
        """What the connection tells of itself."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens such connections."""

    def __init__(self, inner: httpcore.NetworkBackend, until: _Until) -> None:
        self._inner, self._until = inner, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        within = self._until.within(timeout)
        return _Stream(
            self._inner.connect_tcp(host, port, within, local_address, socket_options), self._until
        )


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities to trust: read once, because that takes longer than a whole run of a near endpoint."""
    return httpx.create_ssl_context()


def _bounded(parts: Iterable[bytes]) -> tuple[bytes, bool]:
    found, size = [], 0
    for part in parts:
        found.append(part)
        size += len(part)
        if size > MOST_BYTES:
            return b"".join(found)[:MOST_BYTES], True
    return b"".join(found), False
