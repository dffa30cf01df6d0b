"""HTTP with limits: a request ends in time and size, whatever the server does.

A compressed body is inflated here, up to the limit: httpx inflates a whole piece at once, and pieces of
pieces, so that a few kilobytes could become gigabytes.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import httpcore
import httpx
import orjson

from mockserver.contract.pointer import ABSENT
from mockserver.inflate import NotOfThatCoding, inflate, is_known
from mockserver.kit.traffic.body_limits import HEAD, MAX_FILE
from mockserver.kit.traffic.exchange import REDACTED, LeftOut
from mockserver.kit.verify.link_policy import ForbiddenLink, LinkPolicy
from mockserver.numerals import plural
from mockserver.terms import Headers

TIMEOUT: Final = 60.0
"""Seconds without a byte after which a request fails."""
MAX_HEAD: Final = 1024 * 1024
"""Bytes before a response's body, interim responses (1xx) included: a thousand times what servers send."""
_IDLE: Final = 2.0
"""Seconds after which a connection is not used again: many servers close one that rests for 5, and a request
that meets this would look like one without an answer."""
MAX_REDIRECTS: Final = 10
"""Redirects of one file that are followed: object stores need one or two."""
_ACCEPTED: Final = "gzip, deflate"
Clock = Callable[[], float]


class TransportResponse(NamedTuple):
    """A response. `status` is 0 where none came, for the reason `error`.

    Of a body that is too large, or that cannot be read, the head is here and `left_out` says why.
    """

    status: int
    headers: Headers
    body: bytes
    error: str = ""
    left_out: LeftOut | None = None

    def without(self, keys: Sequence[str]) -> TransportResponse:
        """The response without these keys, which some servers repeat."""
        headers, body, error = self.headers, self.body, self.error
        for key in keys:
            headers = tuple((name, value.replace(key, REDACTED)) for name, value in headers)
            body, error = body.replace(key.encode(), REDACTED.encode()), error.replace(key, REDACTED)
        return self._replace(headers=headers, body=body, error=error)


class Transport:
    """Sends requests that take `max_seconds` each at most, however slowly the bytes come.

    A body may have `max_bytes`, inflated. It follows redirects only with a policy of `links`, and connects
    only where that lets it. It keeps no cookies.
    """

    def __init__(
        self,
        max_seconds: float,
        *,
        max_bytes: int = MAX_FILE,
        links: LinkPolicy | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._max_bytes, self._follow = max_bytes, links is not None
        self._deadline = _Deadline(max_seconds, clock)
        transport = httpx.HTTPTransport(verify=_trusted(), trust_env=False)
        # httpx has no limit for a request as a whole, and no other place where one could be put.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            network_backend=_Backend(httpcore.SyncBackend(), self._deadline, links),
            keepalive_expiry=_IDLE,
        )
        self._client = httpx.Client(transport=transport, timeout=TIMEOUT, trust_env=False)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        seconds: float = math.inf,
    ) -> TransportResponse:
        """Send a request, which may take `seconds` if that is less; the response.

        Raises nothing that a server can cause.
        """
        self._deadline.begin(seconds)
        sent = {**dict(sent_headers(headers)), "accept-encoding": _ACCEPTED}
        try:
            return self._send(self._client.build_request(method, url, headers=sent, content=content or None))
        except ForbiddenLink as forbidden:
            return TransportResponse(0, (), b"", str(forbidden)[:500])
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as failure:
            return TransportResponse(0, (), b"", f"{type(failure).__name__}: {failure}"[:500])
        finally:
            self._client.cookies.clear()

    def _send(self, request: httpx.Request) -> TransportResponse:
        """The response to a request, or to the last one that redirects lead to."""
        for _ in range(MAX_REDIRECTS + 1):
            self._deadline.begin_head()
            response = self._client.send(request, stream=True)
            try:
                self._deadline.end_head()
                following = response.next_request if self._follow else None
                if following is None:
                    return _read(response, self._max_bytes)
                request = following
            finally:
                # The body of a redirect is left unread, however long it is.
                response.close()
        raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects", request=request)


class _Deadline:
    """When the current request has to be over, and how much may come before its body."""

    def __init__(self, max_seconds: float, clock: Clock) -> None:
        self._max_seconds, self._clock = max_seconds, clock
        self._seconds = max_seconds
        self._end = 0.0
        self._head: int | None = None

    def begin(self, seconds: float) -> None:
        """Start the clock of a request."""
        self._seconds = min(self._max_seconds, max(seconds, 0.0))
        self._end = self._clock() + self._seconds

    def begin_head(self) -> None:
        """Count the bytes that come before a body."""
        self._head = 0

    def end_head(self) -> None:
        """Count no longer."""
        self._head = None

    def note(self, size: int) -> None:
        """Take note of bytes that came. Raises httpcore.RemoteProtocolError if the head is too long."""
        if self._head is None:
            return
        self._head += size
        if self._head > MAX_HEAD:
            raise httpcore.RemoteProtocolError(f"the answer's head has more than {MAX_HEAD} bytes")

    def remaining(self, timeout: float | None) -> float:
        """Seconds that one read or write may take. Raises httpcore.ReadTimeout where none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout(f"the answer was not complete after {self._seconds:g} s")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read."""
        part = self._inner.read(max_bytes, self._deadline.remaining(timeout))
        self._deadline.note(len(part))
        return part

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
    """Opens connections that end by the deadline, and lead where `links` lets them."""

    def __init__(self, inner: httpcore.NetworkBackend, deadline: _Deadline, links: LinkPolicy | None) -> None:
        self._inner, self._until, self._links = inner, deadline, links

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, with a policy to an address that it has checked."""
        addresses = [host] if self._links is None else self._links.addresses(host, port)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(address, port, timeout, local_address, socket_options)
        return self._connect(addresses[-1], port, timeout, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        remaining = self._until.remaining(timeout)
        stream = self._inner.connect_tcp(address, port, remaining, local_address, socket_options)
        return _Stream(stream, self._until)


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted authorities, read once: reading them takes longer than a whole run on this machine."""
    return httpx.create_ssl_context()


def _read(response: httpx.Response, max_bytes: int) -> TransportResponse:
    """The response with its body, inflated; with the body's head where that cannot be judged."""
    status, headers = response.status_code, tuple(response.headers.items())
    coding = response.headers.get("content-encoding", "").strip().lower().replace("identity", "")
    known = is_known(coding)
    try:
        body, more, _ = inflate(response.iter_raw(), coding if known else "", max_bytes)
    except NotOfThatCoding as error:
        raise httpx.DecodingError(f"the body is not {error}") from None
    reason = ""
    if more:
        reason = f"the body was too large (more than {plural(max_bytes, 'byte')})"
    elif not known and body:
        reason = f"the body has the content coding {coding[:40]!r}, which was not asked for"
    if not reason:
        return TransportResponse(status, headers, body)
    left_out = LeftOut(reason, len(body), sha256(body).hexdigest())
    return TransportResponse(status, headers, body[:HEAD], left_out=left_out)


def sent_url(url: str) -> str:
    """The URL in the spelling in which a transport asks for it."""
    try:
        return str(httpx.URL(url))
    except httpx.InvalidURL:
        return url


def sent_headers(headers: Mapping[str, str]) -> Headers:
    """The headers that a transport sends as they are given: it names the content codings itself."""
    return tuple((name, value) for name, value in headers.items() if name.lower() != "accept-encoding")


def json_content(body: Any) -> tuple[bytes, dict[str, str]]:
    """The bytes of a JSON value, or bytes as they are, and the header about them; nothing for ABSENT."""
    if body is ABSENT:
        return b"", {}
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return content, {"content-type": "application/json"}
