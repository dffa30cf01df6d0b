"""HTTP with limits: a request ends in time and size, whatever the server does."""

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
"""Seconds without a byte after which a request fails."""
MAX_BYTES: Final = 256 * 1024 * 1024
Clock = Callable[[], float]


class TransportResponse(NamedTuple):
    """A response. `status` is 0 where none came, for the reason `error`; `cut` says that the body goes on."""

    status: int
    headers: Headers
    body: bytes
    error: str = ""
    cut: bool = False


class Transport:
    """Sends requests that take `max_seconds` each at most, however slowly the bytes come.

    It follows redirects only if `follow`, and keeps no cookies.
    """

    def __init__(self, max_seconds: float, *, follow: bool = False, clock: Clock = time.monotonic) -> None:
        self._deadline = _Deadline(max_seconds, clock)
        transport = httpx.HTTPTransport(verify=_trusted(), trust_env=False)
        # httpx has no limit for a request as a whole, and no other place where one could be put.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), network_backend=_Backend(httpcore.SyncBackend(), self._deadline)
        )
        self._client = httpx.Client(
            transport=transport, timeout=TIMEOUT, trust_env=False, follow_redirects=follow
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> TransportResponse:
        """Send a request; the response. Raises nothing that a server can cause."""
        self._deadline.begin()
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content or None) as response:
                body, cut = _read_limited(response.iter_bytes())
                return TransportResponse(response.status_code, tuple(response.headers.items()), body, cut=cut)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as failure:
            return TransportResponse(0, (), b"", f"{type(failure).__name__}: {failure}"[:500])
        finally:
            self._client.cookies.clear()


class _Deadline:
    """When the current request has to be over."""

    def __init__(self, max_seconds: float, clock: Clock) -> None:
        self._max_seconds, self._clock = max_seconds, clock
        self._end = 0.0

    def begin(self) -> None:
        """Start the clock of a request."""
        self._end = self._clock() + self._max_seconds

    def remaining(self, timeout: float | None) -> float:
        """Seconds that one read or write may take. Raises httpcore.ReadTimeout where none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout(f"the answer was not complete after {self._max_seconds:g} s")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read."""
        return self._inner.read(max_bytes, self._deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        self._inner.write(buffer, self._deadline.remaining(timeout))

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
        remaining = self._deadline.remaining(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the inner connection says about itself."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections that end by the deadline."""

    def __init__(self, inner: httpcore.NetworkBackend, deadline: _Deadline) -> None:
        self._inner, self._until = inner, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        remaining = self._until.remaining(timeout)
        return _Stream(
            self._inner.connect_tcp(host, port, remaining, local_address, socket_options), self._until
        )


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted authorities, read once: reading them takes longer than a whole run on this machine."""
    return httpx.create_ssl_context()


def _read_limited(parts: Iterable[bytes]) -> tuple[bytes, bool]:
    chunks, size = [], 0
    for chunk in parts:
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            return b"".join(chunks)[:MAX_BYTES], True
    return b"".join(chunks), False
