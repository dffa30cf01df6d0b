"""An answer ends, whatever the server does."""

from __future__ import annotations

import gzip
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import SimpleNamespace
from typing import Any

import httpcore
import httpx
import pytest

from mockserver.contract.pointer import ABSENT
from mockserver.kit.traffic.exchange import REDACTED
from mockserver.kit.verify import transport
from mockserver.kit.verify.transport import (
    Transport,
    TransportResponse,
    _Backend,
    _Deadline,
    json_content,
    sent_headers,
    sent_url,
)

pytestmark = pytest.mark.quick


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """A server that says `start`, and then a byte at a time for ever."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            try:
                visitor, _ = door.accept()
                with visitor:
                    visitor.sendall(start)
                    while True:
                        visitor.sendall(b"a")
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: "]
)
def test_bytes_that_never_end_are_given_up(start: bytes) -> None:
    ticks = count()
    courier = Transport(8.0, clock=lambda: float(next(ticks)))
    try:
        with dripping(start) as url:
            brought = courier.send("GET", url, {}, b"")
    finally:
        courier.close()
    assert (brought.status, brought.error) == (0, "ReadTimeout: the answer was not complete after 8 s")


@pytest.mark.parametrize(
    "link", ["http://[x", "http://h:abc/", "file:///etc/passwd", "/a.mp4", "http://h/\x00", "//"]
)
def test_what_is_no_link_is_an_answer_that_never_came(link: str) -> None:
    courier = Transport(8.0)
    brought = courier.send("GET", link, {}, b"")
    courier.close()
    assert brought.status == 0
    assert brought.error


@contextmanager
def counted() -> Iterator[tuple[str, list[int]]]:
    """A server that keeps its connections, and how many requests came on each."""
    requests: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            try:
                while True:
                    visitor, _ = door.accept()
                    requests.append(0)
                    threading.Thread(target=answer, args=(visitor, len(requests) - 1), daemon=True).start()
            except OSError:
                return

        def answer(visitor: socket.socket, number: int) -> None:
            with visitor:
                while visitor.recv(65536):
                    requests[number] += 1
                    visitor.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/", requests


@pytest.mark.parametrize(("idle", "expected"), [(60.0, [3]), (0.0, [1, 1, 1])])
def test_a_connection_that_has_rested_is_not_used_again(
    idle: float, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_IDLE", idle)
    courier = Transport(8.0)
    try:
        with counted() as (url, requests):
            assert [courier.send("GET", url, {}, b"").status for _ in range(3)] == [204] * 3
            assert requests == expected
    finally:
        courier.close()


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://a.example/\u00e4 b?c=\u00e4", "http://a.example/%C3%A4%20b?c=%C3%A4"),
        ("HTTP://A.example", "http://a.example"),
        ("http://[::", "http://[::"),
    ],
)
def test_an_address_has_the_spelling_in_which_it_is_asked_for(url: str, sent: str) -> None:
    assert sent_url(url) == sent


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.mark.parametrize(
    ("most", "seconds", "passed", "timeout", "left"),
    [
        (8, math.inf, 0, None, 8),
        (8, 3, 0, None, 3),
        (8, 30, 0, None, 8),
        (8, 3, 2.5, None, 0.5),
        (8, 3, 1, 1.5, 1.5),
        (8, 3, 2, 1.5, 1),
        (8, 3, 3, None, None),
        (8, 0, 0, None, None),
        (8, -5, 0, None, None),
        (8, 3, 9, 1.5, None),
    ],
)
def test_every_step_of_a_request_ends_by_its_deadline(
    most: float, seconds: float, passed: float, timeout: float | None, left: float | None
) -> None:
    clock = Clock()
    deadline = _Deadline(most, clock)
    deadline.begin(seconds)
    clock.now += passed
    if left is not None:
        assert deadline.remaining(timeout) == left
        return
    allowed = f"{min(most, max(seconds, 0)):g}"
    with pytest.raises(httpcore.ReadTimeout, match=f"^the answer was not complete after {allowed} s$"):
        deadline.remaining(timeout)


def test_a_head_has_a_bound_and_a_body_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_HEAD", 10)
    deadline = _Deadline(8.0, Clock())
    deadline.note(11)
    deadline.begin_head()
    deadline.note(4)
    deadline.note(6)
    with pytest.raises(httpcore.RemoteProtocolError, match="more than 10 bytes"):
        deadline.note(1)
    deadline.begin_head()
    deadline.note(10)
    deadline.end_head()
    deadline.note(99)


class Wire:
    """A network on which some addresses cannot be reached."""

    def __init__(self, *dead: str, failure: type[Exception] = httpcore.ConnectError) -> None:
        self.dead, self.failure = dead, failure
        self.tried: list[tuple[str, int, float | None]] = []

    def connect_tcp(self, host: str, port: int, timeout: float | None, *_: Any) -> Any:
        """Note the address, and fail for a dead one."""
        self.tried.append((host, port, timeout))
        if host in self.dead:
            raise self.failure(host)
        return httpcore.MockStream([b"of ", host.encode()])


def _backend(wire: Any, *addresses: str) -> _Backend:
    deadline = _Deadline(8.0, Clock())
    deadline.begin(8.0)
    links: Any = SimpleNamespace(addresses=lambda host, port: list(addresses)) if addresses else None
    return _Backend(wire, deadline, links)


@pytest.mark.parametrize(
    ("addresses", "dead", "tried"),
    [
        ((), (), ["h"]),
        (("a", "b", "c"), (), ["a"]),
        (("a", "b", "c"), ("a",), ["a", "b"]),
        (("a", "b", "c"), ("a", "b"), ["a", "b", "c"]),
    ],
)
@pytest.mark.parametrize("failure", [httpcore.ConnectError, httpcore.ConnectTimeout])
def test_of_the_addresses_of_a_host_the_first_that_can_be_reached_is_taken(
    addresses: tuple[str, ...], dead: tuple[str, ...], tried: list[str], failure: type[Exception]
) -> None:
    wire = Wire(*dead, failure=failure)
    stream = _backend(wire, *addresses).connect_tcp("h", 81, timeout=5.0)
    assert wire.tried == [(address, 81, 5.0) for address in tried]
    assert [stream.read(99), stream.read(99)] == [b"of ", tried[-1].encode()]


def test_where_no_address_can_be_reached_the_last_one_says_why() -> None:
    wire = Wire("a", "b")
    with pytest.raises(httpcore.ConnectError, match=r"^b$"):
        _backend(wire, "a", "b").connect_tcp("h", 81)
    assert wire.tried == [("a", 81, 8.0), ("b", 81, 8.0)]


@contextmanager
def leading(hops: int) -> Iterator[tuple[str, list[str]]]:
    """A server that sends whoever asks on so many times, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            at = len(asked)
            self.send_response(302 if at <= hops else 200)
            self.send_header("location", f"/{at}")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("hops", "followed", "status", "error", "asked"),
    [
        (1, False, 302, "", 1),
        (2, True, 200, "", 3),
        (3, True, 200, "", 4),
        (4, True, 0, "TooManyRedirects: more than 3 redirects", 4),
    ],
)
def test_redirects_are_followed_with_a_policy_and_to_an_end(
    hops: int, followed: bool, status: int, error: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_REDIRECTS", 3)
    policy: Any = SimpleNamespace(addresses=lambda host, _: [host])
    courier = Transport(8.0, links=policy if followed else None)
    with leading(hops) as (url, requests):
        brought = courier.send("GET", url, {}, b"")
    courier.close()
    assert (brought.status, brought.error, len(requests)) == (status, error, asked)
    assert brought.body == (b"ok" if status else b"")


def _response(body: bytes, coding: str | None = None) -> httpx.Response:
    headers = {} if coding is None else {"content-encoding": coding}
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))


@pytest.mark.parametrize(
    ("coding", "sent", "body", "reason"),
    [
        (None, b"12345678", b"12345678", ""),
        (None, b"123456789", b"1234", "the body was too large (more than 8 bytes)"),
        ("identity", b"12345678", b"12345678", ""),
        (" GZIP ", gzip.compress(b"12345678"), b"12345678", ""),
        ("gzip", gzip.compress(b"123456789"), b"1234", "the body was too large (more than 8 bytes)"),
        ("x-own", b"123456", b"1234", "the body has the content coding 'x-own', which was not asked for"),
        ("x-own", b"", b"", ""),
    ],
)
def test_a_body_that_cannot_be_judged_leaves_its_head_and_the_reason(
    coding: str | None, sent: bytes, body: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "HEAD", 4)
    brought = transport._read(_response(sent, coding), 8)
    left = brought.left_out
    assert (brought.status, brought.body, left.reason if left else "") == (200, body, reason)


def test_a_body_that_is_not_of_its_coding_is_an_answer_that_never_came() -> None:
    with pytest.raises(httpx.DecodingError, match="the body is not"):
        transport._read(_response(b"12345678", "gzip"), 8)


def test_keys_are_taken_out_of_every_part_of_a_response() -> None:
    whole = TransportResponse(200, (("x", "a key-1 b"), ("y", "key-2")), b"key-1key-2", "at key-2")
    assert whole.without(["key-1", "key-2"]) == TransportResponse(
        200, (("x", f"a {REDACTED} b"), ("y", REDACTED)), (REDACTED * 2).encode(), f"at {REDACTED}"
    )
    assert whole.without([]) == whole


@pytest.mark.parametrize(
    ("body", "content"),
    [({"a": None}, b'{"a":null}'), (b"{", b"{"), (None, b"null"), ("", b'""')],
)
def test_a_value_is_sent_as_json_and_bytes_as_they_are(body: Any, content: bytes) -> None:
    assert json_content(body) == (content, {"content-type": "application/json"})
    assert json_content(ABSENT) == (b"", {})


def test_the_transport_names_the_content_codings_itself() -> None:
    assert sent_headers({"Accept-Encoding": "br", "X-a": "1", "accept": "*/*"}) == (
        ("X-a", "1"),
        ("accept", "*/*"),
    )
