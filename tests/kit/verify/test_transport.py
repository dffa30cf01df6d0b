"""An answer ends, whatever the server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from mockserver.kit.verify import transport
from mockserver.kit.verify.transport import Transport, sent_url

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
