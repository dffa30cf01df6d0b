"""An offer to change the protocol is ignored, and what comes with it is answered. All over real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from h11 import CLIENT, NEED_DATA, Connection, Data, EndOfMessage, Request, Response
from httptools import HttpParserUpgrade

from mockserver.settings import Settings
from mockserver.web.request_parser import Headers, RequestParser, without_offer
from tests.engine.test_lifecycle import GMI
from tests.serving import KEY, PATIENCE, Running, running_app

TOKEN = "secret-token"
SUBMIT = b'{"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a cat"}}'
OFFERS = (
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    ("Upgrade: h2c", "Connection: keep-alive, upgrade"),
    ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
    ("connection: upgrade", "upgrade: TLS/1.0"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_app(Settings(token=TOKEN)) as running:
        yield running


def request(method: str, path: str, *headers: str, key: str = KEY, body: bytes = b"") -> bytes:
    """The bytes of a request, as they go over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sized(body: bytes) -> tuple[tuple[str, ...], bytes]:
    """Headers and bytes of a body with a length."""
    return ("Content-Type: application/json", f"Content-Length: {len(body)}"), body


def chunked(body: bytes) -> tuple[tuple[str, ...], bytes]:
    """Headers and bytes of a body in chunks."""
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    return ("Content-Type: application/json", "Transfer-Encoding: chunked"), chunks + b"0\r\n\r\n"


def answers(server: Running, parts: Sequence[bytes], methods: Sequence[str]) -> list[tuple[int, bytes]]:
    """Statuses and bodies of the answers to requests that are sent in these parts over one connection."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            connected.sendall(part)
        return _read(connected, methods)


def _read(connected: socket.socket, methods: Sequence[str]) -> list[tuple[int, bytes]]:
    """Answers read by h11, which knows how long each is."""
    results = []
    reader = Connection(CLIENT)
    for method in methods:
        reader.send(Request(method=method, target="/", headers=[("Host", "127.0.0.1")]))
        reader.send(EndOfMessage())
        status, body = 0, b""
        while not isinstance(event := reader.next_event(), EndOfMessage):
            if event is NEED_DATA:
                reader.receive_data(connected.recv(65536))
            elif isinstance(event, Response):
                status = event.status_code
            elif isinstance(event, Data):
                body += event.data
        results.append((status, body))
        if len(results) < len(methods):
            reader.start_next_cycle()
    return results


@pytest.mark.parametrize("offer", OFFERS, ids=["h2c", "order", "websocket", "tls"])
@pytest.mark.parametrize("framing", [sized, chunked])
def test_a_submit_with_an_offer_keeps_its_body(
    server: Running, offer: tuple[str, ...], framing: object
) -> None:
    headers, body = sized(SUBMIT) if framing is sized else chunked(SUBMIT)
    [(status, answer)] = answers(server, [request("POST", GMI, *offer, *headers, body=body)], ["POST"])
    assert (status, json.loads(answer)["status"]) == (200, "queued")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_it_does_so_however_the_bytes_come(server: Running, size: int) -> None:
    headers, body = chunked(SUBMIT)
    data = request("POST", GMI, *OFFERS[0], *headers, body=body)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    [(status, _)] = answers(server, parts, ["POST"])
    assert status == 200


def test_more_requests_of_the_connection_are_answered_in_turn(server: Running) -> None:
    headers, body = sized(SUBMIT)
    submit = request("POST", GMI, *OFFERS[0], *headers, body=body)
    read = request("GET", GMI, *OFFERS[0])
    plain = request("GET", GMI)
    statuses = [
        status
        for status, _ in answers(server, [submit + read + plain + submit], ["POST", "GET", "GET", "POST"])
    ]
    assert statuses == [200, 200, 200, 200]


def test_the_control_plane_and_media_do_the_same(server: Running) -> None:
    headers, body = sized(b'{"mode": "frozen"}')
    freeze = request("PUT", "/__mock/clock", *OFFERS[0], *headers, key=TOKEN, body=body)
    [(status, answer)] = answers(server, [freeze], ["PUT"])
    assert (status, json.loads(answer)["mode"]) == (200, "frozen")
    [(status, _)] = answers(server, [request("GET", "/media/nothing.mp4", *OFFERS[0])], ["GET"])
    assert status == 404


def test_the_journal_shows_the_offer(server: Running) -> None:
    headers, body = sized(SUBMIT)
    offer = ("Connection: close, Upgrade", "Upgrade: h2c")
    [(status, _)] = answers(server, [request("POST", GMI, *offer, *headers, body=body)], ["POST"])
    assert status == 200
    [(_, journal)] = answers(server, [request("GET", "/__mock/journal", key=TOKEN)], ["GET"])
    assert b"h2c" in journal


def test_the_way_through_is_not_opened(server: Running) -> None:
    [(status, _)] = answers(server, [request("CONNECT", "127.0.0.1:1")], ["GET"])
    assert status == 400


@pytest.mark.parametrize(
    ("headers", "plain"),
    [
        ([(b"connection", b"Upgrade, close"), (b"upgrade", b"h2c")], [(b"connection", b"close")]),
        ([(b"connection", b"upgrade"), (b"upgrade", b"")], []),
        ([(b"upgrade", b"h2c"), (b"a", b"")], [(b"a", b"")]),
        ([(b"connection", b"HTTP2-Settings, keep-alive , x")], [(b"connection", b"keep-alive, x")]),
        ([(b"http2-settings", b"AAM"), (b"accept", b"upgrade")], [(b"accept", b"upgrade")]),
        ([(b"connection", b"")], []),
        ([], []),
    ],
)
def test_only_the_offer_is_left_out(headers: Headers, plain: Headers) -> None:
    assert without_offer(headers) == plain


class Parsed:
    """What a parser told of requests."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: Headers = []
        self.ends = 0

    def on_message_begin(self) -> None:
        """Begin anew."""
        self.headers = []

    def on_url(self, url: bytes) -> None:
        """Keep the target."""
        self.url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        """Count it."""
        self.ends += 1


# Methods that stand before and after CONNECT in the alphabet.
@pytest.mark.parametrize("method", [b"ACL", b"BIND", b"COPY", b"GET", b"OPTIONS", b"UNLOCK"])
def test_the_offer_of_any_method_is_ignored(method: bytes) -> None:
    parsed = Parsed()
    parser = RequestParser(parsed)
    parser.feed_data(method + b" /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX: y\r\n\r\n")

    assert parsed.url == b"/a"
    assert parsed.headers == [(b"connection", b"Upgrade"), (b"upgrade", b"h2c"), (b"x", b"y")]
    # The first reading, with the offer, and the one without.
    assert parsed.ends == 2


def test_a_way_through_is_told_of_as_the_parser_does() -> None:
    with pytest.raises(HttpParserUpgrade):
        RequestParser(Parsed()).feed_data(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
